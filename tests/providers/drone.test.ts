import { join } from "node:path";
import { execa } from "execa";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseAllDocuments } from "yaml";
import { READER, readDrone as start } from "./drone-reader.ts";
import { runPipelines, SECRETS } from "./drone-runner.ts";
import { CALLS_TO_CANARY, codesOf, PROMOTION, Scene, SIGNED, scenesOf } from "./scene.ts";
import { checkSchema } from "./schemas.ts";

const drone = suite("the pipelines of Drone, run");
const begin = scenesOf(drone);

drone("are ones to Drone's parser, linter and schema, and would be refused with a misspelt key", async () => {
  const scene = await begin(Scene.recorded("drone"));
  assert.ok((await start(scene, "push")).length > 0);
  for (const document of parseAllDocuments(scene.read(".drone.yml")))
    assert.equal(checkSchema("drone-ci", document.toJS()), []);
  scene.write(".drone.yml", scene.read(".drone.yml").replace("commands:", "comands:"));
  const [first] = parseAllDocuments(scene.read(".drone.yml"));
  assert.ok(checkSchema("drone-ci", first?.toJS()).length > 0);
  scene.write(".drone.yml", scene.read(".drone.yml").replace("name: publish", "name: deploy-canary"));
  const refused = await execa(READER, [join(scene.source, ".drone.yml"), "push", "", ""], { reject: false });
  assert.equal([refused.exitCode, refused.stderr], [1, "linter: duplicate step names"]);
});

drone("call the checks alone for a pull request, and there is no secret", async () => {
  const scene = await begin(Scene.recorded("drone"));
  for (const ref of ["refs/pull/7/head", "refs/pull-requests/7/from", "refs/merge-requests/7/head"]) {
    scene.forgetCalls();
    const ended = await runPipelines(scene, await start(scene, "pull_request", ref), { secrets: {} });
    assert.equal(codesOf(ended), [["test", 0]]);
    assert.equal(scene.calls(), CALLS_TO_CANARY.slice(0, 1));
    await execa("rm", ["-rf", join(scene.top, "builds")]);
  }
});

drone("start nothing for other branches, tags, or a promotion of a pull request's build", async () => {
  const scene = await begin(Scene.recorded("drone"));
  const started = await Promise.all([
    start(scene, "push", "refs/heads/feature"),
    start(scene, "tag", "refs/tags/v1"),
    start(scene, "promote", "refs/pull/7/head", "production"),
    start(scene, "promote", "refs/heads/main", "elsewhere"),
    start(scene, "cron"),
  ]);
  assert.equal(
    started.map((pipelines) => pipelines.map(({ name }) => name)),
    [[], [], [], [], []],
  );
});

drone("bring the branch to the first ring, and to the next one when somebody promotes the build", async () => {
  const scene = await begin(Scene.recorded("drone"));
  const ended = await runPipelines(scene, await start(scene, "push"), { secrets: SECRETS });
  assert.equal(codesOf(ended), [
    ["test", 0],
    ["deploy-canary", 0],
  ]);
  assert.equal(scene.calls(), CALLS_TO_CANARY);
  const promoted = await start(scene, "promote", "refs/heads/main", "production");
  const later = await runPipelines(scene, promoted, { secrets: SECRETS, params: { SLIPWAY_APPROVALS: SIGNED } });
  assert.equal(codesOf(later), [["deploy-production", 0]]);
  assert.is(scene.calls().at(-1), PROMOTION);
});

drone("end with 0 after checks that pass, and the report arrives", async () => {
  const scene = await begin(Scene.real("drone"));
  const ended = await runPipelines(scene, await start(scene, "pull_request", "refs/pull/7/head"), { secrets: {} });
  assert.is(ended.get("test")?.code, 0, ended.get("test")?.output);
  assert.match(scene.artifact("reports/unit/out/unit.xml") ?? "", '<testcase name="adds"');
});

drone("end with 1 after a check that fails, publish nothing, and its report arrives all the same", async () => {
  const scene = await begin(Scene.real("drone"));
  await scene.plantFailure();
  const ended = await runPipelines(scene, await start(scene, "push"), { secrets: SECRETS });
  assert.is(ended.get("test")?.code, 1, ended.get("test")?.output);
  assert.match(ended.get("test")?.output ?? "", /unit +failed/);
  assert.equal([...ended.keys()], ["test"]);
  assert.match(scene.artifact("reports/unit/out/unit.xml") ?? "", "<failure");
});

drone.run();
