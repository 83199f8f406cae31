import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { textOf } from "../support/pipeline-settings.ts";
import { runStages } from "./azure-runner.ts";
import { CALL_OF_PRODUCTION, CALLS_TO_CANARY, codesOf, READER, Scene, SIGNED, scenesOf } from "./scene.ts";
import { checkSchema } from "./schemas.ts";

const FILE = "azure-pipelines.yml";

const groups = {
  "slipway-publish": { REGISTRY_USERNAME: "robot", REGISTRY_PASSWORD: "hush", SIGNING_KEY: "of publish" },
  "slipway-canary": { RING_KUBECONFIG: "of canary" },
  "slipway-production": { RING_KUBECONFIG: "of production", ...READER, SLIPWAY_APPROVALS: SIGNED },
};

const azure = suite("the file of Azure Pipelines, run");
const begin = scenesOf(azure);

/** The schema knows the name of this task, and not what it may be given. */
const withoutCoverage = (text: string) => text.replace(/ +- task: PublishCodeCoverageResults@2\n(?: {12}.*\n)+/, "");

azure("is one to Azure's schema, and would be refused with a misspelt key or task", () => {
  for (const variant of ["{}", "{ engine: [dagger, embedded], runner: [own, big] }"]) {
    const text = withoutCoverage(withoutCoverage(textOf("azure", variant)));
    assert.equal(checkSchema("azure-pipelines", parse(text)), [], variant);
    for (const word of ["fetchDepth", "ManualValidation@1", "runOnce", "lockBehavior"])
      assert.ok(checkSchema("azure-pipelines", parse(text.replace(word, `${word}x`))).length > 0, word);
  }
});

azure("calls the checks alone for a pull request, and there is no secret", async () => {
  const scene = await begin(Scene.recorded("azure"));
  const pressed = ["deploy_production"];
  const ended = await runStages(scene, scene.read(FILE), { ref: "refs/pull/7/merge", groups, pressed });
  assert.equal(codesOf(ended), [["test", 0]]);
  assert.equal(scene.calls(), CALLS_TO_CANARY.slice(0, 1));
});

azure("brings the branch to the first ring, and waits for somebody at the next one", async () => {
  const scene = await begin(Scene.recorded("azure"));
  const ended = await runStages(scene, scene.read(FILE), { ref: "refs/heads/main", groups });
  assert.equal(codesOf(ended), [
    ["test", 0],
    ["publish", 0],
    ["deploy_canary", 0],
  ]);
  assert.equal(scene.calls(), CALLS_TO_CANARY);
});

azure("deploys the same release to the next ring when somebody lets it", async () => {
  const scene = await begin(Scene.recorded("azure"));
  const pressed = ["deploy_production"];
  const ended = await runStages(scene, scene.read(FILE), { ref: "refs/heads/main", groups, pressed });
  assert.is(ended.get("deploy_production")?.code, 0, ended.get("deploy_production")?.output);
  assert.is(scene.calls().at(-1), CALL_OF_PRODUCTION);
});

azure("ends with 0 after checks that pass, and the report arrives", async () => {
  const scene = await begin(Scene.real("azure"));
  const ended = await runStages(scene, scene.read(FILE), { ref: "refs/pull/7/merge", groups });
  assert.is(ended.get("test")?.code, 0, ended.get("test")?.output);
  assert.match(scene.artifact("reports-test/unit/out/unit.xml") ?? "", '<testcase name="adds"');
});

azure("ends with 1 after a check that fails, publishes nothing, and its report arrives all the same", async () => {
  const scene = await begin(Scene.real("azure"));
  await scene.plantFailure();
  const ended = await runStages(scene, scene.read(FILE), { ref: "refs/heads/main", groups });
  assert.equal(codesOf(ended), [["test", 1]]);
  assert.match(ended.get("test")?.output ?? "", /unit +failed/);
  assert.match(scene.artifact("reports-test/unit/out/unit.xml") ?? "", "<failure");
});

azure.run();
