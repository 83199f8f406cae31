import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { textOf } from "../support/pipeline-settings.ts";
import { runPipeline } from "./bitbucket-runner.ts";
import { CALL_OF_PRODUCTION, CALLS_TO_CANARY, codesOf, READER, Scene, SIGNED, scenesOf } from "./scene.ts";
import { checkSchema } from "./schemas.ts";

const FILE = "bitbucket-pipelines.yml";

const environments = {
  publish: { REGISTRY_USERNAME: "robot", REGISTRY_PASSWORD: "hush", SIGNING_KEY: "of publish" },
  canary: { RING_KUBECONFIG: "of canary" },
  production: { RING_KUBECONFIG: "of production", ...READER, SLIPWAY_APPROVALS: SIGNED },
};

const onBranch = ["branches", "main"] as const;
const onPullRequest = ["pull-requests", "**"] as const;

const bitbucket = suite("the file of Bitbucket Pipelines, run");
const begin = scenesOf(bitbucket);

bitbucket("is one to Bitbucket's schema, and would be refused with a service that is no list", () => {
  for (const variant of ["{}", "{ engine: [dagger, embedded], runner: linux.shell }"]) {
    const text = textOf("bitbucket", variant);
    assert.equal(checkSchema("bitbucket-pipelines", parse(text)), [], variant);
    const bad = text.replace(/max-time: \d+/, "max-time: soon");
    assert.ok(checkSchema("bitbucket-pipelines", parse(bad)).length > 0, variant);
  }
});

bitbucket("calls the checks alone for a pull request, and there is no secret", async () => {
  const scene = await begin(Scene.recorded("bitbucket"));
  const ended = await runPipeline(scene, scene.read(FILE), { pipeline: onPullRequest, environments });
  assert.equal(codesOf(ended), [["test", 0]]);
  assert.equal(scene.calls(), CALLS_TO_CANARY.slice(0, 1));
});

bitbucket("brings the branch to the first ring, and waits for somebody at the next one", async () => {
  const scene = await begin(Scene.recorded("bitbucket"));
  const ended = await runPipeline(scene, scene.read(FILE), { pipeline: onBranch, environments });
  assert.equal(codesOf(ended), [
    ["test", 0],
    ["publish", 0],
    ["deploy-canary", 0],
  ]);
  assert.equal(scene.calls(), CALLS_TO_CANARY);
});

bitbucket("deploys the same release to the next ring when somebody starts its step", async () => {
  const scene = await begin(Scene.recorded("bitbucket"));
  const pressed = ["deploy-production"];
  const ended = await runPipeline(scene, scene.read(FILE), { pipeline: onBranch, environments, pressed });
  assert.is(ended.get("deploy-production")?.code, 0, ended.get("deploy-production")?.output);
  assert.is(scene.calls().at(-1), CALL_OF_PRODUCTION);
});

bitbucket("ends with 0 after checks that pass, and the report arrives", async () => {
  const scene = await begin(Scene.real("bitbucket"));
  const ended = await runPipeline(scene, scene.read(FILE), { pipeline: onPullRequest, environments });
  assert.is(ended.get("test")?.code, 0, ended.get("test")?.output);
  assert.match(scene.artifact("reports/unit/out/unit.xml") ?? "", '<testcase name="adds"');
});

bitbucket("ends with 1 after a check that fails, publishes nothing, and its report arrives all the same", async () => {
  const scene = await begin(Scene.real("bitbucket"));
  await scene.plantFailure();
  const ended = await runPipeline(scene, scene.read(FILE), { pipeline: onBranch, environments });
  assert.equal(codesOf(ended), [["test", 1]]);
  assert.match(ended.get("test")?.output ?? "", /unit +failed/);
  assert.match(scene.artifact("reports/unit/out/unit.xml") ?? "", "<failure");
});

bitbucket.run();
