import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse, stringify } from "yaml";
import { auditBitbucket } from "../../../support/audit-bitbucket.ts";
import { filesOf, SIGNED_SHOP, textOf } from "../../../support/pipeline-settings.ts";
import { refusalOf } from "../config/found.ts";

interface Step {
  readonly name: string;
  readonly trigger?: string;
  readonly deployment?: string;
  readonly "runs-on"?: readonly string[];
  readonly artifacts?: unknown;
  readonly script: readonly string[];
}

type Items = readonly { readonly step?: Step; readonly parallel?: { readonly steps: readonly { step: Step }[] } }[];

const itemsOf = (text: string): Items => parse(text).pipelines.branches.main;
const stepsOf = (text: string): Step[] => itemsOf(text).flatMap(({ step }) => step ?? []);

const OWN = "{ engine: embedded, command: ./slipway, runner: linux.shell }";

const bitbucket = suite("the file of Bitbucket Pipelines");

bitbucket("is one file", () => {
  assert.equal(
    filesOf("bitbucket").map(({ path }) => path),
    ["bitbucket-pipelines.yml"],
  );
});

bitbucket("checks, publishes, deploys the first ring, and the next one when a person starts its step", () => {
  assert.equal(
    stepsOf(textOf("bitbucket")).map(({ name, trigger, deployment }) => [name, trigger, deployment]),
    [
      ["test", undefined, undefined],
      ["publish", undefined, "publish"],
      ["deploy-canary", undefined, "canary"],
      ["deploy-production", "manual", "production"],
    ],
  );
});

bitbucket("runs the checks alone for pull requests", () => {
  const { pipelines } = parse(textOf("bitbucket"));
  assert.equal(
    pipelines["pull-requests"]["**"].map(({ step }: { readonly step: Step }) => step.name),
    ["test"],
  );
  assert.equal(Object.keys(pipelines), ["pull-requests", "branches"]);
});

bitbucket("runs the checks of two engines side by side", () => {
  const [first] = itemsOf(textOf("bitbucket", "{ engine: [dagger, embedded], runner: linux.shell }"));
  assert.equal(
    first?.parallel?.steps.map(({ step }) => step.name),
    ["test-dagger", "test-embedded"],
  );
});

bitbucket("calls what a person would call, and hands the release on", () => {
  assert.equal(
    stepsOf(textOf("bitbucket", OWN)).map(({ script, artifacts }) => [script, artifacts]),
    [
      [
        ["./slipway call --progress=logs reports --again -o reports", "sh reports/verdict.sh"],
        {
          upload: [
            { name: "reports", type: "scoped", paths: ["reports/**"], "capture-on": "always" },
            { name: "results", type: "test-reports", paths: ["reports/junit.xml"], "capture-on": "always" },
          ],
        },
      ],
      [
        [
          './slipway call --progress=logs release --username "$REGISTRY_USERNAME" --password env:REGISTRY_PASSWORD -o release.json',
        ],
        ["release.json"],
      ],
      [
        ["./slipway call --progress=logs --kubeconfig env:RING_KUBECONFIG deploy --ring canary --release release.json"],
        undefined,
      ],
      [
        [
          `printf '%s' "$SLIPWAY_APPROVALS" >.slipway-approvals`,
          "./slipway call --progress=logs --kubeconfig env:RING_KUBECONFIG deploy --ring production --release release.json --approvals .slipway-approvals",
        ],
        undefined,
      ],
    ],
  );
});

bitbucket("runs the embedded engine on a runner of one's own, and is refused without one", () => {
  assert.equal(stepsOf(textOf("bitbucket", OWN))[0]?.["runs-on"], ["self.hosted", "linux.shell"]);
  const app = { "package.json": '{ "name": "shop", "scripts": { "test": "x" } }' };
  const told =
    "embedded needs a runner of your own, such as runner: linux.shell: a step of Bitbucket's machines may make no namespaces";
  assert.match(refusalOf(app, "providers: { bitbucket: { engine: embedded } }"), told);
  assert.match(refusalOf(app, "providers: { bitbucket: { engine: [dagger, embedded] } }"), told);
});

