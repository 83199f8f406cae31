import { DOCKER_BESIDE, DOCKER_COMMAND } from "./docker-images.ts";
import { FIRST_LINE, type GeneratedFile } from "./generated.ts";
import { checkLines, commandOf, DAGGER, fetchDagger, installSlipway } from "./install.ts";
import {
  type ChecksJob,
  type Job,
  type Pipeline,
  type PublishJob,
  RELEASE_FILE,
  REPORTS,
  type RingJob,
  writeApprovals,
} from "./pipeline.ts";
import { inLine, writeYaml } from "./yaml-text.ts";

/** What Dagger's engine may take of the 8 GB of its step, in megabytes. */
const ENGINE_MEMORY = 6144;

/**
 * The file of Bitbucket Pipelines. Secrets are variables of deployment environments: no other step has them, and none for a pull
 * request.
 */
export function writeBitbucket(pipeline: Pipeline): GeneratedFile[] {
  const { branch, checks, publish, rings, settings } = pipeline;
  const tests = checks.map((job) => ({ step: checksStep(pipeline, job) }));
  const side = tests.length > 1 ? [{ parallel: { steps: tests } }] : tests;
  const content = {
    ...(settings.engines.includes("dagger") && settings.runner.length === 0 ? { definitions: withDocker } : {}),
    pipelines: {
      "pull-requests": { "**": side },
      branches: {
        [branch]: [
          ...side,
          ...(publish === undefined ? [] : [{ step: publishStep(pipeline, publish) }]),
          ...rings.map((job) => ({ step: ringStep(pipeline, job) })),
        ],
      },
    },
  };
  return [{ path: "bitbucket-pipelines.yml", text: writeYaml([FIRST_LINE], content) }];
}

const withDocker = { services: { docker: { image: DOCKER_BESIDE, memory: ENGINE_MEMORY } } };

function checksStep(pipeline: Pipeline, job: ChecksJob) {
  return step(pipeline, job, {
    lines: checkLines(job, (call) => commandOf(pipeline, job, call)),
    artifacts: { upload: listReports(pipeline) },
  });
}

/** Kept of checks that fail, too, and given to no other step. */
function listReports({ reportFiles: { junit } }: Pipeline) {
  const always = { "capture-on": "always" };
  return [
    { name: REPORTS, type: "scoped", paths: [`${REPORTS}/**`], ...always },
    ...(junit.length === 0 ? [] : [{ name: "results", type: "test-reports", paths: junit, ...always }]),
  ];
}

function publishStep(pipeline: Pipeline, job: PublishJob) {
  return {
    ...step(pipeline, job, { lines: [commandOf(pipeline, job, job.call)], artifacts: [RELEASE_FILE] }),
    // For the variables of this environment, which no other step sees. Nothing is deployed there.
    deployment: job.id,
    clone: { depth: "full" },
  };
}

function ringStep(pipeline: Pipeline, job: RingJob) {
  return {
    ...step(pipeline, job, { lines: [...writeApprovals(job), commandOf(pipeline, job, job.call)] }),
    // Bitbucket lets one step at a time into an environment, and the others wait.
    deployment: job.ring,
    clone: { depth: "full" },
    ...(job.isManual ? { trigger: "manual" } : {}),
  };
}

interface Step {
  readonly lines: readonly string[];
  readonly artifacts?: object;
}

function step(pipeline: Pipeline, job: Job, { lines, artifacts }: Step) {
  return {
    name: job.id,
    "max-time": job.minutes,
    ...machine(pipeline),
    script: [...begin(pipeline, job), ...lines],
    ...(artifacts === undefined ? {} : { artifacts }),
  };
}

/** Bitbucket's own machines give a step Docker, and since their version 3 all rights in it. They have none for the embedded engine. */
function machine({ settings: { runner } }: Pipeline) {
  if (runner.length > 0) return { "runs-on": inLine(["self.hosted", ...runner]) };
  return {
    image: DOCKER_COMMAND,
    size: "2x",
    runtime: { cloud: { version: "3" } },
    services: inLine(["docker"]),
  };
}

/** A runner of one's own stays as it was: there `dagger` goes into a folder of this one step. */
function begin(pipeline: Pipeline, { engine }: Job): string[] {
  if (engine === "embedded") return [installSlipway(pipeline) ?? []].flat();
  const isOwn = pipeline.settings.runner.length > 0;
  return [
    `export DAGGER_ARCHIVE=${DAGGER.archive} DAGGER_SHA256=${DAGGER.sha256}`,
    ...(isOwn
      ? ['TOOLS="$(mktemp -d)"', ...fetchDagger("$TOOLS"), 'export PATH="$TOOLS:$PATH"']
      : fetchDagger("/usr/local/bin", "wget -q -O")),
  ];
}
