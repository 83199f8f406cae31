import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { auditAzure } from "../../../support/audit-azure.ts";
import { filesOf, SHOP, SIGNED_SHOP, textOf } from "../../../support/pipeline-settings.ts";

interface Stage {
  readonly stage: string;
  readonly dependsOn?: string;
  readonly condition?: string;
  readonly jobs: readonly { readonly job?: string; readonly deployment?: string; readonly pool: unknown }[];
}

const stagesOf = (...asked: Parameters<typeof textOf>): Stage[] => parse(textOf(...asked)).stages;

const azure = suite("the file of Azure Pipelines");

azure("is one file", () => {
  assert.equal(
    filesOf("azure").map(({ path }) => path),
    ["azure-pipelines.yml"],
  );
});

azure("checks, publishes, deploys the first ring, and asks a person before the next one", () => {
  const onBranch = "and(succeeded(), eq(variables['Build.SourceBranch'], 'refs/heads/main'))";
  assert.equal(
    stagesOf("azure").map(({ stage, dependsOn, condition, jobs }) => [
      stage,
      dependsOn,
      condition,
      jobs.map(({ job, deployment }) => job ?? deployment),
    ]),
    [
      ["test", undefined, undefined, ["test"]],
      ["publish", "test", onBranch, ["publish"]],
      ["deploy_canary", "publish", onBranch, ["deploy_canary"]],
      ["deploy_production", "deploy_canary", onBranch, ["ask", "deploy_production"]],
    ],
  );
});

azure("starts for pull requests and for the protected branch", () => {
  const { trigger, pr } = parse(textOf("azure"));
  assert.equal([trigger, pr], [{ branches: { include: ["main"] } }, { branches: { include: ["*"] } }]);
});

azure("calls what a person would call, as root for the embedded engine, with the release of the run", () => {
  const text = textOf("azure", "{ engine: embedded, command: ./slipway }");
  const [, , , production] = parse(text).stages;
  assert.equal(production.jobs[1].strategy.runOnce.deploy.steps.slice(-1), [
    {
      bash: `set -e
cp "$PIPELINE_WORKSPACE/release/release.json" .
printf '%s' "$SLIPWAY_APPROVALS" >.slipway-approvals
sudo --preserve-env=CI,RING_KUBECONFIG env "PATH=$PATH" ./slipway call --progress=logs --kubeconfig env:RING_KUBECONFIG deploy --ring production --release release.json --approvals .slipway-approvals
`,
      env: { RING_KUBECONFIG: "$(RING_KUBECONFIG)", SLIPWAY_APPROVALS: "$(SLIPWAY_APPROVALS)" },
    },
  ]);
});

azure("begins the checks with the store of a run before, and packs it after checks that have passed", () => {
  const { steps } = parse(textOf("azure", "{ engine: embedded }")).stages[0].jobs[0];
  const said = steps.map(({ bash, task, condition }: { bash?: string; task?: string; condition?: string }) => [
    task ?? /slipway (?:store \w+|call .*)/.exec(bash ?? "")?.[0],
    condition,
  ]);
  const passed = (name: string, value: string) => `and(succeeded(), ne(variables['${name}'], '${value}'))`;
  assert.equal(said.slice(3, 7), [
    ["slipway store key", undefined],
    ["Cache@2", passed("storeKey", "")],
    ["slipway store unpack", undefined],
    ["slipway call --progress=logs reports --again -o reports", undefined],
  ]);
  assert.equal(said.at(-1), ["slipway store pack", passed("storeHit", "true")]);
  for (const settings of ["{}", "{ engine: embedded, runner: own }"])
    assert.not.match(textOf("azure", settings), /Cache@|slipway store/);
});

azure("runs on Microsoft's machines, or on agents of a pool that can do what is named", () => {
  const pool = (provider: string) => stagesOf("azure", provider)[0]?.jobs[0]?.pool;
  assert.equal(pool("{}"), { vmImage: "ubuntu-24.04" });
  assert.equal(pool("{ runner: own }"), { name: "own" });
  assert.equal(pool("{ runner: [own, big] }"), { name: "own", demands: ["big"] });
});

azure("asks a person at a first ring that asks for signatures", () => {
  const yaml = SHOP.replace("bakeSeconds: 120", "approvals: { quorum: 1 }");
  assert.equal(
    stagesOf("azure", "{}", { yaml })[2]?.jobs.map(({ job, deployment }) => job ?? deployment),
    ["ask", "deploy_canary"],
  );
});

for (const variant of ["{}", "{ engine: embedded }", "{ engine: [dagger, embedded] }", "{ deliver: false }"]) {
  azure(`has nothing wrong with ${variant}`, () => {
    assert.equal(auditAzure(textOf("azure", variant)), []);
    assert.equal(auditAzure(textOf("azure", variant, { yaml: SIGNED_SHOP })), []);
  });
}

