import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseAllDocuments } from "yaml";
import { auditDrone, type DroneStep } from "../../../support/audit-drone.ts";
import { filesOf, SHOP, SIGNED_SHOP, textOf } from "../../../support/pipeline-settings.ts";

interface DronePipeline {
  readonly name: string;
  readonly trigger: object;
  readonly depends_on?: readonly string[];
  readonly node?: object;
  readonly services?: readonly DroneStep[];
  readonly steps: readonly DroneStep[];
}

const read = (text: string): DronePipeline[] => parseAllDocuments(text).map((document) => document.toJS());

const drone = suite("the file of Drone");

drone("is one file", () => {
  assert.equal(
    filesOf("drone").map(({ path }) => path),
    [".drone.yml"],
  );
});

drone("checks, publishes and deploys the first ring, and the next one when a person promotes a build to it", () => {
  assert.equal(
    read(textOf("drone")).map(({ name, trigger, depends_on, steps }) => [
      name,
      trigger,
      depends_on,
      steps.map((step) => step.name),
    ]),
    [
      [
        "test",
        {
          event: ["push", "pull_request"],
          ref: ["refs/heads/main", "refs/pull/**", "refs/pull-requests/**", "refs/merge-requests/**"],
        },
        undefined,
        ["test"],
      ],
      ["deploy-canary", { event: ["push"], ref: ["refs/heads/main"] }, ["test"], ["publish", "deploy-canary"]],
      [
        "deploy-production",
        { event: ["promote"], ref: ["refs/heads/main"], target: ["production"] },
        undefined,
        ["deploy-production"],
      ],
    ],
  );
});

drone("hands the release from step to step, and takes what is live in the ring before in later pipelines", () => {
  const steps = read(textOf("drone", "{ engine: embedded, command: ./slipway }")).flatMap((pipeline) => pipeline.steps);
  assert.equal(
    steps.map(({ name, commands = [] }) => [name, commands.slice(1)]),
    [
      [
        "test",
        ["timeout -k 60 1800 ./slipway call --progress=logs reports --again -o reports", "sh reports/verdict.sh"],
      ],
      [
        "publish",
        [
          'timeout -k 60 3600 ./slipway call --progress=logs release --username "$REGISTRY_USERNAME" --password env:REGISTRY_PASSWORD -o release.json',
        ],
      ],
      [
        "deploy-canary",
        [
          "timeout -k 60 2520 ./slipway call --progress=logs --kubeconfig env:RING_KUBECONFIG deploy --ring canary --release release.json",
        ],
      ],
      [
        "deploy-production",
        [
          `printf '%s' "$SLIPWAY_APPROVALS" >.slipway-approvals`,
          "timeout -k 60 2700 ./slipway call --progress=logs --kubeconfig env:RING_KUBECONFIG promote --from canary --to production --approvals .slipway-approvals",
        ],
      ],
    ],
  );
});

drone("gives each step the secrets that it uses alone", () => {
  const steps = read(textOf("drone", "{ engine: embedded }", { yaml: SIGNED_SHOP })).flatMap(({ steps: own }) => own);
  assert.equal(
    steps.map(({ name, environment }) => [name, environment]),
    [
      ["test", undefined],
      [
        "publish",
        {
          REGISTRY_USERNAME: { from_secret: "registry_username" },
          REGISTRY_PASSWORD: { from_secret: "registry_password" },
          SIGNING_KEY: { from_secret: "signing_key" },
        },
      ],
      ["deploy-canary", { RING_KUBECONFIG: { from_secret: "canary_kubeconfig" } }],
      [
        "deploy-production",
        {
          RING_KUBECONFIG: { from_secret: "production_kubeconfig" },
          REGISTRY_USERNAME: { from_secret: "production_registry_username" },
          REGISTRY_PASSWORD: { from_secret: "production_registry_password" },
        },
      ],
    ],
  );
});

drone("has Docker beside the steps of Dagger's engine, and rights in those of the embedded one", () => {
  const rights = (provider: string) =>
    read(textOf("drone", provider)).map(({ services = [], steps }) => [
      services.map(({ image }) => image),
      steps.map((step) => "privileged" in step),
    ]);
  assert.equal(rights("{ deliver: false }"), [[["docker:28.3.3-dind"], [false]]]);
  assert.equal(rights("{ engine: embedded, deliver: false }"), [[[], [true]]]);
});

drone("runs on agents with all of these labels", () => {
  assert.equal(read(textOf("drone", "{ runner: [big, linux], deliver: false }"))[0]?.node, {
    big: "true",
    linux: "true",
  });
});

