import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { textOf } from "../support/pipeline-settings.ts";
import { runWorkflow } from "./circleci-runner.ts";
import { CALL_OF_PRODUCTION, CALLS_TO_CANARY, codesOf, READER, Scene, SIGNED, scenesOf } from "./scene.ts";
import { checkSchema } from "./schemas.ts";

const FILE = ".circleci/config.yml";

const contexts = {
  "slipway-publish": { REGISTRY_USERNAME: "robot", REGISTRY_PASSWORD: "hush", SIGNING_KEY: "of publish" },
  "slipway-canary": { RING_KUBECONFIG: "of canary" },
  "slipway-production": { RING_KUBECONFIG: "of production", ...READER, SLIPWAY_APPROVALS: SIGNED },
};

const circleci = suite("the file of CircleCI, run");
const begin = scenesOf(circleci);

circleci("is one to CircleCI's schema, and would be refused with a misspelt step", () => {
  for (const variant of ["{}", "{ engine: [dagger, embedded], runner: acme/linux }"]) {
    const text = textOf("circleci", variant);
    assert.equal(checkSchema("circle-ci", parse(text)), [], variant);
    const bad = text.replace("path: reports", "pth: reports");
    assert.ok(checkSchema("circle-ci", parse(bad)).length > 0, variant);
  }
});

circleci("calls the checks alone for pull requests, those of forks too, and there is no secret", async () => {
  for (const branch of ["feature", "pull/7"]) {
    const scene = await begin(Scene.recorded("circleci"));
    const ended = await runWorkflow(scene, scene.read(FILE), { branch, contexts, pressed: ["allow-production"] });
    assert.equal(codesOf(ended), [["test", 0]]);
    assert.equal(scene.calls(), CALLS_TO_CANARY.slice(0, 1));
  }
});

circleci("brings the branch to the first ring, and waits for somebody at the next one", async () => {
  const scene = await begin(Scene.recorded("circleci"));
  const ended = await runWorkflow(scene, scene.read(FILE), { branch: "main", contexts });
  assert.equal(codesOf(ended), [
    ["test", 0],
    ["publish", 0],
    ["deploy-canary", 0],
  ]);
  assert.equal(scene.calls(), CALLS_TO_CANARY);
});

circleci("deploys the same release to the next ring when somebody lets it", async () => {
  const scene = await begin(Scene.recorded("circleci"));
  const ended = await runWorkflow(scene, scene.read(FILE), { branch: "main", contexts, pressed: ["allow-production"] });
  assert.is(ended.get("deploy-production")?.code, 0, ended.get("deploy-production")?.output);
  assert.is(scene.calls().at(-1), CALL_OF_PRODUCTION);
});

circleci("ends with 0 after checks that pass, and the report arrives", async () => {
  const scene = await begin(Scene.real("circleci"));
  const ended = await runWorkflow(scene, scene.read(FILE), { branch: "feature", contexts });
  assert.is(ended.get("test")?.code, 0, ended.get("test")?.output);
  assert.match(scene.artifact("reports/unit/out/unit.xml") ?? "", '<testcase name="adds"');
});

circleci("ends with 1 after a check that fails, publishes nothing, and its report arrives all the same", async () => {
  const scene = await begin(Scene.real("circleci"));
  await scene.plantFailure();
  const ended = await runWorkflow(scene, scene.read(FILE), { branch: "main", contexts });
  assert.equal(codesOf(ended), [["test", 1]]);
  assert.match(ended.get("test")?.output ?? "", /unit +failed/);
  assert.match(scene.artifact("reports/unit/out/unit.xml") ?? "", "<failure");
});

circleci.run();