/** Faults that somebody could make in the file, each with what is said of it. */
const faults: Readonly<Record<string, readonly [plant: (text: string) => string, told: readonly string[]]>> = {
  "a secret of another name": [
    (text) => text.replace("RING_KUBECONFIG: $(RING_KUBECONFIG)", "RING_KUBECONFIG: $(RING_KUBCONFIG)"),
    ["deploy_canary: RING_KUBECONFIG is RING_KUBCONFIG"],
  ],
  "a secret that no script is given": [
    (text) => text.replace("              REGISTRY_PASSWORD: $(REGISTRY_PASSWORD)\n", ""),
    ["publish: has not REGISTRY_PASSWORD", "publish: uses REGISTRY_PASSWORD, which it has not"],
  ],
  "a secret pasted into a script": [
    (text) => text.replace('--username "$REGISTRY_USERNAME"', '--username "$(REGISTRY_USERNAME)"'),
    ["publish: pasted into a script"],
  ],
  "a secret that sudo drops": [
    (text) => text.replace("--preserve-env=CI,RING_KUBECONFIG", "--preserve-env=CI"),
    ["deploy_canary: a secret is not kept by sudo"],
  ],
  "the secrets of another ring": [
    (text) => text.replace("group: slipway-canary", "group: slipway-production"),
    ["deploy_canary: has the secrets of slipway-production"],
  ],
  "secrets in the checks": [
    (text) => text.replace("  - stage: test\n", "  - stage: test\n    variables:\n      - group: slipway-canary\n"),
    ["test: has the secrets of slipway-canary"],
  ],
  "secrets of the whole pipeline": [
    (text) => `${text}variables:\n  - group: slipway-publish\n`,
    ["variables of the whole pipeline"],
  ],
  "a stage that waits for one that there is not": [
    (text) => text.replace("dependsOn: publish", "dependsOn: publsh"),
    ["deploy_canary: waits for publsh"],
  ],
  "a delivery of pull requests": [
    (text) => text.replace(/\n {4}condition: and.*(?=\n)/, ""),
    ["publish: runs for pull requests"],
  ],
  "a delivery by the branch that a pull request goes to": [
    (text) => text.replace("variables['Build.SourceBranch']", "variables['System.PullRequest.TargetBranch']"),
    ["publish: runs for pull requests"],
  ],
  "runs of every branch": [
    (text) => text.replace(/trigger:\n {2}branches:\n {4}include: \[main\]\n/, ""),
    ["runs for every branch"],
  ],
  "a ring with the environment of another": [
    (text) => text.replace("environment: canary", "environment: production"),
    ["deploy_canary: has not the environment of its ring"],
  ],
  "a ring that asks nobody": [
    (text) => text.replace("        dependsOn: ask\n", ""),
    ["deploy_production: asks nobody"],
  ],
  "a deploy that is left out for a newer one": [
    (text) => text.replace("    lockBehavior: sequential\n", "    lockBehavior: runLatest\n"),
    ["deploy_canary: one that waits is left out"],
  ],
  "a task of no version": [(text) => text.replace("NodeTool@0", "NodeTool"), ["test: NodeTool: of no version"]],
  "the name of a tag in a script": [
    (text) => text.replace("=logs reports", "=logs reports $(Build.SourceBranch)"),
    ["test: pasted into a script: what a stranger has written", "test: pasted into a script"],
  ],
  "the title of a pull request in a script": [
    (text) => text.replace("=logs reports", "=logs reports $(Build.SourceVersionMessage)"),
    ["test: pasted into a script: what a stranger has written", "test: pasted into a script"],
  ],
  "the name of a branch in a script": [
    (text) => text.replace("=logs reports", "=logs reports $(Build.SourceBranchName)"),
    ["test: pasted into a script: what a stranger has written", "test: pasted into a script"],
  ],
  "a script that goes on": [
    (text) => text.replace(/set -e\n +(sudo .*=logs reports)/, "$1"),
    ["test: goes on after a line that fails"],
  ],
  "no time limit": [(text) => text.replace("        timeoutInMinutes: 30\n", ""), ["test: no time limit"]],
  "a token that is left in the folder": [
    (text) => text.replace("fetchDepth: 0\n", "fetchDepth: 0\n            persistCredentials: true\n"),
    ["publish: leaves a token in the folder"],
  ],
  "a shallow clone": [(text) => text.replace("fetchDepth: 0", "fetchDepth: 1"), ["publish: not all of the history"]],
  "a release that is made from a cache": [
    (text) =>
      text.replace(
        /(stage: publish\n[\s\S]*?fetchDepth: 0\n)/,
        "$1          - task: Cache@2\n            inputs: { key: '\"x\"', path: x }\n",
      ),
    ["publish: begins with what another run has left", 'publish: the key of a cache is "x"'],
  ],
  "the name of a branch in the key of a cache": [
    (text) => text.replace("restoreKeys: '", "restoreKeys: '$(Build.SourceBranchName) | "),
    ['test: the key of a cache is $(Build.SourceBranchName) | "$(storeBuild)"'],
  ],
  "no release": [(text) => text.replace("download: current", "download: none"), ["deploy_canary: has no release"]],
};

for (const [fault, [plant, told]] of Object.entries(faults)) {
  azure(`is found to have ${fault}`, () => {
    const good = textOf("azure", "{ engine: embedded }");
    assert.is.not(plant(good), good, "the fault was not planted");
    assert.equal(auditAzure(plant(good)), told);
  });
}

azure.run();