bitbucket("puts dagger into a folder of the step on a runner that stays as it was", () => {
  const [test] = stepsOf(textOf("bitbucket", "{ runner: linux.shell }"));
  assert.equal(test?.script.slice(1, 6), [
    'TOOLS="$(mktemp -d)"',
    'curl -fsSL -o "$TOOLS/dagger.tar.gz" "$DAGGER_ARCHIVE"',
    'echo "$DAGGER_SHA256  $TOOLS/dagger.tar.gz" | sha256sum -c -',
    'tar -xzf "$TOOLS/dagger.tar.gz" -C "$TOOLS" dagger',
    'export PATH="$TOOLS:$PATH"',
  ]);
});

for (const variant of ["{}", OWN, "{ engine: [dagger, embedded], runner: linux.shell }", "{ deliver: false }"]) {
  bitbucket(`has nothing wrong with ${variant}`, () => {
    assert.equal(auditBitbucket(textOf("bitbucket", variant)), []);
    assert.equal(auditBitbucket(textOf("bitbucket", variant, { yaml: SIGNED_SHOP })), []);
  });
}

/** Faults that somebody could make in the file, each with what is said of it. */
const faults: Readonly<Record<string, readonly [plant: (text: string) => string, told: readonly string[]]>> = {
  "a secret of another name": [
    (text) => text.replace("env:REGISTRY_PASSWORD", "env:REGISTRY_PASWORD"),
    ["publish: has not REGISTRY_PASSWORD", "publish: REGISTRY_PASWORD is REGISTRY_PASWORD"],
  ],
  "a secret in the checks": [
    (text) => text.replace("=logs reports", "=logs --kubeconfig env:RING_KUBECONFIG reports"),
    ["test: RING_KUBECONFIG is RING_KUBECONFIG"],
  ],
  "the environment of another ring": [
    (text) => text.replace("deployment: canary", "deployment: production"),
    ["two steps deploy to production", "deploy-canary: has the secrets of production"],
  ],
  "a step whose secrets every step would have": [
    (text) => text.replace("          deployment: publish\n", ""),
    ["publish: has the secrets of nothing"],
  ],
  "a delivery of pull requests": [
    (text) => text.replace("  branches:\n    main:", '  branches:\n    "*":'),
    [
      "publish: runs for pull requests",
      "deploy-canary: runs for pull requests",
      "deploy-production: runs for pull requests",
    ],
  ],
  "a step before the checks": [
    (text) => {
      const file = parse(text);
      const [test, publish, ...rings] = file.pipelines.branches.main;
      file.pipelines.branches.main = [publish, test, ...rings];
      return stringify(file, { aliasDuplicateObjects: false });
    },
    ["waits for no checks"],
  ],
  "no release": [
    (text) => text.replace("            - release.json\n", "            - releases.json\n"),
    ["deploy-canary: has no release", "deploy-production: has no release"],
  ],
  "a ring that asks nobody": [
    (text) => text.replace("          trigger: manual\n", ""),
    ["deploy-production: asks nobody"],
  ],
  "machines whose Docker may not enough": [
    (text) => text.replace('version: "3"', 'version: "2"'),
    ["test: its Docker has not the rights that an engine needs"],
  ],
  "an image of no version": [
    (text) => text.replace("image: docker:28.3.3-cli", "image: docker"),
    ["test: an image of no version"],
  ],
  "a service that is not defined": [
    (text) => text.replace("services: [docker]", "services: [dockr]"),
    ["test: no service dockr"],
  ],
  "the name of a tag in a script": [
    (text) => text.replace("=logs reports", '=logs reports "$BITBUCKET_TAG"'),
    ["test: pasted into a script: what a stranger has written"],
  ],
  "the name of a branch in a script": [
    (text) => text.replace("=logs reports", "=logs reports $BITBUCKET_BRANCH"),
    ["test: pasted into a script: what a stranger has written"],
  ],
  "no time limit": [(text) => text.replace("          max-time: 30\n", ""), ["test: no time limit"]],
  "a misspelt key": [
    (text) => text.replace("trigger: manual", "triger: manual"),
    ["deploy-production: unknown key triger", "deploy-production: asks nobody"],
  ],
  "a shallow clone": [(text) => text.replace("depth: full", "depth: 1"), ["publish: not all of the history"]],
};

for (const [fault, [plant, told]] of Object.entries(faults)) {
  bitbucket(`is found to have ${fault}`, () => {
    const good = textOf("bitbucket");
    assert.is.not(plant(good), good, "the fault was not planted");
    assert.equal(auditBitbucket(plant(good)), told);
  });
}

bitbucket.run();
