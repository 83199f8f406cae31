import { readdirSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { runPipelines } from "./drone-runner.ts";
import { CALLS_TO_CANARY, codesOf, PROMOTION, Scene, SIGNED, scenesOf } from "./scene.ts";
import { checkSchema } from "./schemas.ts";
import { startWorkflows } from "./woodpecker-reader.ts";

/** Secrets of the repository, by the event that they are for. */
const ofPush = {
  registry_username: "robot",
  registry_password: "hush",
  signing_key: "of publish",
  canary_kubeconfig: "of canary",
};
const ofDeployment = {
  production_kubeconfig: "of production",
  production_registry_username: "reader",
  production_registry_password: "look",
};

const push = { event: "push", ref: "refs/heads/main" };
const pullRequest = { event: "pull_request", ref: "refs/pull/7/head" };

const woodpecker = suite("the workflows of Woodpecker, run");
const begin = scenesOf(woodpecker);

woodpecker("are ones to Woodpecker's own schema, and would be refused with a misspelt key", async () => {
  const scene = await begin(Scene.recorded("woodpecker"));
  const files = readdirSync(join(scene.source, ".woodpecker"));
  assert.equal(files, ["deliver.yaml", "promote.yaml", "test.yaml"]);
  for (const file of files) {
    const text = scene.read(`.woodpecker/${file}`);
    assert.equal(checkSchema("woodpecker-ci", parse(text)), [], file);
    assert.ok(checkSchema("woodpecker-ci", parse(text.replace("commands:", "comands:"))).length > 0, file);
    assert.ok(checkSchema("woodpecker-ci", parse(text.replace("steps:", "step:"))).length > 0, file);
  }
});

woodpecker("call the checks alone for a pull request, and there is no secret", async () => {
  const scene = await begin(Scene.recorded("woodpecker"));
  const ended = await runPipelines(scene, startWorkflows(scene, pullRequest), { secrets: {} });
  assert.equal(codesOf(ended), [["test", 0]]);
  assert.equal(scene.calls(), CALLS_TO_CANARY.slice(0, 1));
});

woodpecker("start nothing for other branches, tags, or a deployment of a pull request's run", async () => {
  const scene = await begin(Scene.recorded("woodpecker"));
  const events = [
    { event: "push", ref: "refs/heads/feature" },
    { event: "tag", ref: "refs/tags/v1" },
    { event: "deployment", ref: "refs/pull/7/head", target: "production" },
    { event: "deployment", ref: "refs/heads/main", target: "elsewhere" },
    { event: "cron", ref: "refs/heads/main" },
    { event: "manual", ref: "refs/heads/main" },
  ];
  assert.equal(
    events.map((happened) => startWorkflows(scene, happened).map(({ name }) => name)),
    events.map(() => []),
  );
});

woodpecker("bring the branch to the first ring, and to the next one when somebody deploys to it", async () => {
  const scene = await begin(Scene.recorded("woodpecker"));
  const ended = await runPipelines(scene, startWorkflows(scene, push), { secrets: ofPush });
  assert.equal(codesOf(ended), [
    ["test", 0],
    ["deliver", 0],
  ]);
  assert.equal(scene.calls(), CALLS_TO_CANARY);
  const started = startWorkflows(scene, { event: "deployment", ref: "refs/heads/main", target: "production" });
  const later = await runPipelines(scene, started, { secrets: ofDeployment, params: { SLIPWAY_APPROVALS: SIGNED } });
  assert.equal(codesOf(later), [["promote", 0]]);
  assert.is(scene.calls().at(-1), PROMOTION);
});

woodpecker("end with 0 after checks that pass, and the report arrives", async () => {
  const scene = await begin(Scene.real("woodpecker"));
  const ended = await runPipelines(scene, startWorkflows(scene, pullRequest), { secrets: {} });
  assert.is(ended.get("test")?.code, 0, ended.get("test")?.output);
  assert.match(scene.artifact("reports/unit/out/unit.xml") ?? "", '<testcase name="adds"');
});

woodpecker("end with 1 after a check that fails, publish nothing, and its report arrives all the same", async () => {
  const scene = await begin(Scene.real("woodpecker"));
  await scene.plantFailure();
  const ended = await runPipelines(scene, startWorkflows(scene, push), { secrets: ofPush });
  assert.is(ended.get("test")?.code, 1, ended.get("test")?.output);
  assert.match(ended.get("test")?.output ?? "", /unit +failed/);
  assert.equal([...ended.keys()], ["test"]);
  assert.match(scene.artifact("reports/unit/out/unit.xml") ?? "", "<failure");
});

woodpecker.run();
