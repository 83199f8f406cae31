import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { auditCircleci } from "../../../support/audit-circleci.ts";
import { filesOf, SHOP, SIGNED_SHOP, textOf } from "../../../support/pipeline-settings.ts";
import { refusalOf } from "../config/found.ts";

interface Step {
  readonly run?: { readonly name?: string; readonly command: string; readonly no_output_timeout?: string };
}

const jobsOf = (text: string): Record<string, { readonly machine: unknown; readonly steps: readonly Step[] }> =>
  parse(text).jobs;
const commandsOf = (text: string, job: string): string[] =>
  jobsOf(text)[job]?.steps.flatMap(({ run }) => run?.command ?? []) ?? [];

const circleci = suite("the file of CircleCI");

circleci("is one file", () => {
  assert.equal(
    filesOf("circleci").map(({ path }) => path),
    [".circleci/config.yml"],
  );
});

circleci("checks, publishes, deploys the first ring, and the next one when a person lets it", () => {
  const filters = { branches: { only: ["main"] } };
  assert.equal(parse(textOf("circleci")).workflows.slipway.jobs, [
    "test",
    { publish: { requires: ["test"], context: ["slipway-publish"], filters } },
    {
      "deploy-canary": {
        requires: ["publish"],
        context: ["slipway-canary"],
        "serial-group": "slipway-shop-canary",
        filters,
      },
    },
    { "allow-production": { type: "approval", requires: ["deploy-canary"], filters } },
    {
      "deploy-production": {
        requires: ["allow-production"],
        context: ["slipway-production"],
        "serial-group": "slipway-shop-production",
        filters,
      },
    },
  ]);
});

circleci("calls what a person would call, as root for the embedded engine, and hands the release on", () => {
  const text = textOf("circleci", "{ engine: embedded, command: ./slipway }");
  assert.equal(commandsOf(text, "test"), [
    `sudo --preserve-env=CI env "PATH=$PATH" timeout -k 60 1800 ./slipway call --progress=logs reports --again -o reports
sh reports/verdict.sh
`,
  ]);
  assert.equal(commandsOf(text, "deploy-production"), [
    `printf '%s' "$SLIPWAY_APPROVALS" >.slipway-approvals
sudo --preserve-env=CI,RING_KUBECONFIG env "PATH=$PATH" timeout -k 60 2700 ./slipway call --progress=logs --kubeconfig env:RING_KUBECONFIG deploy --ring production --release release.json --approvals .slipway-approvals
`,
  ]);
});

circleci("runs on a machine of CircleCI, of the class that is named, or on a runner of one's own", () => {
  const machine = (provider: string) => {
    const { steps: _, ...rest } = jobsOf(textOf("circleci", provider))["test"] ?? { steps: [] };
    return rest;
  };
  const image = "ubuntu-2404:2024.11.1";
  assert.equal(machine("{}"), { machine: { image } });
  assert.equal(machine("{ runner: large }"), { machine: { image }, resource_class: "large" });
  assert.equal(machine("{ runner: acme/linux }"), { machine: true, resource_class: "acme/linux" });
});

circleci("is refused two classes for one machine", () => {
  const app = { "package.json": '{ "name": "shop", "scripts": { "test": "x" } }' };
  assert.match(
    refusalOf(app, "providers: { circleci: { runner: [large, fast] } }"),
    "providers.circleci.runner: is one resource class there, such as large, or acme/linux of your own",
  );
});

circleci("waits for a person at a first ring that asks for signatures", () => {
  const yaml = SHOP.replace("bakeSeconds: 120", "approvals: { quorum: 1 }");
  const jobs = parse(textOf("circleci", "{}", { yaml })).workflows.slipway.jobs;
  assert.equal(jobs.map((one: object) => Object.keys(one)[0]).slice(2), [
    "allow-canary",
    "deploy-canary",
    "allow-production",
    "deploy-production",
  ]);
});

for (const variant of ["{}", "{ engine: embedded }", "{ engine: [dagger, embedded] }", "{ deliver: false }"]) {
  circleci(`has nothing wrong with ${variant}`, () => {
    assert.equal(auditCircleci(textOf("circleci", variant)), []);
    assert.equal(auditCircleci(textOf("circleci", variant, { yaml: SIGNED_SHOP })), []);
  });
}

