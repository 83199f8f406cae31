import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { auditBuildkite } from "../../../support/audit-buildkite.ts";
import { filesOf, SHOP, SIGNED_SHOP, textOf } from "../../../support/pipeline-settings.ts";

interface Step {
  readonly key: string;
  readonly block?: string;
  readonly depends_on?: readonly string[];
  readonly agents?: object;
  readonly secrets?: object;
  readonly commands?: readonly string[];
}

const stepsOf = (...asked: Parameters<typeof textOf>): Step[] => parse(textOf(...asked)).steps;

const buildkite = suite("the file of Buildkite");

buildkite("is one file", () => {
  assert.equal(
    filesOf("buildkite").map(({ path }) => path),
    [".buildkite/pipeline.yml"],
  );
});

buildkite("checks, publishes, deploys the first ring, and asks a person before the next one", () => {
  assert.equal(
    stepsOf("buildkite").map(({ key, block, depends_on, secrets }) => [key, block, depends_on, secrets]),
    [
      ["test", undefined, undefined, undefined],
      [
        "publish",
        undefined,
        ["test"],
        { REGISTRY_USERNAME: "REGISTRY_USERNAME", REGISTRY_PASSWORD: "REGISTRY_PASSWORD" },
      ],
      ["deploy-canary", undefined, ["publish"], { RING_KUBECONFIG: "CANARY_KUBECONFIG" }],
      ["allow-production", "Deploy to production?", ["deploy-canary"], undefined],
      [
        "deploy-production",
        undefined,
        ["allow-production"],
        { RING_KUBECONFIG: "PRODUCTION_KUBECONFIG", SLIPWAY_APPROVALS: "PRODUCTION_APPROVALS" },
      ],
    ],
  );
});

buildkite("leaves variables to the shell: the agent reads one of two dollar signs", () => {
  assert.equal(
    stepsOf("buildkite", "{ engine: embedded }").map(({ commands }) => commands),
    [
      ["npx --yes slipway@0.1.0 call --progress=logs reports --again -o reports", "sh reports/verdict.sh"],
      [
        'npx --yes slipway@0.1.0 call --progress=logs release --username "$$REGISTRY_USERNAME" --password env:REGISTRY_PASSWORD -o release.json',
      ],
      [
        "buildkite-agent artifact download release.json . --step publish",
        "npx --yes slipway@0.1.0 call --progress=logs --kubeconfig env:RING_KUBECONFIG deploy --ring canary --release release.json",
      ],
      undefined,
      [
        "buildkite-agent artifact download release.json . --step publish",
        `printf '%s' "$$SLIPWAY_APPROVALS" >.slipway-approvals`,
        "npx --yes slipway@0.1.0 call --progress=logs --kubeconfig env:RING_KUBECONFIG deploy --ring production --release release.json --approvals .slipway-approvals",
      ],
    ],
  );
});

buildkite("runs on agents of a queue that have these tags", () => {
  const agents = (provider: string) => stepsOf("buildkite", provider)[0]?.agents;
  assert.is(agents("{}"), undefined);
  assert.equal(agents("{ runner: linux }"), { queue: "linux" });
  assert.equal(agents("{ runner: [linux, big] }"), { queue: "linux", big: "true" });
});

buildkite("asks a person at a first ring that asks for signatures", () => {
  const yaml = SHOP.replace("bakeSeconds: 120", "approvals: { quorum: 1 }");
  assert.equal(
    stepsOf("buildkite", "{}", { yaml }).map(({ key }) => key),
    ["test", "publish", "allow-canary", "deploy-canary", "allow-production", "deploy-production"],
  );
});

for (const variant of ["{}", "{ engine: embedded }", "{ engine: [dagger, embedded] }", "{ deliver: false }"]) {
  buildkite(`has nothing wrong with ${variant}`, () => {
    assert.equal(auditBuildkite(textOf("buildkite", variant)), []);
    assert.equal(auditBuildkite(textOf("buildkite", variant, { yaml: SIGNED_SHOP })), []);
  });
}

