import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { auditConcourse } from "../../../support/audit-concourse.ts";
import { filesOf, SHOP, SIGNED_SHOP, textOf } from "../../../support/pipeline-settings.ts";

interface PlanStep {
  readonly get?: string;
  readonly passed?: readonly string[];
  readonly trigger?: boolean;
  readonly task?: string;
  readonly privileged?: boolean;
  readonly config?: { readonly params?: Readonly<Record<string, string>>; readonly run: { readonly args: string[] } };
}

interface ConcourseJob {
  readonly name: string;
  readonly plan: readonly PlanStep[];
}

const jobsOf = (text: string): ConcourseJob[] => parse(text).jobs;
const onGitHub = { yaml: SHOP.replace("images: {", "images: { source: https://github.com/acme/shop,") };

const concourse = suite("the file of Concourse");

concourse("is one file", () => {
  assert.equal(
    filesOf("concourse").map(({ path }) => path),
    ["ci/concourse/pipeline.yml"],
  );
});

concourse("checks, publishes and deploys the first ring, and waits for a person at the next one", () => {
  assert.equal(
    jobsOf(textOf("concourse")).map(({ name, plan }) => [name, plan[0], plan.slice(1).map(({ task }) => task)]),
    [
      ["test", { get: "source", trigger: true }, ["test"]],
      ["deploy-canary", { get: "source", passed: ["test"], trigger: true }, ["publish", "deploy-canary"]],
      ["deploy-production", { get: "source", passed: ["deploy-canary"] }, ["deploy-production"]],
    ],
  );
});

concourse("hands the release from task to task, and takes what is live in the ring before in later jobs", () => {
  const tasks = jobsOf(textOf("concourse", "{ engine: embedded, command: ./slipway }")).flatMap(({ plan }) =>
    plan.flatMap(({ task, config }) => (task === undefined ? [] : [[task, config?.run.args[1]]])),
  );
  assert.equal(tasks, [
    [
      "test",
      `cd source
[ -n "$SLIPWAY_STORE" ] || export SLIPWAY_STORE="$PWD.slipway"
./slipway call --progress=logs reports --again -o reports
cp -R reports/. ../reports
sh reports/verdict.sh
`,
    ],
    [
      "publish",
      `cd source
[ -n "$SLIPWAY_STORE" ] || export SLIPWAY_STORE="$PWD.slipway"
./slipway call --progress=logs release --username "$REGISTRY_USERNAME" --password env:REGISTRY_PASSWORD -o release.json
cp release.json ../release
`,
    ],
    [
      "deploy-canary",
      `cd source
[ -n "$SLIPWAY_STORE" ] || export SLIPWAY_STORE="$PWD.slipway"
cp ../release/* .
./slipway call --progress=logs --kubeconfig env:RING_KUBECONFIG deploy --ring canary --release release.json
`,
    ],
    [
      "deploy-production",
      `cd source
[ -n "$SLIPWAY_STORE" ] || export SLIPWAY_STORE="$PWD.slipway"
printf '%s' "$SLIPWAY_APPROVALS" >.slipway-approvals
./slipway call --progress=logs --kubeconfig env:RING_KUBECONFIG promote --from canary --to production --approvals .slipway-approvals
`,
    ],
  ]);
});

concourse("gives each task the variables that it uses alone", () => {
  const given = jobsOf(textOf("concourse", "{ engine: embedded }")).flatMap(({ plan }) =>
    plan.flatMap(({ task, config }) => (task === undefined ? [] : [[task, config?.params]])),
  );
  assert.equal(given, [
    ["test", undefined],
    ["publish", { REGISTRY_USERNAME: "((registry-username))", REGISTRY_PASSWORD: "((registry-password))" }],
    ["deploy-canary", { RING_KUBECONFIG: "((canary-kubeconfig))" }],
    [
      "deploy-production",
      { RING_KUBECONFIG: "((production-kubeconfig))", SLIPWAY_APPROVALS: "((production-approvals))" },
    ],
  ]);
});

concourse("gives the key that signs to the task that publishes, where a ring takes only what is signed", () => {
  const text = textOf("concourse", "{ engine: embedded, command: ./slipway }", { yaml: SIGNED_SHOP });
  const publish = jobsOf(text)[1]?.plan[1]?.config;
  assert.equal(publish?.params, {
    REGISTRY_USERNAME: "((registry-username))",
    REGISTRY_PASSWORD: "((registry-password))",
    SIGNING_KEY: "((signing-key))",
  });
  assert.match(publish?.run.args[1] ?? "", "call --progress=logs --signing-key env:SIGNING_KEY release --username");
  assert.equal(auditConcourse(text), []);
  assert.equal(auditConcourse(text.replace("((canary-kubeconfig))", "((signing-key))")), [
    "deploy-canary: deploy-canary reads signing-key",
  ]);
});

concourse("checks pull requests where the source is on GitHub, and never those of forks", () => {
  const text = textOf("concourse", "{}", onGitHub);
  assert.is(jobsOf(text)[0]?.name, "test-pull-request");
  assert.equal(parse(text).resources[1].source, {
    repository: "acme/shop",
    access_token: "((github-token))",
    disable_forks: true,
  });
  assert.is(textOf("concourse").includes("pull-request"), false);
});