drone("publishes only when a person promotes a build, where the first ring asks for signatures", () => {
  const yaml = SHOP.replace("bakeSeconds: 120", "approvals: { quorum: 1 }");
  const text = textOf("drone", "{}", { yaml });
  const canary = read(text).find(({ name }) => name === "deploy-canary");
  assert.equal(
    [canary?.trigger, canary?.depends_on],
    [{ event: ["promote"], ref: ["refs/heads/main"], target: ["canary"] }, undefined],
  );
  assert.equal(auditDrone(text), []);
});

for (const variant of ["{}", "{ engine: embedded }", "{ engine: [dagger, embedded] }", "{ deliver: false }"]) {
  drone(`has nothing wrong with ${variant}`, () => {
    assert.equal(auditDrone(textOf("drone", variant)), []);
    assert.equal(auditDrone(textOf("drone", variant, { yaml: SIGNED_SHOP })), []);
  });
}

/** Faults that somebody could make in the file, each with what is said of it. */
const faults: Readonly<Record<string, readonly [plant: (text: string) => string, told: readonly string[]]>> = {
  "a secret of another name": [
    (text) => text.replace("from_secret: canary_kubeconfig", "from_secret: canary_kubconfig"),
    ["deploy-canary: RING_KUBECONFIG is canary_kubconfig"],
  ],
  "the secret of another ring": [
    (text) => text.replace("from_secret: canary_kubeconfig", "from_secret: production_kubeconfig"),
    ["deploy-canary: RING_KUBECONFIG is production_kubeconfig"],
  ],
  "a secret under another variable": [
    (text) => text.replace("      REGISTRY_PASSWORD:", "      REGISTRY_PASWORD:"),
    [
      "publish: has not REGISTRY_PASSWORD",
      "publish: REGISTRY_PASWORD is registry_password",
      "publish: REGISTRY_PASWORD is given and not used",
      "publish: uses REGISTRY_PASSWORD, which it has not",
    ],
  ],
  "a secret in the checks": [
    (text) =>
      text.replace(
        "environment:\n      DOCKER_HOST",
        "environment:\n      RING_KUBECONFIG:\n        from_secret: canary_kubeconfig\n      DOCKER_HOST",
      ),
    ["test: RING_KUBECONFIG is canary_kubeconfig", "test: RING_KUBECONFIG is given and not used"],
  ],
  "a pipeline that waits for one that there is not": [
    (text) => text.replace("depends_on: [test]", "depends_on: [tests]"),
    ["deploy-canary: waits for tests"],
  ],
  "a pipeline that waits for nothing": [
    (text) => text.replace("depends_on: [test]\n", ""),
    ["deploy-canary: waits for nothing"],
  ],
  "a delivery of pull requests": [
    (text) => text.replace("event: [push]", "event: [push, pull_request]"),
    ["deploy-canary: runs for pull requests"],
  ],
  "a delivery by the branch that a pull request goes to": [
    (text) => text.replace("ref: [refs/heads/main]", "branch: [main]"),
    ["deploy-canary: runs for every branch"],
  ],
  "an image of no version": [
    (text) => text.replace("image: docker:28.3.3-cli", "image: docker:latest"),
    ["test: an image of no version"],
  ],
  "the name of a tag in a script": [
    (text) => text.replace("=logs reports", '=logs reports "$DRONE_TAG"'),
    ["test: pasted into a script: what a stranger has written"],
  ],
  "the title of a pull request in a script": [
    (text) => text.replace("=logs reports", '=logs reports "$DRONE_PULL_REQUEST_TITLE"'),
    ["test: pasted into a script: what a stranger has written"],
  ],
  "the name of a branch in a script": [
    (text) => text.replace("=logs reports", "=logs reports $DRONE_SOURCE_BRANCH"),
    ["test: pasted into a script: what a stranger has written"],
  ],
  "a variable that Drone replaces": [
    (text) => text.replace('"$DAGGER_ARCHIVE"', '"${DAGGER_ARCHIVE}"'),
    ["test: replaced before it runs"],
  ],
  "a ring that asks nobody": [
    (text) => text.replace("event: [promote]", "event: [push]"),
    ["deploy-production: waits for nothing", "deploy-production: asks nobody"],
  ],
  "a ring for any target": [(text) => text.replace("  target: [production]\n", ""), ["deploy-production: asks nobody"]],
  "two deploys at once": [
    (text) => text.replace("concurrency:\n  limit: 1\n", ""),
    ["deploy-canary: two of them run at once"],
  ],
  "no time limit": [(text) => text.replace("timeout -k 60 3600 ", ""), ["publish: no time limit"]],
  "a release that nobody has made": [
    (text) => text.replace("-o release.json", "-o releases.json"),
    ["deploy-canary: has no release"],
  ],
};

for (const [fault, [plant, told]] of Object.entries(faults)) {
  drone(`is found to have ${fault}`, () => {
    const good = textOf("drone");
    assert.is.not(plant(good), good, "the fault was not planted");
    assert.equal(auditDrone(plant(good)), told);
  });
}

drone.run();