/** Faults that somebody could make in the file, each with what is said of it. */
const faults: Readonly<Record<string, readonly [plant: (text: string) => string, told: readonly string[]]>> = {
  "a secret of another name": [
    (text) => text.replace("RING_KUBECONFIG: CANARY_KUBECONFIG", "RING_KUBECONFIG: CANARY_KUBCONFIG"),
    ["deploy-canary: RING_KUBECONFIG is CANARY_KUBCONFIG"],
  ],
  "the secret of another ring": [
    (text) => text.replace("RING_KUBECONFIG: CANARY_KUBECONFIG", "RING_KUBECONFIG: PRODUCTION_KUBECONFIG"),
    ["deploy-canary: RING_KUBECONFIG is PRODUCTION_KUBECONFIG"],
  ],
  "a secret in the checks": [
    (text) => text.replace("    commands:\n", "    secrets:\n      SIGNING_KEY: SIGNING_KEY\n    commands:\n"),
    ["test: SIGNING_KEY is SIGNING_KEY", "test: SIGNING_KEY is given and not used"],
  ],
  "secrets of the whole pipeline": [
    (text) => `${text}\nsecrets:\n  - REGISTRY_PASSWORD\n`,
    ["secrets of the whole pipeline"],
  ],
  "a step that waits for one that there is not": [
    (text) => text.replace("depends_on: [publish]", "depends_on: [publsh]"),
    ["deploy-canary: waits for publsh"],
  ],
  "a step that waits for nothing": [
    (text) => text.replace("    depends_on: [test]\n", ""),
    ["publish: waits for nothing"],
  ],
  "a delivery of a fork's branch of this name": [
    (text) => text.replace(" && build.pull_request.id == null", ""),
    ["publish: runs for pull requests"],
  ],
  "a package of no version": [
    (text) =>
      text.replace(
        "slipway@0.1.0 call --progress=logs reports --again -o reports",
        "slipway call --progress=logs reports --again -o reports",
      ),
    ["test: a package of no version"],
  ],
  "a variable that the agent replaces": [
    (text) => text.replace('"$$REGISTRY_USERNAME"', '"$REGISTRY_USERNAME"'),
    ["publish: replaced when it is uploaded"],
  ],
  "the name of a tag in a script": [
    (text) => text.replace("=logs reports", () => '=logs reports "$$BUILDKITE_TAG"'),
    ["test: pasted into a script: what a stranger has written"],
  ],
  "the title of a pull request in a script": [
    (text) => text.replace("=logs reports", () => '=logs reports "$$BUILDKITE_MESSAGE"'),
    ["test: pasted into a script: what a stranger has written"],
  ],
  "the name of a branch in a script": [
    (text) => text.replace("=logs reports", () => "=logs reports $$BUILDKITE_BRANCH"),
    ["test: pasted into a script: what a stranger has written"],
  ],
  "a ring that asks nobody": [
    (text) => text.replace("depends_on: [allow-production]", "depends_on: [deploy-canary]"),
    ["deploy-production: asks nobody"],
  ],
  "two deploys at once": [
    (text) => text.replace("    concurrency: 1\n", ""),
    ["deploy-canary: two of them run at once"],
  ],
  "two rings that wait for each other": [
    (text) => text.replace("concurrency_group: slipway-shop-canary", "concurrency_group: slipway-shop-production"),
    ["deploy-canary: two of them run at once"],
  ],
  "no time limit": [(text) => text.replace("    timeout_in_minutes: 60\n", ""), ["publish: no time limit"]],
  "no release": [
    (text) => text.replace("artifact_paths: release.json", "artifact_paths: releases.json"),
    ["publish: hands on no release"],
  ],
  "a deploy without the release": [
    (text) => text.replace("      - buildkite-agent artifact download release.json . --step publish\n", ""),
    ["deploy-canary: has no release"],
  ],
};

for (const [fault, [plant, told]] of Object.entries(faults)) {
  buildkite(`is found to have ${fault}`, () => {
    const good = textOf("buildkite", "{ engine: embedded }");
    assert.is.not(plant(good), good, "the fault was not planted");
    assert.equal(auditBuildkite(plant(good)), told);
  });
}

buildkite.run();
