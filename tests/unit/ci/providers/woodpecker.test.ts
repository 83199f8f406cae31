import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { auditWoodpecker, type DroneStep } from "../../../support/audit-drone.ts";
import { filesOf, SHOP, SIGNED_SHOP } from "../../../support/pipeline-settings.ts";

interface Workflow {
  readonly when: readonly object[];
  readonly depends_on?: readonly string[];
  readonly labels?: object;
  readonly services?: readonly DroneStep[];
  readonly steps: readonly DroneStep[];
}

const mapOf = (...asked: Parameters<typeof filesOf>): Map<string, string> =>
  new Map(filesOf(...asked).map(({ path, text }) => [path, text]));

const read = (...asked: Parameters<typeof filesOf>): Workflow[] =>
  [...mapOf(...asked).values()].map((text) => parse(text));

const woodpecker = suite("the files of Woodpecker");

woodpecker("are a file for each event, of names that stay the same", () => {
  assert.equal(
    [...mapOf("woodpecker", "{ engine: [dagger, embedded] }").keys()],
    [
      ".woodpecker/test-dagger.yaml",
      ".woodpecker/test-embedded.yaml",
      ".woodpecker/deliver.yaml",
      ".woodpecker/promote.yaml",
    ],
  );
  assert.equal([...mapOf("woodpecker", "{ deliver: false }").keys()], [".woodpecker/test.yaml"]);
});

woodpecker("check, publish and deploy the first ring, and the next one when a person deploys to it", () => {
  assert.equal(
    read("woodpecker").map(({ when, depends_on, steps }) => [when, depends_on, steps.map(({ name }) => name)]),
    [
      [[{ event: "pull_request" }, { event: "push", ref: "refs/heads/main" }], undefined, ["test"]],
      [[{ event: "push", ref: "refs/heads/main" }], ["test"], ["publish", "deploy-canary"]],
      [
        [{ event: "deployment", ref: "refs/heads/main", evaluate: 'CI_PIPELINE_DEPLOY_TARGET == "production"' }],
        undefined,
        ["deploy-production"],
      ],
    ],
  );
});

woodpecker("deploy to the ring alone that a person has named", () => {
  const yaml = `${SHOP}  europe: { after: production }\n`;
  const [promote] = read("woodpecker", "{}", { yaml }).slice(-1);
  assert.equal(promote?.when, [
    {
      event: "deployment",
      ref: "refs/heads/main",
      evaluate: 'CI_PIPELINE_DEPLOY_TARGET == "production" || CI_PIPELINE_DEPLOY_TARGET == "europe"',
    },
  ]);
  assert.equal(
    promote?.steps.map((step) => ("when" in step ? step.when : undefined)),
    [
      [{ evaluate: 'CI_PIPELINE_DEPLOY_TARGET == "production"' }],
      [{ evaluate: 'CI_PIPELINE_DEPLOY_TARGET == "europe"' }],
    ],
  );
});

woodpecker("hand the release from step to step, and take what is live in the ring before in later files", () => {
  const steps = read("woodpecker", "{ engine: embedded, command: ./slipway }").flatMap((workflow) => workflow.steps);
  assert.equal(
    steps.map(({ commands = [] }) => commands.at(-1)),
    [
      "sh reports/verdict.sh",
      'timeout -k 60 3600 ./slipway call --progress=logs release --username "$REGISTRY_USERNAME" --password env:REGISTRY_PASSWORD -o release.json',
      "timeout -k 60 2520 ./slipway call --progress=logs --kubeconfig env:RING_KUBECONFIG deploy --ring canary --release release.json",
      "timeout -k 60 2700 ./slipway call --progress=logs --kubeconfig env:RING_KUBECONFIG promote --from canary --to production --approvals .slipway-approvals",
    ],
  );
});

woodpecker("run on agents with all of these labels", () => {
  assert.equal(read("woodpecker", "{ runner: [big, linux] }")[0]?.labels, { big: "true", linux: "true" });
});

woodpecker("publish only when a person deploys, where the first ring asks for signatures", () => {
  const yaml = SHOP.replace("bakeSeconds: 120", "approvals: { quorum: 1 }");
  const deliver = read("woodpecker", "{}", { yaml })[1];
  assert.equal(
    [deliver?.when, deliver?.depends_on],
    [[{ event: "deployment", ref: "refs/heads/main", evaluate: 'CI_PIPELINE_DEPLOY_TARGET == "canary"' }], undefined],
  );
});

