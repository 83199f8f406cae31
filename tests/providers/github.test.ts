import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Context, runWorkflow } from "./github-runner.ts";
import { CALL_OF_PRODUCTION, CALLS_TO_CANARY, PLANTED, Scene, SIGNED, scenesOf } from "./scene.ts";

const FILE = ".github/workflows/slipway.yml";

const context: Context = {
  event: "push",
  secrets: {
    publish: { REGISTRY_USERNAME: "robot", REGISTRY_PASSWORD: "hush", SIGNING_KEY: "of publish" },
    canary: { RING_KUBECONFIG: "of canary" },
    production: { RING_KUBECONFIG: "of production", REGISTRY_USERNAME: "reader", REGISTRY_PASSWORD: "look" },
  },
  vars: { production: { SLIPWAY_APPROVALS: SIGNED } },
  approved: [],
};

const github = suite("the workflow of GitHub Actions, run");
const begin = scenesOf(github);

/** What is used of @actions/workflow-parser, which is there once the suite has brought it. */
interface Parser {
  readonly NoOperationTraceWriter: new () => object;
  parseWorkflow(
    file: { readonly name: string; readonly content: string },
    trace: object,
  ): { readonly context: { readonly errors: { getErrors(): readonly { readonly rawMessage: string }[] } } };
}

const PARSER = join(import.meta.dirname, "tools/node_modules/@actions/workflow-parser/dist/index.js");

github("is one to GitHub's own parser, and would be refused with a misspelt key", async () => {
  const { parseWorkflow, NoOperationTraceWriter }: Parser = await import(PARSER);
  const scene = await begin(Scene.recorded("github"));
  const errorsOf = (content: string) =>
    parseWorkflow({ name: FILE, content }, new NoOperationTraceWriter())
      .context.errors.getErrors()
      .map(({ rawMessage }) => rawMessage);
  assert.equal(errorsOf(scene.read(FILE)), []);
  assert.equal(errorsOf(scene.read(FILE).replace("runs-on:", "run-on:"))[0], "Unexpected value 'run-on'");
});

github("calls the checks alone for a pull request, and no secret is there", async () => {
  const scene = await begin(Scene.recorded("github"));
  const ended = await runWorkflow(scene, scene.read(FILE), { ...context, event: "pull_request" });
  assert.equal([...ended.keys()], ["test"]);
  assert.equal(scene.calls(), CALLS_TO_CANARY.slice(0, 1));
});

github("brings a push to the first ring, and to the next one when somebody has let it in", async () => {
  const scene = await begin(Scene.recorded("github"));
  const ended = await runWorkflow(scene, scene.read(FILE), context);
  assert.equal([...ended].map(([name, { code }]) => [name, code]), [["test", 0], ["publish", 0], ["deploy-canary", 0]]); // biome-ignore format: a table
  assert.equal(scene.calls(), CALLS_TO_CANARY);
  scene.forgetCalls();
  await runWorkflow(scene, scene.read(FILE), { ...context, approved: ["production"] });
  assert.is(scene.calls().at(-1), CALL_OF_PRODUCTION);
});

github("ends with 0 after checks that pass, and the report arrives", async () => {
  const scene = await begin(Scene.real("github"));
  const ended = await runWorkflow(scene, scene.read(FILE), { ...context, event: "pull_request" });
  assert.is(ended.get("test")?.code, 0, ended.get("test")?.output);
  assert.match(scene.artifact("reports/unit/out/unit.xml") ?? "", '<testcase name="adds"');
});

github("ends with 1 after a check that fails, and its report arrives all the same", async () => {
  const scene = await begin(Scene.real("github"));
  await scene.plantFailure();
  const ended = await runWorkflow(scene, scene.read(FILE), context);
  assert.is(ended.get("test")?.code, 1, ended.get("test")?.output);
  assert.match(ended.get("test")?.output ?? "", /unit +failed/);
  assert.equal([...ended.keys()], ["test"]);
  assert.match(scene.artifact("reports/unit/out/unit.xml") ?? "", "<failure");
  assert.match(scene.artifact("reports/junit.xml") ?? "", PLANTED.place);
  assert.match(ended.get("test")?.output ?? "", new RegExp(`^${PLANTED.command}`, "m"));
  assert.match(scene.artifact("summary-test") ?? "", PLANTED.summary);
});

github("ends a failed report with the command that repeats it elsewhere, at that commit", async () => {
  const scene = await begin(Scene.real("github"));
  await scene.plantFailure();
  const ended = await runWorkflow(scene, scene.read(FILE), { ...context, event: "pull_request" });
  await scene.mend();
  const repeated = await scene.repeat(ended.get("test")?.output ?? "");
  assert.is(repeated.code, 1, repeated.output);
  assert.match(repeated.output, "1 failed");
});

github.run();
