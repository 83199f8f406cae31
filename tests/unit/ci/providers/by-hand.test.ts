import { suite } from "uvu";
import * as assert from "uvu/assert";
import { PROVIDERS } from "../../../../ci/src/config/provider-schema.ts";
import { listByHand } from "../../../../ci/src/providers/by-hand.ts";
import { MODULE, SHOP, SIGNED_SHOP } from "../../../support/pipeline-settings.ts";
import { settingsOf } from "../config/found.ts";

const APP = {
  "package.json": '{ "name": "shop", "scripts": { "test": "x", "start": "node main.js" }, "port": 3000 }',
  "main.js": undefined,
};

const byHand = (providers: string, yaml = SIGNED_SHOP): string[] =>
  listByHand(settingsOf(APP, `${yaml}\nproviders: ${providers}\n`), MODULE).map(([, ...row]) => row.join(": "));

const told: Readonly<Record<string, readonly string[]>> = {
  github: [
    "environment publish: secret REGISTRY_USERNAME",
    "environment publish: secret REGISTRY_PASSWORD",
    "environment publish: secret SIGNING_KEY",
    "environment canary: secret RING_KUBECONFIG",
    "environment production: secret RING_KUBECONFIG",
    "environment production: secret REGISTRY_USERNAME",
    "environment production: secret REGISTRY_PASSWORD",
    "environment production: variable SLIPWAY_APPROVALS",
    "environments: Deployment branches: main alone",
    "rulesets: import .github/rulesets/slipway.json",
  ],
  gitlab: [
    "CI/CD variables: REGISTRY_USERNAME, protected",
    "CI/CD variables: REGISTRY_PASSWORD, protected",
    "CI/CD variables: SIGNING_KEY, protected, environment scope publish",
    "CI/CD variables: RING_KUBECONFIG, protected, environment scope canary",
    "CI/CD variables: RING_KUBECONFIG, protected, environment scope production",
    "CI/CD variables: REGISTRY_USERNAME, protected, environment scope production",
    "CI/CD variables: REGISTRY_PASSWORD, protected, environment scope production",
    "CI/CD variables: SLIPWAY_APPROVALS, environment scope production, or given with the manual job",
    "repository: protected branch main",
    "merge requests: Pipelines must succeed",
  ],
  concourse: [
    "credential manager: registry-username",
    "credential manager: registry-password",
    "credential manager: signing-key",
    "credential manager: canary-kubeconfig",
    "credential manager: production-kubeconfig",
    "credential manager: production-registry-username",
    "credential manager: production-registry-password",
    "credential manager: production-approvals",
    "credential manager: dagger-engine",
    "credential manager: source-uri",
    "fly: set-pipeline -p shop -c ci/concourse/pipeline.yml, again whenever the file changes",
  ],
  jenkins: [
    "credentials: slipway-registry, user name and password",
    "credentials: slipway-signing-key, secret file",
    "credentials: slipway-canary-kubeconfig, secret file",
    "credentials: slipway-production-kubeconfig, secret file",
    "credentials: slipway-production-registry, user name and password",
    "plugins: Pipeline, Credentials Binding, Lockable Resources, JUnit",
    "branch source: discover pull requests of forks: Trust: Nobody",
  ],
  woodpecker: [
    "secrets: registry_username, event push alone",
    "secrets: registry_password, event push alone",
    "secrets: signing_key, event push alone",
    "secrets: canary_kubeconfig, event push alone",
    "secrets: production_kubeconfig, event deployment alone",
    "secrets: production_registry_username, event deployment alone",
    "secrets: production_registry_password, event deployment alone",
    "project: Trusted, Security: an administrator marks it as trusted: steps, or Docker beside them, are privileged",
    "project: Require approval for: forked repositories at least",
    "project: Cancel previous pipelines: without push and deployment, or a newer commit stops a running deploy",
    "project: Allow deployments",
  ],
  drone: [
    "secrets: registry_username, not for pull requests",
    "secrets: registry_password, not for pull requests",
    "secrets: signing_key, not for pull requests",
    "secrets: canary_kubeconfig, not for pull requests",
    "secrets: production_kubeconfig, not for pull requests",
    "secrets: production_registry_username, not for pull requests",
    "secrets: production_registry_password, not for pull requests",
    "repository: Trusted: an administrator marks it as trusted: steps, or Docker beside them, are privileged",
    "repository: Ignore forks, or Protected",
    "repository: Auto cancel pushes: off, or a newer commit stops a running deploy",
  ],
  bitbucket: [
    "environment publish: secured variable REGISTRY_USERNAME",
    "environment publish: secured variable REGISTRY_PASSWORD",
    "environment publish: secured variable SIGNING_KEY",
    "environment canary: secured variable RING_KUBECONFIG",
    "environment production: secured variable RING_KUBECONFIG",
    "environment production: secured variable REGISTRY_USERNAME",
    "environment production: secured variable REGISTRY_PASSWORD",
    "environment production: variable SLIPWAY_APPROVALS",
    "branch restrictions: main: pull requests alone, with at least 1 successful build",
  ],
  circleci: [
    "context slipway-publish: variable REGISTRY_USERNAME",
    "context slipway-publish: variable REGISTRY_PASSWORD",
    "context slipway-publish: variable SIGNING_KEY",
    "context slipway-canary: variable RING_KUBECONFIG",
    "context slipway-production: variable RING_KUBECONFIG",
    "context slipway-production: variable REGISTRY_USERNAME",
    "context slipway-production: variable REGISTRY_PASSWORD",
    "context slipway-production: variable SLIPWAY_APPROVALS",
    "project: Pass secrets to builds from forked pull requests: off",
    "project: Auto-cancel redundant workflows: not on main",
    "context slipway-production: restricted to the group that may deploy there",
  ],
  azure: [
    "variable group slipway-publish: secret REGISTRY_USERNAME",
    "variable group slipway-publish: secret REGISTRY_PASSWORD",
    "variable group slipway-publish: secret SIGNING_KEY",
    "variable group slipway-canary: secret RING_KUBECONFIG",
    "variable group slipway-production: secret RING_KUBECONFIG",
    "variable group slipway-production: secret REGISTRY_USERNAME",
    "variable group slipway-production: secret REGISTRY_PASSWORD",
    "variable group slipway-production: variable SLIPWAY_APPROVALS",
    "environment canary: Exclusive lock, and Branch control: refs/heads/main",
    "environment production: Exclusive lock, and Branch control: refs/heads/main",
    "variable groups: Branch control: refs/heads/main",
    "pipeline: Make secrets available to builds of forks: off",
    "branch policies: main: Build validation by this pipeline",
  ],
  buildkite: [
    "secrets: REGISTRY_USERNAME, policy: build_branch main",
    "secrets: REGISTRY_PASSWORD, policy: build_branch main",
    "secrets: SIGNING_KEY, policy: build_branch main",
    "secrets: CANARY_KUBECONFIG, policy: build_branch main",
    "secrets: PRODUCTION_KUBECONFIG, policy: build_branch main",
    "secrets: PRODUCTION_REGISTRY_USERNAME, policy: build_branch main",
    "secrets: PRODUCTION_REGISTRY_PASSWORD, policy: build_branch main",
    "secrets: PRODUCTION_APPROVALS",
    "pipeline steps: buildkite-agent pipeline upload",
    "pipeline: Build pull requests from third-party forked repositories: off",
    "pipeline: Cancel intermediate builds: not on main (!main)",
  ],
  tekton: [
    "Secret slipway-publish: key REGISTRY_USERNAME",
    "Secret slipway-publish: key REGISTRY_PASSWORD",
    "Secret slipway-publish: key SIGNING_KEY",
    "Secret slipway-canary: key RING_KUBECONFIG",
    "Secret slipway-production: key RING_KUBECONFIG",
    "Secret slipway-production: key REGISTRY_USERNAME",
    "Secret slipway-production: key REGISTRY_PASSWORD",
    "ConfigMap slipway-production: key SLIPWAY_APPROVALS",
    "ServiceAccount slipway: no role, no secrets; its pods may be privileged",
    "Repository: settings.pipelinerun_provenance: default_branch, or a branch says which secrets its run has",
    "manual approval gate: the group slipway-production has who may deploy there",
  ],
};

