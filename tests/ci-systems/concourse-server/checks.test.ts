import { suite } from "uvu";
import * as assert from "uvu/assert";
import { VARS } from "../../providers/concourse-runner.ts";
import { Scene, scenesOf } from "../../providers/scene.ts";
import { COMMANDS } from "./image.ts";
import { serverOf, setPipeline } from "./served-pipeline.ts";

const checks = suite("the checks in a task of Concourse, run by Concourse");
const begin = scenesOf(checks);
const server = serverOf(checks);

checks("pass, and their results are in the log", async () => {
  const scene = await begin(Scene.calling("concourse", COMMANDS.slipway));
  const name = await setPipeline(server(), scene, "good", {});
  const build = await server().ended(name, "test");
  const log = await server().log(build);
  assert.is(build.status, "succeeded", log);
  assert.match(log, /unit +passed/);
  await server().removePipeline(name);
});

checks("fail by a planted bug, which the log tells, and nothing follows", async () => {
  const scene = await begin(Scene.calling("concourse", COMMANDS.slipway));
  await scene.plantFailure();
  const name = await setPipeline(server(), scene, "bad", VARS);
  const build = await server().ended(name, "test");
  const log = await server().log(build);
  assert.is(build.status, "failed", log);
  assert.match(log, /unit +failed/);
  assert.match(log, /^unit: adds: .* \(sum\.test\.js:4\)$/m);
  assert.equal(await server().builds(name, "deploy-canary"), []);
  await server().removePipeline(name);
});

checks.run();
