import { asRoot } from "./as-root.ts";
import { FIRST_LINE, type GeneratedFile } from "./generated.ts";
import { checkLines, commandOf, DAGGER, fetchDagger, installSlipway, NODE } from "./install.ts";
import {
  APPROVALS,
  type ChecksJob,
  type Job,
  type Pipeline,
  type PublishJob,
  RELEASE_FILE,
  REPORTS,
  type RingJob,
  writeApprovals,
} from "./pipeline.ts";
import { azureStore } from "./store-cache.ts";
import { inLine, writeYaml } from "./yaml-text.ts";

/** What the protected branch has, and no pull request: that of one is called refs/pull/N/merge. */
const onBranch = (branch: string) => `and(succeeded(), eq(variables['Build.SourceBranch'], 'refs/heads/${branch}'))`;

/**
 * The file of Azure Pipelines. Secrets are in variable groups, one for each stage that has any. A ring that a person lets a run into
 * asks in the file itself: an environment that nobody has set up would let everything in.
 */
export function writeAzure(pipeline: Pipeline): GeneratedFile[] {
  const { branch, checks, publish, rings } = pipeline;
  const content = {
    trigger: { branches: { include: inLine([branch]) } },
    pr: { branches: { include: inLine(["*"]) } },
    stages: [
      { stage: "test", jobs: checks.map((job) => checksJob(pipeline, job)) },
      ...(publish === undefined ? [] : [publishStage(pipeline, publish)]),
      ...rings.map((job) => ringStage(pipeline, job)),
    ],
  };
  return [{ path: "azure-pipelines.yml", text: writeYaml([FIRST_LINE], content) }];
}

function checksJob(pipeline: Pipeline, job: ChecksJob) {
  const { junit, cobertura } = pipeline.reportFiles;
  const always = { condition: "succeededOrFailed()" };
  const results = { testResultsFormat: "JUnit", testResultsFiles: junit.join("\n") };
  const store = azureStore(pipeline, job);
  return {
    ...start(pipeline, job),
    steps: [
      checkOut(1),
      ...install(pipeline, job),
      ...store.before,
      script(checkLines(job, (call) => line(pipeline, job, call))),
      ...(junit.length === 0 ? [] : [{ task: "PublishTestResults@2", ...always, inputs: results }]),
      ...(cobertura.length === 0
        ? []
        : [{ task: "PublishCodeCoverageResults@2", ...always, inputs: { summaryFileLocation: cobertura.join("\n") } }]),
      { publish: REPORTS, artifact: `${REPORTS}-${job.id}`, ...always },
      ...store.after,
    ],
  };
}

function publishStage(pipeline: Pipeline, job: PublishJob) {
  return {
    ...stage(pipeline, job, "test"),
    jobs: [
      {
        ...start(pipeline, job),
        steps: [
          checkOut(0),
          ...install(pipeline, job),
          script([line(pipeline, job, job.call)], job.secrets),
          { publish: RELEASE_FILE, artifact: "release" },
        ],
      },
    ],
  };
}

function ringStage(pipeline: Pipeline, job: RingJob) {
  const { ring, quorum, isManual } = job;
  const ask = {
    job: "ask",
    // No machine is kept while a person thinks.
    pool: "server",
    timeoutInMinutes: 4320,
    steps: [{ task: "ManualValidation@1", inputs: { notifyUsers: "", instructions: `Deploy to ${ring}?` } }],
  };
  const lines = [...writeApprovals(job), line(pipeline, job, job.call)];
  const steps = [
    checkOut(0),
    { download: "current", artifact: "release" },
    ...install(pipeline, job),
    // An artifact comes into a folder of its own.
    script(
      [`cp "$PIPELINE_WORKSPACE/release/${RELEASE_FILE}" .`, ...lines],
      [...job.secrets, ...(quorum > 0 ? [APPROVALS] : [])],
    ),
  ];
  const { job: name, ...limits } = start(pipeline, job);
  return {
    ...stage(pipeline, job, job.needs),
    // With an exclusive lock on the environment: all of them, one after the other.
    lockBehavior: "sequential",
    jobs: [
      ...(isManual ? [ask] : []),
      {
        deployment: name,
        ...(isManual ? { dependsOn: "ask" } : {}),
        ...limits,
        environment: ring,
        strategy: { runOnce: { deploy: { steps } } },
      },
    ],
  };
}

/** A stage that is for the protected branch alone, with the secrets of its group. */
function stage({ branch }: Pipeline, job: PublishJob | RingJob, after: string) {
  return {
    stage: nameOf(job.id),
    dependsOn: nameOf(after),
    condition: onBranch(branch),
    variables: [{ group: `slipway-${"ring" in job ? job.ring : job.id}` }],
  };
}

/** Names of stages and jobs have no dashes there. */
function nameOf(id: string): string {
  return id.replaceAll("-", "_");
}

/** The first label is the pool, the others are what an agent has to be able to do. */
function start({ settings: { runner } }: Pipeline, { id, minutes }: Job) {
  const [name, ...demands] = runner;
  const own = { name, ...(demands.length === 0 ? {} : { demands: inLine(demands) }) };
  return {
    job: nameOf(id),
    displayName: id,
    pool: name === undefined ? { vmImage: "ubuntu-24.04" } : own,
    timeoutInMinutes: minutes,
  };
}

/** @param depth 0 for all commits */
function checkOut(depth: number) {
  return { checkout: "self", fetchDepth: depth };
}

/** A secret variable is in no environment but where it is asked for by name. */
function script(lines: readonly string[], secrets: readonly string[] = []) {
  const env = Object.fromEntries(secrets.map((name) => [name, `$(${name})`]));
  // Without it a script goes on after a line that fails.
  const text = ["set -e", ...lines].join("\n");
  return { bash: `${text}\n`, ...(secrets.length === 0 ? {} : { env }) };
}

function line(pipeline: Pipeline, job: Job, call: string): string {
  return asRoot(job, commandOf(pipeline, job, call));
}

function install(pipeline: Pipeline, { engine }: Job): object[] {
  if (engine === "dagger") {
    const variables = [`DAGGER_ARCHIVE=${DAGGER.archive}`, `DAGGER_SHA256=${DAGGER.sha256}`];
    const path = 'echo "##vso[task.prependpath]$AGENT_TEMPDIRECTORY"';
    return [script([...variables, ...fetchDagger("$AGENT_TEMPDIRECTORY"), path])];
  }
  const command = installSlipway(pipeline);
  const node = { task: "NodeTool@0", inputs: { versionSpec: `${NODE}.x` } };
  return [node, ...(command === undefined ? [] : [script([command])])];
}