const suiteOf = suite("what is set by hand");

for (const [provider, rows] of Object.entries(told)) {
  suiteOf(`names the secrets and settings of ${provider}`, () => {
    assert.equal(byHand(`[${provider}]`), rows);
  });
}

suiteOf("is known of every provider, and of each that is named", () => {
  assert.equal(Object.keys(told).sort(), [...PROVIDERS].sort());
  assert.equal(
    byHand(`[${PROVIDERS.join(", ")}]`),
    PROVIDERS.flatMap((name) => told[name] ?? []),
  );
});

suiteOf("names reviewers on GitHub for a ring that asks nobody for a signature", () => {
  const rows = byHand("[github]", SHOP.replace(", approvals: { quorum: 1 }", ""));
  assert.ok(rows.includes("environment production: Required reviewers"), rows.join("\n"));
  assert.not.ok(rows.includes("environment production: variable SLIPWAY_APPROVALS"));
});

suiteOf("names no kubeconfig where the cluster takes tokens of the run, but that it has to", () => {
  const cluster =
    "cluster: { server: https://k8s.example.com, certificateAuthority: ca.crt, audience: shop-production },";
  const rows = byHand("[gitlab, github]", SHOP.replace("production: {", `production: { ${cluster}`));
  assert.equal(
    rows.filter((row) => /KUBECONFIG|authentication/.test(row)),
    [
      "environment canary: secret RING_KUBECONFIG",
      "environment production: secret RING_KUBECONFIG",
      "cluster of ring production: takes tokens for shop-production (--authentication-config)",
      "CI/CD variables: RING_KUBECONFIG, protected, environment scope canary",
    ],
  );
});