for (const variant of ["{}", "{ engine: embedded }", "{ engine: [dagger, embedded] }", "{ deliver: false }"]) {
  woodpecker(`have nothing wrong with ${variant}`, () => {
    assert.equal(auditWoodpecker(mapOf("woodpecker", variant)), []);
    assert.equal(auditWoodpecker(mapOf("woodpecker", variant, { yaml: SIGNED_SHOP })), []);
  });
}

/** Faults that somebody could make in the files, each with what is said of it. */
const faults: Readonly<Record<string, readonly [plant: (text: string) => string, told: readonly string[]]>> = {
  "a secret of another name": [
    (text) => text.replace("from_secret: canary_kubeconfig", "from_secret: canary_kubconfig"),
    ["deploy-canary: RING_KUBECONFIG is canary_kubconfig"],
  ],
  "the secret of another ring": [
    (text) => text.replace("from_secret: production_kubeconfig", "from_secret: canary_kubeconfig"),
    ["deploy-production: RING_KUBECONFIG is canary_kubeconfig"],
  ],
  "a step without its secret": [
    (text) => text.replace("      RING_KUBECONFIG:\n        from_secret: canary_kubeconfig\n", ""),
    ["deploy-canary: has not RING_KUBECONFIG", "deploy-canary: uses RING_KUBECONFIG, which it has not"],
  ],
  "a workflow that waits for one that there is not": [
    (text) => text.replace("depends_on: [test]", "depends_on: [tests]"),
    ["deliver: waits for tests"],
  ],
  "a workflow that waits for nothing": [
    (text) => text.replace("depends_on: [test]\n", ""),
    ["deliver: waits for nothing"],
  ],
  "a delivery of pull requests": [
    (text) => text.replace("when:\n  - event: push\n    ref", "when:\n  - event: pull_request\n    ref"),
    ["deliver: runs for pull requests"],
  ],
  "a delivery of every branch": [
    (text) => text.replace("when:\n  - event: push\n    ref: refs/heads/main\n", "when:\n  - event: push\n"),
    ["deliver: runs for every branch"],
  ],
  "a clone without history": [
    (text) => text.replace("partial: false", "partial: true"),
    ["deliver: not all of the history"],
  ],
  "a program that clones of no version": [
    (text) => text.replace("plugin-git:2.10.0", "plugin-git"),
    ["deliver: clones by an image of no version"],
  ],
  "an image of no version": [
    (text) => text.replace("image: docker:28.3.3-cli", "image: docker"),
    ["test: an image of no version"],
  ],
  "the name of a tag in a script": [
    (text) => text.replace("=logs reports", '=logs reports "$CI_COMMIT_TAG"'),
    ["test: pasted into a script: what a stranger has written"],
  ],
  "the title of a pull request in a script": [
    (text) => text.replace("=logs reports", '=logs reports "$CI_COMMIT_MESSAGE"'),
    ["test: pasted into a script: what a stranger has written"],
  ],
  "the name of a branch in a script": [
    (text) => text.replace("=logs reports", "=logs reports $CI_COMMIT_SOURCE_BRANCH"),
    ["test: pasted into a script: what a stranger has written"],
  ],
  "a ring that asks nobody": [
    (text) => text.replace(/event: deployment\n(.*\n) {4}evaluate.*\n/, "event: push\n$1"),
    ["promote: waits for nothing", "deploy-production: asks nobody"],
  ],
  "a ring for any target": [
    (text) => text.replace(/\n {4}when:\n {6}- evaluate.*\n/, "\n"),
    ["deploy-production: asks nobody"],
  ],
  "two deploys at once": [(text) => text.replace("concurrency: 1\n", ""), ["deliver: two of them run at once"]],
  "no time limit": [(text) => text.replace("timeout -k 60 3600 ", ""), ["publish: no time limit"]],
};

for (const [fault, [plant, told]] of Object.entries(faults)) {
  woodpecker(`are found to have ${fault}`, () => {
    const good = mapOf("woodpecker");
    const [first] = [...good].filter(([, text]) => plant(text) !== text);
    assert.ok(first !== undefined, "the fault was not planted");
    assert.equal(auditWoodpecker(new Map([...good, [first[0], plant(first[1])]])), told);
  });
}

woodpecker.run();
