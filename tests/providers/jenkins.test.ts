import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runJenkins as run, type World } from "./jenkins-runner.ts";
import { CALL_OF_PRODUCTION, CALLS_TO_CANARY, type Ended, PLANTED, Scene, SIGNED, scenesOf } from "./scene.ts";

const world: World = {
  branch: "main",
  change: false,
  credentials: {
    "slipway-registry": { username: "robot", password: "hush" },
    "slipway-signing-key": "of publish",
    "slipway-canary-kubeconfig": "of canary",
    "slipway-production-kubeconfig": "of production",
    "slipway-production-registry": { username: "reader", password: "look" },
  },
  answers: {},
  plugins: ["coverage"],
};

const jenkins = suite("the Jenkinsfile, run");
const begin = scenesOf(jenkins);

/** The calls where key and kubeconfig are files: their paths take the place of the variables and of the texts. */
function inFiles({ top }: Scene, calls: readonly string[]): string[] {
  return calls.map((call) =>
    call
      .replace("env:SIGNING_KEY", `file:${join(top, "slipway-signing-key")}`)
      .replace("SIGNING_KEY=of publish", `SIGNING_KEY=${join(top, "slipway-signing-key")}`)
      .replaceAll(/RING_KUBECONFIG=of (\w+)/g, `RING_KUBECONFIG=${join(top, "slipway-$1-kubeconfig")}`)
      .replace(/env:RING_KUBECONFIG(.*--ring (\w+))/, `file:${join(top, "slipway-$2-kubeconfig")}$1`),
  );
}

/** How each stage ended. */
const stagesOf = ({ output }: Ended) => output.split("\n").filter((line) => line.startsWith("stage "));

jenkins("calls the checks alone for a pull request, also one from a branch called like the protected one", async () => {
  for (const branch of ["PR-7", "main"]) {
    const scene = await begin(Scene.recorded("jenkins"));
    const ended = await run(scene, { ...world, branch, change: true, credentials: {} });
    assert.is(ended.code, 0, ended.output);
    assert.equal(stagesOf(ended), [
      "stage test: passed",
      "stage publish: skipped",
      "stage deploy-canary: skipped",
      "stage deploy-production: skipped",
    ]);
    assert.equal(scene.calls(), CALLS_TO_CANARY.slice(0, 1));
  }
});

jenkins("brings the branch to the first ring, and to the next one when somebody has answered", async () => {
  const scene = await begin(Scene.recorded("jenkins"));
  const ended = await run(scene, world);
  assert.is(ended.code, 0, ended.output);
  assert.equal(stagesOf(ended), [
    "stage test: passed",
    "stage publish: passed",
    "stage deploy-canary: passed",
    "stage deploy-production: waits",
  ]);
  assert.equal(scene.calls(), inFiles(scene, CALLS_TO_CANARY));
  const later = await begin(Scene.recorded("jenkins"));
  const answered = await run(later, { ...world, answers: { "deploy-production": { SLIPWAY_APPROVALS: SIGNED } } });
  assert.is(answered.code, 0, answered.output);
  assert.is(later.calls().at(-1), inFiles(later, [CALL_OF_PRODUCTION])[0]);
});

/** Faults in the file, each with the words that tell of it. */
const faults: Readonly<Record<string, readonly [plant: (text: string) => string, told: string]>> = {
  "a section that there is not": [(text) => text.replace("      when {", "      whenever {"), "whenever"],
  "a credential of another name": [
    (text) => text.replace("'slipway-registry'", "'slipway-regstry'"),
    "Could not find credentials entry with ID 'slipway-regstry'",
  ],
  "a bracket too few": [(text) => text.replace(/\}\n$/, ""), "Jenkinsfile"],
  "text that Groovy fills in": [
    (text) => text.replace(/'''(.* release --username .*)'''/, '"""$1"""'),
    "No such property: SIGNING_KEY",
  ],
};

for (const [fault, [plant, told]] of Object.entries(faults)) {
  jenkins(`fails with ${fault}`, async () => {
    const scene = await begin(Scene.recorded("jenkins"));
    const good = scene.read("Jenkinsfile");
    assert.is.not(plant(good), good, "the fault was not planted");
    const ended = await run(scene, world, plant(good));
    assert.is(ended.code, 1, ended.output);
    assert.match(ended.output, told);
  });
}

jenkins("ends with 0 after checks that pass, and the report arrives", async () => {
  const scene = await begin(Scene.real("jenkins"));
  const ended = await run(scene, { ...world, branch: "PR-7", change: true });
  assert.is(ended.code, 0, ended.output);
  assert.match(ended.output, "junit reports/junit.xml found\ncoverage reports/cobertura.xml found\n");
  assert.match(scene.artifact("reports/unit/out/unit.xml") ?? "", '<testcase name="adds"');
});

jenkins("ends with 1 after a check that fails, publishes nothing, and its report arrives all the same", async () => {
  const scene = await begin(Scene.real("jenkins"));
  await scene.plantFailure();
  const ended = await run(scene, world);
  assert.is(ended.code, 1, ended.output);
  assert.equal(stagesOf(ended), ["stage test: failed: script returned exit code 1"]);
  assert.match(scene.artifact("reports/unit/out/unit.xml") ?? "", "<failure");
  assert.match(scene.artifact("reports/junit.xml") ?? "", PLANTED.place);
});

jenkins("shows coverage only where its plugin is, and says that it is not there", async () => {
  const scene = await begin(Scene.real("jenkins"));
  const ended = await run(scene, { ...world, branch: "PR-7", change: true, plugins: [] });
  assert.is(ended.code, 0, ended.output);
  assert.match(ended.output, "not shown: the plugin coverage is missing");
});

jenkins.run();