suiteOf("names no secret where nothing is delivered", () => {
  assert.equal(
    byHand("{ drone: { deliver: false } }").filter((row) => row.startsWith("secrets")),
    [],
  );
});

suiteOf("names no setting of deploys where nothing is deployed", () => {
  const named = byHand("{ woodpecker: { deliver: false }, drone: { deliver: false }, jenkins: { deliver: false } }");
  assert.equal(named, [
    "plugins: Pipeline, JUnit",
    "branch source: discover pull requests of forks: Trust: Nobody",
    "project: Trusted, Security: an administrator marks it as trusted: steps, or Docker beside them, are privileged",
    "project: Require approval for: forked repositories at least",
    "repository: Trusted: an administrator marks it as trusted: steps, or Docker beside them, are privileged",
    "repository: Ignore forks, or Protected",
  ]);
});

suiteOf("allows deployments on Woodpecker only where a person starts one", () => {
  const rows = byHand("[woodpecker]", SHOP.replace(/ {2}production:.*/, ""));
  assert.equal(
    rows.filter((row) => row.startsWith("project")),
    [
      "project: Trusted, Security: an administrator marks it as trusted: steps, or Docker beside them, are privileged",
      "project: Require approval for: forked repositories at least",
      "project: Cancel previous pipelines: without push and deployment, or a newer commit stops a running deploy",
    ],
  );
});

suiteOf("gives the secrets of Woodpecker to the event that publishes, where the first ring asks for signatures", () => {
  const rows = byHand("[woodpecker]", SIGNED_SHOP.replace("bakeSeconds: 120", "approvals: { quorum: 1 }"));
  assert.equal(
    rows.filter((row) => row.startsWith("secrets")),
    [
      "secrets: registry_username, event deployment alone",
      "secrets: registry_password, event deployment alone",
      "secrets: signing_key, event deployment alone",
      "secrets: canary_kubeconfig, event deployment alone",
      "secrets: production_kubeconfig, event deployment alone",
      "secrets: production_registry_username, event deployment alone",
      "secrets: production_registry_password, event deployment alone",
    ],
  );
});

suiteOf("names the signing key only where a ring demands signatures", () => {
  assert.equal(
    byHand("[jenkins]", SHOP).filter((row) => row.includes("signing")),
    [],
  );
});

suiteOf.run();
