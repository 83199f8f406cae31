import type { ProviderName } from "../../ci/src/config/provider-schema.ts";
import { runStages } from "./azure-runner.ts";
import { runPipeline as runBitbucket } from "./bitbucket-runner.ts";
import { runPipeline as runBuildkite } from "./buildkite-runner.ts";
import { runWorkflow as runCircleci } from "./circleci-runner.ts";
import { runPipeline as runConcourse } from "./concourse-runner.ts";
import { readDrone } from "./drone-reader.ts";
import { runPipelines } from "./drone-runner.ts";
import { runWorkflow as runGithub } from "./github-runner.ts";
import { beginGitlab, runGitlab } from "./gitlab-runner.ts";
import { runJenkins } from "./jenkins-runner.ts";
import type { Ended, Scene } from "./scene.ts";
import { runPipelineRun } from "./tekton-runner.ts";
import { startWorkflows } from "./woodpecker-reader.ts";

/** The one job that a pull request starts. */
const only = async (ended: Promise<ReadonlyMap<string, Ended>>): Promise<Ended> => {
  const [one, ...others] = [...(await ended).values()];
  if (one === undefined || others.length > 0) throw new Error(`${others.length + (one === undefined ? 0 : 1)} jobs`);
  return one;
};

/** How each system runs the checks of a pull request. */
export const runChecks: Readonly<Record<ProviderName, (scene: Scene) => Promise<Ended>>> = {
  github: (scene) =>
    only(
      runGithub(scene, scene.read(".github/workflows/slipway.yml"), {
        event: "pull_request",
        secrets: {},
        vars: {},
        approved: [],
      }),
    ),
  gitlab: async (scene) => {
    // By a shell of this machine nothing runs beside a job.
    scene.write(".gitlab-ci.yml", scene.read(".gitlab-ci.yml").replace(/ {2}services:\n(?: {4}- .*\n)+/, ""));
    return await runGitlab(await beginGitlab(scene), "test");
  },
  concourse: (scene) =>
    only(
      runConcourse(
        scene,
        scene.read("ci/concourse/pipeline.yml").replace(/\n {2}- name: deploy-canary[\s\S]*/, "\n"),
        { "dagger-engine": "" },
        [],
      ),
    ),
  jenkins: (scene) =>
    runJenkins(scene, { branch: "PR-7", change: true, credentials: {}, answers: {}, plugins: ["coverage"] }),
  woodpecker: (scene) =>
    only(
      runPipelines(scene, startWorkflows(scene, { event: "pull_request", ref: "refs/pull/7/head" }), { secrets: {} }),
    ),
  drone: async (scene) =>
    only(runPipelines(scene, await readDrone(scene, "pull_request", "refs/pull/7/head"), { secrets: {} })),
  bitbucket: (scene) =>
    only(
      runBitbucket(scene, scene.read("bitbucket-pipelines.yml"), {
        pipeline: ["pull-requests", "**"],
        environments: {},
      }),
    ),
  circleci: (scene) =>
    only(runCircleci(scene, scene.read(".circleci/config.yml"), { branch: "feature", contexts: {} })),
  azure: (scene) => only(runStages(scene, scene.read("azure-pipelines.yml"), { ref: "refs/pull/7/merge", groups: {} })),
  buildkite: (scene) =>
    only(runBuildkite(scene, scene.read(".buildkite/pipeline.yml"), { branch: "feature", secrets: {} })),
  tekton: (scene) => only(runPipelineRun(scene, scene.read(".tekton/slipway-pull-request.yaml"), { secrets: {} })),
};
