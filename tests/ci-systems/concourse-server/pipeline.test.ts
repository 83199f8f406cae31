import { suite } from "uvu";
import * as assert from "uvu/assert";
import { VARS } from "../../providers/concourse-runner.ts";
import { CALLS_TO_CANARY, PROMOTION, Scene, scenesOf } from "../../providers/scene.ts";
import { COMMANDS } from "./image.ts";
import { serverOf, setPipeline } from "./served-pipeline.ts";

const concourse = suite("the pipeline of Concourse, run by Concourse");
const begin = scenesOf(concourse);
const server = serverOf(concourse);

/** What the recorder has written down in the last build of a job. */
async function callsOf(name: string, job: string): Promise<readonly string[]> {
  const build = await server().ended(name, job);
  const log = await server().log(build);
  assert.is(build.status, "succeeded", log);
  return log.match(/^call .* \|.*$/gm)?.map((line) => line.trimEnd()) ?? [];
}

concourse("brings a commit to the first ring, and to the next one when somebody presses its button", async () => {
  const scene = await begin(Scene.calling("concourse", COMMANDS.recorder));
  const name = await setPipeline(server(), scene, "rings", VARS);
  const calls = [...(await callsOf(name, "test")), ...(await callsOf(name, "deploy-canary"))];
  assert.equal(calls, CALLS_TO_CANARY);
  assert.equal(await server().builds(name, "deploy-production"), []);
  await server().press(name, "deploy-production");
  assert.is((await callsOf(name, "deploy-production")).at(-1), PROMOTION);
  await server().removePipeline(name);
});

concourse("ends a job whose secret is not there, and calls nothing in it", async () => {
  const scene = await begin(Scene.calling("concourse", COMMANDS.recorder));
  const { "canary-kubeconfig": _missing, ...others } = VARS;
  const name = await setPipeline(server(), scene, "secret", others);
  const build = await server().ended(name, "deploy-canary");
  const log = await server().log(build);
  assert.is(build.status, "errored", log);
  assert.match(log, "undefined vars: canary-kubeconfig");
  assert.not.match(log, "deploy --ring");
  await server().removePipeline(name);
});

concourse.run();
