import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SECRETS } from "../../providers/drone-runner.ts";
import { CALLS_TO_CANARY, codesOf, PROMOTION, Scene, SIGNED, scenesOf } from "../../providers/scene.ts";
import { runBuild } from "./runner.ts";

const push = { event: "push", ref: "refs/heads/main" };

const drone = suite("the pipelines of Drone, run by Drone's runner");
const begin = scenesOf(drone);

drone("call the checks alone for a pull request, though the runner has every secret", async () => {
  const scene = await begin(Scene.recorded("drone"));
  await scene.git("update-ref", "refs/pull/7/head", "HEAD");
  const ended = await runBuild(scene, { event: "pull_request", ref: "refs/pull/7/head", secrets: SECRETS });
  assert.equal(codesOf(ended), [["test", 0]], ended.get("test")?.output);
  assert.equal(scene.calls(), CALLS_TO_CANARY.slice(0, 1));
});

drone("bring the branch to the first ring, and to the next one when somebody promotes the build", async () => {
  const scene = await begin(Scene.recorded("drone"));
  const ended = await runBuild(scene, { ...push, secrets: SECRETS });
  const told = [...ended.values()].map(({ output }) => output).join("\n");
  assert.equal(
    codesOf(ended),
    ["test", "deploy-canary"].map((name) => [name, 0]),
    told,
  );
  assert.equal(scene.calls(), CALLS_TO_CANARY);
  assert.not.match(told, /hush|of canary/);
});

drone("promote to the next ring what is live in the one before, with the approvals", async () => {
  const scene = await begin(Scene.recorded("drone"));
  const promotion = { event: "promote", ref: "refs/heads/main", deployTo: "production" };
  const ended = await runBuild(scene, { ...promotion, secrets: SECRETS, params: { SLIPWAY_APPROVALS: SIGNED } });
  assert.equal(codesOf(ended), [["deploy-production", 0]], ended.get("deploy-production")?.output);
  assert.equal(scene.calls(), [PROMOTION]);
});

drone("end with 0 after checks that pass", async () => {
  const scene = await begin(Scene.real("drone"));
  const ended = await runBuild(scene, { ...push, secrets: {} });
  assert.is(ended.get("test")?.code, 0, ended.get("test")?.output);
});

drone("end with 1 after a check that fails, publish nothing, and its report is in the log", async () => {
  const scene = await begin(Scene.real("drone"));
  await scene.plantFailure();
  const ended = await runBuild(scene, { ...push, secrets: SECRETS });
  assert.equal(codesOf(ended), [["test", 1]], ended.get("test")?.output);
  assert.match(ended.get("test")?.output ?? "", /unit +failed/);
  assert.match(ended.get("test")?.output ?? "", "sum.test.js:4");
});

drone("end a failed report with what repeats it elsewhere, also of a pull request that Drone merged", async () => {
  const scene = await begin(Scene.real("drone"));
  await scene.git("switch", "--quiet", "--create", "feature");
  await scene.plantFailure();
  await scene.git("update-ref", "refs/pull/7/head", "HEAD");
  await scene.git("switch", "--quiet", "main");
  scene.write("NOTES", "written meanwhile\n");
  await scene.commit("Go on");
  const ended = await runBuild(scene, { event: "pull_request", ref: "refs/pull/7/head", secrets: {} });
  const repeated = await scene.repeat(ended.get("test")?.output ?? "");
  assert.is(repeated.code, 1, repeated.output);
  assert.match(repeated.output, "1 failed");
});

drone.run();
