import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  CALL_OF_PRODUCTION,
  CALLS_TO_CANARY,
  codesOf,
  PLANTED,
  READER,
  Scene,
  SIGNED,
  scenesOf,
} from "../../providers/scene.ts";
import { FILE, runWorkflow } from "./act.ts";

/** One of each name: act has no environments, which would give the rings others. */
const known = {
  secrets: {
    REGISTRY_USERNAME: READER.REGISTRY_USERNAME,
    REGISTRY_PASSWORD: READER.REGISTRY_PASSWORD,
    SIGNING_KEY: "of publish",
    RING_KUBECONFIG: "of every ring",
  },
  vars: { SLIPWAY_APPROVALS: SIGNED },
};

/** The calls as they are with these. */
const withKnown = (calls: readonly string[]) =>
  calls.map((call) =>
    call
      .replaceAll("robot", READER.REGISTRY_USERNAME)
      .replaceAll("hush", READER.REGISTRY_PASSWORD)
      .replaceAll(/RING_KUBECONFIG=of \w+/g, "RING_KUBECONFIG=of every ring"),
  );

const github = suite("the workflow of GitHub Actions, run by act");
const begin = scenesOf(github);

github("is refused by act with a misspelt key", async () => {
  const scene = await begin(Scene.recorded("github"));
  scene.write(FILE, scene.read(FILE).replace("runs-on:", "run-on:"));
  await scene.commit("Break the file");
  let told = "it was run";
  await runWorkflow(scene, "push", known).catch((error: Error) => (told = error.message));
  assert.match(told, "run-on");
  assert.equal(scene.calls(), []);
});

github("calls the checks alone for a pull request, though act has every secret", async () => {
  const scene = await begin(Scene.recorded("github"));
  const ended = await runWorkflow(scene, "pull_request", known);
  assert.equal(codesOf(ended), [["test", 0]], ended.get("test")?.output);
  assert.equal(scene.calls(), CALLS_TO_CANARY.slice(0, 1));
});

github("brings a push to one ring after the other, and shows no secret in its log", async () => {
  const scene = await begin(Scene.recorded("github"));
  const ended = await runWorkflow(scene, "push", known);
  const told = [...ended.values()].map(({ output }) => output).join("\n");
  const jobs = ["test", "publish", "deploy-canary", "deploy-production"];
  assert.equal(
    codesOf(ended),
    jobs.map((name) => [name, 0]),
    told,
  );
  assert.equal(scene.calls(), withKnown([...CALLS_TO_CANARY, CALL_OF_PRODUCTION]));
  assert.not.match(told, /of every ring/);
});

github("ends with 0 after checks that pass, and the report arrives", async () => {
  const scene = await begin(Scene.real("github"));
  const ended = await runWorkflow(scene, "pull_request", known);
  assert.is(ended.get("test")?.code, 0, ended.get("test")?.output);
  assert.match(scene.artifact("reports/unit/out/unit.xml") ?? "", '<testcase name="adds"');
});

github("ends with 1 after a check that fails, publishes nothing, and its report arrives all the same", async () => {
  const scene = await begin(Scene.real("github"));
  await scene.plantFailure();
  const ended = await runWorkflow(scene, "push", known);
  assert.equal(codesOf(ended), [["test", 1]], ended.get("test")?.output);
  assert.match(ended.get("test")?.output ?? "", /unit +failed/);
  assert.match(ended.get("test")?.output ?? "", PLANTED.command);
  assert.match(scene.artifact("reports/unit/out/unit.xml") ?? "", "<failure");
  assert.match(scene.artifact("reports/junit.xml") ?? "", PLANTED.place);
});

github.run();
