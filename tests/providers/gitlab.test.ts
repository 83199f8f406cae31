import { suite } from "uvu";
import * as assert from "uvu/assert";
import { beginGitlab, runGitlab as run } from "./gitlab-runner.ts";
import { CALL_OF_PRODUCTION, CALLS_TO_CANARY, PLANTED, Scene, scenesOf } from "./scene.ts";

const gitlab = suite("the pipeline of GitLab CI, run");
const prepare = scenesOf(gitlab);

const begin = async (make: Promise<Scene>) => await beginGitlab(await prepare(make));

/** A registry's password is the project's: jobs that do not use it have it all the same. */
const withoutProject = (calls: readonly string[]) => calls.map((call) => call.replace(/ REGISTRY_\w+=\w+/g, ""));

const REQUEST = ["--variable", "CI_PIPELINE_SOURCE=merge_request_event"];

gitlab("is one to GitLab's own schema, and would be refused with a misspelt key", async () => {
  const scene = await begin(Scene.recorded("gitlab"));
  const good = await run(scene, "--list");
  assert.is(good.code, 0, good.output);
  assert.match(good.output, "json schema validated");
  scene.write(".gitlab-ci.yml", scene.read(".gitlab-ci.yml").replace("interruptible:", "interuptible:"));
  const bad = await run(scene, "--list");
  assert.is(bad.code, 1, bad.output);
});

gitlab("calls the checks alone for a merge request", async () => {
  const scene = await begin(Scene.recorded("gitlab"));
  await scene.git("checkout", "--quiet", "-b", "feature");
  const ended = await run(scene, ...REQUEST);
  assert.is(ended.code, 0, ended.output);
  assert.equal(withoutProject(scene.calls()), CALLS_TO_CANARY.slice(0, 1));
});

gitlab("brings the branch to the first ring, and to the next one when somebody starts its job", async () => {
  const scene = await begin(Scene.recorded("gitlab"));
  const ended = await run(scene);
  assert.is(ended.code, 0, ended.output);
  assert.equal(withoutProject(scene.calls()), withoutProject(CALLS_TO_CANARY));
  assert.match(scene.calls()[1] ?? "", "REGISTRY_USERNAME=robot REGISTRY_PASSWORD=hush SIGNING_KEY=of publish");
  scene.forgetCalls();
  const later = await run(scene, "--manual", "deploy-production");
  assert.is(later.code, 0, later.output);
  assert.is(scene.calls().at(-1), CALL_OF_PRODUCTION);
});

gitlab("ends with 0 after checks that pass, and the report arrives", async () => {
  const scene = await begin(Scene.real("gitlab"));
  const ended = await run(scene, "test");
  assert.is(ended.code, 0, ended.output);
  assert.match(scene.read("reports/unit/out/unit.xml"), '<testcase name="adds"');
  assert.match(ended.output, /coverage: \d+\.\d% of \d+ lines/);
});

gitlab("ends with 1 after a check that fails, publishes nothing, and its report arrives all the same", async () => {
  const scene = await begin(Scene.real("gitlab"));
  await scene.plantFailure();
  const ended = await run(scene);
  assert.is(ended.code, 1, ended.output);
  assert.match(ended.output, /unit +failed/);
  assert.not.match(ended.output, "publish starting");
  assert.match(scene.read("reports/unit/out/unit.xml"), "<failure");
  assert.match(scene.read("reports/junit.xml"), PLANTED.place);
  assert.equal(JSON.parse(scene.read("reports/codequality.json"))[0].location, PLANTED.quality);
});

gitlab.run();