concourse("asks for the rights of root for the embedded engine alone", () => {
  const rights = (provider: string) =>
    jobsOf(textOf("concourse", provider)).flatMap(({ plan }) => plan.slice(1).map(({ privileged }) => privileged));
  assert.equal(new Set(rights("{ engine: embedded }")), new Set([true]));
  assert.equal(new Set(rights("{}")), new Set([undefined]));
});

concourse("waits for a person at a first ring that asks for signatures", () => {
  const yaml = SHOP.replace("bakeSeconds: 120", "approvals: { quorum: 1 }");
  const job = jobsOf(textOf("concourse", "{}", { yaml })).find(({ name }) => name === "deploy-canary");
  assert.equal(job?.plan[0], { get: "source", passed: ["test"] });
});

for (const variant of ["{}", "{ engine: embedded }", "{ engine: [dagger, embedded] }", "{ deliver: false }"]) {
  concourse(`has nothing wrong with ${variant}`, () => {
    assert.equal(auditConcourse(textOf("concourse", variant)), []);
    assert.equal(auditConcourse(textOf("concourse", variant, onGitHub)), []);
  });
}

/** Faults that somebody could make in the file, each with what is said of it. */
const faults: Readonly<Record<string, readonly [plant: (text: string) => string, told: readonly string[]]>> = {
  "a secret of another name": [
    (text) => text.replace("((canary-kubeconfig))", "((canary-kubconfig))"),
    ["deploy-canary: deploy-canary reads canary-kubconfig"],
  ],
  "the secret of another ring": [
    (text) => text.replace("((canary-kubeconfig))", "((production-kubeconfig))"),
    ["deploy-canary: deploy-canary reads production-kubeconfig"],
  ],
  "a secret under another variable": [
    (text) => text.replace("REGISTRY_PASSWORD: ", "REGISTRY_PASWORD: "),
    ["deploy-canary: REGISTRY_PASWORD is given and not used"],
  ],
  "a job that waits for one that there is not": [
    (text) => text.replace("passed: [test]", "passed: [tests]"),
    ["deploy-canary: passed tests"],
  ],
  "a job that waits for nothing": [
    (text) => text.replace("        passed: [test]\n", ""),
    ["deploy-canary: waits for nothing"],
  ],
  "an image of no version": [
    (text) => text.replace("tag: 24-bookworm", "tag: latest"),
    ["test-pull-request: an image of no version"],
  ],
  "forks on a worker": [
    (text) => text.replace("disable_forks: true", "disable_forks: false"),
    ["forks have a worker to themselves"],
  ],
  "the name of a branch in a script": [
    (text) => text.replace("=logs reports", "=logs reports ((.:branch))"),
    ["test-pull-request: pasted into a script"],
  ],
  "the name of a tag in a script": [
    (text) => text.replace("=logs reports", "=logs reports ((.:tag))"),
    ["test-pull-request: pasted into a script"],
  ],
  "the title of a pull request in a script": [
    (text) => text.replace("=logs reports", "=logs reports ((.:title))"),
    ["test-pull-request: pasted into a script"],
  ],
  "a secret in a script": [
    (text) => text.replace("env:RING_KUBECONFIG deploy", "env:RING_KUBECONFIG --token ((token)) deploy"),
    ["deploy-canary: pasted into a script"],
  ],
  "a ring that asks nobody": [
    (text) => text.replace("passed: [deploy-canary]\n", "passed: [deploy-canary]\n        trigger: true\n"),
    ["deploy-production: asks nobody"],
  ],
  "two deploys at once": [(text) => text.replace("    serial: true\n", ""), ["deploy-canary: two of them run at once"]],
  "an input that nothing makes": [
    (text) =>
      text.replace("            - name: release\n          params", "            - name: releas\n          params"),
    ["deploy-canary: no release"],
  ],
  "a misspelt key": [
    (text) => text.replace("        timeout: 42m", "        timeuot: 42m"),
    ["deploy-canary: unknown key timeuot", "deploy-canary: no time limit"],
  ],
  "a misspelt key of a task": [
    (text) => text.replace("          params:", "          parms:"),
    ["test-pull-request: unknown key parms of test"],
  ],
  "a time limit that is none": [
    (text) => text.replace("        timeout: 42m", "        timeout: soon"),
    ["deploy-canary: no time limit: soon"],
  ],
  "a resource of another name": [
    (text) =>
      text.replace(
        "      - get: source\n        passed: [deploy-canary]",
        "      - get: sauce\n        passed: [deploy-canary]",
      ),
    ["deploy-production: no resource sauce", "deploy-production: no source"],
  ],
};

for (const [fault, [plant, told]] of Object.entries(faults)) {
  concourse(`is found to have ${fault}`, () => {
    const good = textOf("concourse", "{}", onGitHub);
    assert.is.not(plant(good), good, "the fault was not planted");
    assert.equal(auditConcourse(plant(good)), told);
  });
}

concourse.run();
