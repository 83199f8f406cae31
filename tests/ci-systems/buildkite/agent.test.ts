import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SECRETS } from "../../providers/buildkite-runner.ts";
import { CALL_OF_PRODUCTION, CALLS_TO_CANARY, codesOf, PLANTED, Scene, scenesOf } from "../../providers/scene.ts";
import { runBuild } from "./agent.ts";

const FILE = ".buildkite/pipeline.yml";

const buildkite = suite("the file of Buildkite, run by Buildkite's agent");
const begin = scenesOf(buildkite);

buildkite("is refused by the agent with a step that is none", async () => {
  const scene = await begin(Scene.recorded("buildkite"));
  scene.write(FILE, scene.read(FILE).replace("steps:", "steps: nothing\nothers:"));
  await scene.commit("Break the file");
  const { upload, ended } = await runBuild(scene, { branch: "main", secrets: SECRETS });
  assert.is(upload?.code, 1, upload?.output);
  assert.match(upload?.output ?? "", "unmarshaling steps");
  assert.equal(codesOf(ended), []);
});

buildkite("calls the checks alone for a pull request, though the agent could have every secret", async () => {
  const scene = await begin(Scene.recorded("buildkite"));
  const { ended, agent } = await runBuild(scene, { branch: "main", pullRequest: 7, secrets: SECRETS });
  assert.equal(codesOf(ended), [["test", 0]], agent);
  assert.equal(scene.calls(), CALLS_TO_CANARY.slice(0, 1));
});

buildkite("brings the branch to the first ring, waits there, and shows no secret in its log", async () => {
  const scene = await begin(Scene.recorded("buildkite"));
  const { ended } = await runBuild(scene, { branch: "main", secrets: SECRETS });
  assert.equal(
    codesOf(ended),
    ["test", "publish", "deploy-canary"].map((name) => [name, 0]),
    [...ended.values()].map(({ output }) => output).join("\n"),
  );
  assert.equal(scene.calls(), CALLS_TO_CANARY);
  const told = [...ended.values()].map(({ output }) => output).join("\n");
  assert.not.match(told, /hush|of canary/);
});

buildkite("deploys the release that the agent handed on to the next ring when somebody unblocks it", async () => {
  const scene = await begin(Scene.recorded("buildkite"));
  const { ended } = await runBuild(scene, { branch: "main", secrets: SECRETS, pressed: ["allow-production"] });
  assert.is(ended.get("deploy-production")?.code, 0, ended.get("deploy-production")?.output);
  assert.is(scene.calls().at(-1), CALL_OF_PRODUCTION);
});

buildkite("fails a job whose secret is not there, and calls nothing in it", async () => {
  const scene = await begin(Scene.recorded("buildkite"));
  const { SIGNING_KEY, ...others } = SECRETS;
  assert.ok(SIGNING_KEY);
  const { ended } = await runBuild(scene, { branch: "main", secrets: others });
  assert.equal([...ended.keys()], ["test", "publish"]);
  assert.is.not(ended.get("publish")?.code, 0);
  assert.equal(scene.calls(), CALLS_TO_CANARY.slice(0, 1));
});

buildkite("ends with 0 after checks that pass, and the report and its summary arrive", async () => {
  const scene = await begin(Scene.real("buildkite"));
  const { ended, annotations } = await runBuild(scene, { branch: "feature", secrets: {} });
  assert.is(ended.get("test")?.code, 0, ended.get("test")?.output);
  assert.match(scene.artifact("reports/unit/out/unit.xml") ?? "", '<testcase name="adds"');
  assert.match(annotations.join("\n"), "unit");
});

buildkite("ends with 1 after a check that fails, publishes nothing, and its report and summary arrive", async () => {
  const scene = await begin(Scene.real("buildkite"));
  await scene.plantFailure();
  const { ended, annotations } = await runBuild(scene, { branch: "main", secrets: SECRETS });
  assert.equal(codesOf(ended), [["test", 1]], ended.get("test")?.output);
  assert.match(ended.get("test")?.output ?? "", /unit +failed/);
  assert.match(scene.artifact("reports/unit/out/unit.xml") ?? "", "<failure");
  assert.match(scene.artifact("reports/junit.xml") ?? "", PLANTED.place);
  assert.match(annotations.join("\n"), PLANTED.summary);
});

buildkite.run();