/** Faults that somebody could make in the file, each with what is said of it. */
const faults: Readonly<Record<string, readonly [plant: (text: string) => string, told: readonly string[]]>> = {
  "a secret of another name": [
    (text) => text.replaceAll("REGISTRY_PASSWORD", "REGISTRY_PASWORD"),
    ["publish: has not REGISTRY_PASSWORD", "publish: REGISTRY_PASWORD is REGISTRY_PASWORD"],
  ],
  "a secret that sudo drops": [
    (text) => text.replace("--preserve-env=CI,RING_KUBECONFIG", "--preserve-env=CI"),
    ["deploy-canary: a secret is not kept by sudo"],
  ],
  "a secret in the checks": [
    (text) => text.replace("=logs reports", "=logs --kubeconfig env:RING_KUBECONFIG reports"),
    ["test: RING_KUBECONFIG is RING_KUBECONFIG", "test: a secret is not kept by sudo"],
  ],
  "the context of another ring": [
    (text) => text.replace("context: [slipway-canary]", "context: [slipway-production]"),
    ["deploy-canary: has the secrets of slipway-production"],
  ],
  "a context for the checks": [
    (text) => text.replace("      - test\n", "      - test:\n          context: [slipway-canary]\n"),
    ["test: has the secrets of slipway-canary"],
  ],
  "a job that waits for one that there is not": [
    (text) => text.replace("requires: [test]", "requires: [tests]"),
    ["publish: waits for tests"],
  ],
  "a job that waits for nothing": [
    (text) => text.replace("          requires: [test]\n", ""),
    ["publish: waits for nothing"],
  ],
  "a delivery of every branch": [
    (text) => text.replace(/ {10}filters:\n {12}branches:\n {14}only: \[main\]\n/, ""),
    ["publish: runs for every branch"],
  ],
  "an approval that is none": [
    (text) => text.replace("type: approval", "type: aproval"),
    ["allow-production: no type aproval", "deploy-production: asks nobody", "allow-production: there is no such job"],
  ],
  "a ring that asks nobody": [
    (text) => text.replace("requires: [allow-production]", "requires: [deploy-canary]"),
    ["deploy-production: asks nobody"],
  ],
  "two deploys at once": [
    (text) => text.replace("          serial-group: slipway-shop-canary\n", ""),
    ["deploy-canary: two of them run at once"],
  ],
  "no release": [
    (text) => text.replace('      - attach_workspace:\n          at: "."\n', ""),
    ["deploy-canary: has no release"],
  ],
  "an orb": [(text) => `${text}orbs:\n  node: circleci/node@5\n`, ["uses what somebody else may change"]],
  "an image of no version": [
    (text) => text.replace("ubuntu-2404:2024.11.1", "ubuntu-2404:current"),
    ["test: an image of no version"],
  ],
  "the name of a tag in a script": [
    (text) => text.replace("=logs reports", '=logs reports "$CIRCLE_TAG"'),
    ["test: pasted into a script: what a stranger has written"],
  ],
  "the title of a pull request in a script": [
    (text) => text.replace("=logs reports", "=logs reports << pipeline.event.github.pull_request.title >>"),
    ["test: pasted into a script: what a stranger has written"],
  ],
  "the name of a branch in a script": [
    (text) => text.replace("=logs reports", "=logs reports $CIRCLE_BRANCH"),
    ["test: pasted into a script: what a stranger has written"],
  ],
  "the name of a branch by CircleCI's own hand": [
    (text) => text.replace("=logs reports", "=logs reports << pipeline.git.branch >>"),
    ["test: pasted into a script: what a stranger has written"],
  ],
  "no time limit": [(text) => text.replace("timeout -k 60 3600 ", ""), ["publish: no time limit"]],
  "an end when a bake says nothing": [
    (text) => text.replace("          no_output_timeout: 42m\n", ""),
    ["deploy-canary: ends when nothing is said"],
  ],
};

for (const [fault, [plant, told]] of Object.entries(faults)) {
  circleci(`is found to have ${fault}`, () => {
    const good = textOf("circleci", "{ engine: embedded }");
    assert.is.not(plant(good), good, "the fault was not planted");
    assert.equal(auditCircleci(plant(good)), told);
  });
}

circleci.run();
