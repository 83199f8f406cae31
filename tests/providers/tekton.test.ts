import { suite } from "uvu";
import * as assert from "uvu/assert";
import { filesOf } from "../support/pipeline-settings.ts";
import { CALL_OF_PRODUCTION, CALLS_TO_CANARY, codesOf, PLANTED, READER, Scene, SIGNED, scenesOf } from "./scene.ts";
import { readRun, runPipelineRun } from "./tekton-runner.ts";

const PULL_REQUEST = ".tekton/slipway-pull-request.yaml";
const PUSH = ".tekton/slipway-push.yaml";

const known = {
  secrets: {
    "slipway-publish": { REGISTRY_USERNAME: "robot", REGISTRY_PASSWORD: "hush", SIGNING_KEY: "of publish" },
    "slipway-canary": { RING_KUBECONFIG: "of canary" },
    "slipway-production": { RING_KUBECONFIG: "of production", ...READER },
  },
  configMaps: { "slipway-production": { SLIPWAY_APPROVALS: SIGNED } },
};

const tekton = suite("the runs of Tekton, run");
const begin = scenesOf(tekton);

/** What Tekton says to each fault. */
const refused: readonly (readonly [from: string, to: string, told: RegExp])[] = [
  ["runAfter: [publish]", "runAfter: [publsh]", /publsh/],
  ["taskSpec:", "taskSpecs:", /unknown field "taskSpecs"/],
  ["timeout: 60m", "timeout: soon", /invalid duration "soon"/],
  ["name: call", "name: clone", /expected exactly one, got both: .*steps\[1\]\.name/],
  ["$(params.revision)", "$(params.revison)", /non-existent variable/],
];

tekton("are ones to Tekton's own validation, and would be refused with a fault", async () => {
  for (const variant of ["{}", "{ engine: [dagger, embedded], runner: big }"])
    for (const { text } of filesOf("tekton", variant)) await readRun(text);
  const text = filesOf("tekton").at(-1)?.text ?? "";
  for (const [from, to, told] of refused) {
    assert.ok(text.includes(from), from);
    const said = await readRun(text.replace(from, () => to)).then(
      () => "nothing",
      (error: Error) => error.message,
    );
    assert.match(said, told, from);
  }
});

tekton("call the checks alone for a pull request, and there is no secret", async () => {
  const scene = await begin(Scene.recorded("tekton"));
  const ended = await runPipelineRun(scene, scene.read(PULL_REQUEST), { secrets: {} });
  assert.equal(codesOf(ended), [["test", 0]]);
  assert.equal(scene.calls(), CALLS_TO_CANARY.slice(0, 1));
});

tekton("bring the branch to the first ring, and wait for somebody at the next one", async () => {
  const scene = await begin(Scene.recorded("tekton"));
  const ended = await runPipelineRun(scene, scene.read(PUSH), known);
  assert.equal(codesOf(ended), [
    ["test", 0],
    ["publish", 0],
    ["deploy-canary", 0],
  ]);
  assert.equal(scene.calls(), CALLS_TO_CANARY);
});

tekton("deploy the same release to the next ring when somebody approves", async () => {
  const scene = await begin(Scene.recorded("tekton"));
  const ended = await runPipelineRun(scene, scene.read(PUSH), { ...known, pressed: ["allow-production"] });
  assert.is(ended.get("deploy-production")?.code, 0, ended.get("deploy-production")?.output);
  assert.is(scene.calls().at(-1), CALL_OF_PRODUCTION);
});

tekton("end with 0 after checks that pass, and the report is told", async () => {
  const scene = await begin(Scene.real("tekton"));
  const ended = await runPipelineRun(scene, scene.read(PULL_REQUEST), { secrets: {} });
  assert.is(ended.get("test")?.code, 0, ended.get("test")?.output);
  assert.match(scene.artifact("reports/unit/out/unit.xml") ?? "", '<testcase name="adds"');
});

tekton("end with 1 after a check that fails, publish nothing, and tell which test it was", async () => {
  const scene = await begin(Scene.real("tekton"));
  await scene.plantFailure();
  const ended = await runPipelineRun(scene, scene.read(PUSH), known);
  assert.equal(codesOf(ended), [["test", 1]]);
  assert.match(ended.get("test")?.output ?? "", /unit +failed/);
  assert.match(ended.get("test")?.output ?? "", "sum.test.js:4");
  assert.match(scene.artifact("reports/junit.xml") ?? "", PLANTED.place);
});

tekton.run();
