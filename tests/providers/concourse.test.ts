import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runPipeline, VARS } from "./concourse-runner.ts";
import { CALLS_TO_CANARY, PLANTED, PROMOTION, Scene, scenesOf } from "./scene.ts";

const FILE = "ci/concourse/pipeline.yml";

const concourse = suite("the pipeline of Concourse, run");
const begin = scenesOf(concourse);

concourse("brings a new version to the first ring, and to the next one when somebody presses its button", async () => {
  const scene = await begin(Scene.recorded("concourse"));
  const ended = await runPipeline(scene, scene.read(FILE), VARS, []);
  assert.equal(
    [...ended].map(([name, { code }]) => [name, code]),
    [
      ["test", 0],
      ["deploy-canary", 0],
    ],
  );
  assert.equal(scene.calls(), CALLS_TO_CANARY);
});

concourse("promotes in the next ring what is live in the one before, with the approvals", async () => {
  const scene = await begin(Scene.recorded("concourse"));
  const ended = await runPipeline(scene, scene.read(FILE), VARS, ["deploy-production"]);
  assert.is(ended.get("deploy-production")?.code, 0, ended.get("deploy-production")?.output);
  assert.is(scene.calls().at(-1), PROMOTION);
});

concourse("has no secret in the checks: they run where no variable is known", async () => {
  const scene = await begin(Scene.recorded("concourse"));
  const test = scene.read(FILE).replace(/\n {2}- name: deploy-canary[\s\S]*/, "\n");
  await runPipeline(scene, test, {}, []);
  assert.equal(scene.calls(), CALLS_TO_CANARY.slice(0, 1));
});

concourse("ends with 0 after checks that pass, and the report arrives", async () => {
  const scene = await begin(Scene.real("concourse"));
  const ended = await runPipeline(scene, scene.read(FILE).replace(/\n {2}- name: deploy-canary[\s\S]*/, "\n"), {}, []);
  assert.is(ended.get("test")?.code, 0, ended.get("test")?.output);
  assert.match(scene.artifact("reports/unit/out/unit.xml") ?? "", '<testcase name="adds"');
});

concourse("ends with 1 after a check that fails, deploys nothing, and its report arrives all the same", async () => {
  const scene = await begin(Scene.real("concourse"));
  await scene.plantFailure();
  const ended = await runPipeline(scene, scene.read(FILE), VARS, []);
  assert.is(ended.get("test")?.code, 1, ended.get("test")?.output);
  assert.match(ended.get("test")?.output ?? "", /unit +failed/);
  assert.equal([...ended.keys()], ["test"]);
  assert.match(scene.artifact("reports/unit/out/unit.xml") ?? "", "<failure");
  assert.match(scene.artifact("reports/junit.xml") ?? "", PLANTED.place);
});

concourse.run();
