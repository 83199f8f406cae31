import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { textOf } from "../support/pipeline-settings.ts";
import { runPipeline, SECRETS } from "./buildkite-runner.ts";
import { CALL_OF_PRODUCTION, CALLS_TO_CANARY, codesOf, Scene, scenesOf } from "./scene.ts";
import { checkSchema } from "./schemas.ts";

const FILE = ".buildkite/pipeline.yml";

const buildkite = suite("the file of Buildkite, run");
const begin = scenesOf(buildkite);

buildkite("is one to Buildkite's schema, and would be refused with a time that is none", () => {
  for (const variant of ["{}", "{ engine: [dagger, embedded], runner: [linux, big] }"]) {
    const text = textOf("buildkite", variant);
    assert.equal(checkSchema("buildkite", parse(text)), [], variant);
    const bad = text.replace("timeout_in_minutes: ", "timeout_in_minutes: soon-");
    assert.ok(checkSchema("buildkite", parse(bad)).length > 0, variant);
  }
});

buildkite(
  "calls the checks alone for pull requests, also of a branch called as the protected one, and no secret is there",
  async () => {
    for (const branch of ["feature", "main"]) {
      const scene = await begin(Scene.recorded("buildkite"));
      const ended = await runPipeline(scene, scene.read(FILE), { branch, pullRequest: 7, secrets: {} });
      assert.equal(codesOf(ended), [["test", 0]]);
      assert.equal(scene.calls(), CALLS_TO_CANARY.slice(0, 1));
    }
  },
);

buildkite("brings the branch to the first ring, and waits for somebody at the next one", async () => {
  const scene = await begin(Scene.recorded("buildkite"));
  const ended = await runPipeline(scene, scene.read(FILE), { branch: "main", secrets: SECRETS });
  assert.equal(codesOf(ended), [
    ["test", 0],
    ["publish", 0],
    ["deploy-canary", 0],
  ]);
  assert.equal(scene.calls(), CALLS_TO_CANARY);
});

buildkite("deploys the same release to the next ring when somebody unblocks it", async () => {
  const scene = await begin(Scene.recorded("buildkite"));
  const ended = await runPipeline(scene, scene.read(FILE), {
    branch: "main",
    secrets: SECRETS,
    pressed: ["allow-production"],
  });
  assert.is(ended.get("deploy-production")?.code, 0, ended.get("deploy-production")?.output);
  assert.is(scene.calls().at(-1), CALL_OF_PRODUCTION);
});

buildkite("ends with 0 after checks that pass, and the report arrives", async () => {
  const scene = await begin(Scene.real("buildkite"));
  const ended = await runPipeline(scene, scene.read(FILE), { branch: "feature", secrets: {} });
  assert.is(ended.get("test")?.code, 0, ended.get("test")?.output);
  assert.match(scene.artifact("reports/unit/out/unit.xml") ?? "", '<testcase name="adds"');
});

buildkite("ends with 1 after a check that fails, publishes nothing, and its report arrives all the same", async () => {
  const scene = await begin(Scene.real("buildkite"));
  await scene.plantFailure();
  const ended = await runPipeline(scene, scene.read(FILE), { branch: "main", secrets: SECRETS });
  assert.equal(codesOf(ended), [["test", 1]]);
  assert.match(ended.get("test")?.output ?? "", /unit +failed/);
  assert.match(scene.artifact("reports/unit/out/unit.xml") ?? "", "<failure");
});

buildkite.run();
