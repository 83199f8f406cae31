import { asRoot } from "./as-root.ts";
import { FIRST_LINE, type GeneratedFile } from "./generated.ts";
import { checkLines, commandOf, DAGGER, fetchDagger, installSlipway } from "./install.ts";
import {
  askToken,
  type ChecksJob,
  type Job,
  type Pipeline,
  type PublishJob,
  RELEASE_FILE,
  REPORTS,
  type RingJob,
  writeApprovals,
} from "./pipeline.ts";
import { limited } from "./time-limit.ts";
import { inLine, writeYaml } from "./yaml-text.ts";

/** A whole virtual machine, with Docker and Node. */
const MACHINE = "ubuntu-2404:2024.11.1";

/**
 * The file of CircleCI. Secrets are in contexts, one for each job that has any; a run of a fork's pull request gets none. No orb is
 * used: there is nothing that somebody else could change.
 */
export function writeCircleci(pipeline: Pipeline): GeneratedFile[] {
  const { checks, publish, rings } = pipeline;
  const content = {
    version: 2.1,
    jobs: {
      ...Object.fromEntries(checks.map((job) => [job.id, checksJob(pipeline, job)])),
      ...(publish === undefined ? {} : { publish: publishJob(pipeline, publish) }),
      ...Object.fromEntries(rings.map((job) => [job.id, ringJob(pipeline, job)])),
    },
    workflows: {
      slipway: {
        jobs: [
          ...checks.map(({ id }) => id),
          ...(publish === undefined ? [] : [{ publish: delivery(pipeline, publish) }]),
          ...rings.flatMap((job) => place(pipeline, job)),
        ],
      },
    },
  };
  return [{ path: ".circleci/config.yml", text: writeYaml([FIRST_LINE], content) }];
}

function checksJob(pipeline: Pipeline, job: ChecksJob) {
  const kept = [{ store_test_results: { path: REPORTS } }, { store_artifacts: { path: REPORTS } }];
  return start(pipeline, [
    "checkout",
    ...install(pipeline, job),
    run(
      job,
      checkLines(job, (call) => line(pipeline, job, call)),
    ),
    // These are done after a step that fails, too.
    ...kept,
  ]);
}

function publishJob(pipeline: Pipeline, job: PublishJob) {
  return start(pipeline, [
    wholeHistory,
    ...install(pipeline, job),
    run(job, [line(pipeline, job, job.call)]),
    { persist_to_workspace: { root: ".", paths: inLine([RELEASE_FILE]) } },
  ]);
}

function ringJob(pipeline: Pipeline, job: RingJob) {
  return start(pipeline, [
    wholeHistory,
    { attach_workspace: { at: "." } },
    ...install(pipeline, job),
    run(job, [...askToken(job, requestToken), ...writeApprovals(job), line(pipeline, job, job.call)]),
  ]);
}

const requestToken = (audience: string) => `circleci run oidc get --claims '{"aud": "${audience}"}'`;

/** Whether the release is newer than what runs is a question to all of the history. */
const wholeHistory = { checkout: { method: "full" } };

/** A ring that a person lets a run into has a job before it that does nothing but wait. */
function place(pipeline: Pipeline, job: RingJob): object[] {
  const { ring, needs, isManual } = job;
  const name = `allow-${ring}`;
  const ask = { [name]: { type: "approval", requires: inLine([needs]), ...onBranch(pipeline) } };
  return [...(isManual ? [ask] : []), { [job.id]: delivery(pipeline, job, isManual ? name : needs) }];
}

function delivery(pipeline: Pipeline, job: PublishJob | RingJob, needs?: string) {
  const isRing = "ring" in job;
  return {
    requires: inLine(needs === undefined ? pipeline.checks.map(({ id }) => id) : [needs]),
    context: inLine([`slipway-${isRing ? job.ring : job.id}`]),
    // One after the other: a deploy that runs is never stopped.
    ...(isRing ? { "serial-group": `slipway-${pipeline.product}-${job.ring}` } : {}),
    ...onBranch(pipeline),
  };
}

/** The branch of a pull request from a fork is called otherwise, whatever it is called there. */
function onBranch({ branch }: Pipeline) {
  return { filters: { branches: { only: inLine([branch]) } } };
}

/** A name with a slash is that of a runner of one's own. */
function start({ settings: { runner } }: Pipeline, steps: readonly unknown[]) {
  const [own] = runner;
  const machine = own?.includes("/") === true ? true : { image: MACHINE };
  return { machine, ...(own === undefined ? {} : { resource_class: own }), steps };
}

function run(job: Job, lines: readonly string[]) {
  // Without it, ten minutes in which nothing is said end the step: a bake says nothing for longer.
  return { run: { command: `${lines.join("\n")}\n`, no_output_timeout: `${job.minutes}m` } };
}

function line(pipeline: Pipeline, job: Job, call: string): string {
  // Root's: nobody else may end what root runs.
  return asRoot(job, limited(job, commandOf(pipeline, job, call)));
}

function install(pipeline: Pipeline, { engine }: Job): object[] {
  const lines =
    engine === "dagger"
      ? [
          'TOOLS="$(mktemp -d)"',
          `DAGGER_ARCHIVE=${DAGGER.archive}`,
          `DAGGER_SHA256=${DAGGER.sha256}`,
          ...fetchDagger("$TOOLS"),
          `echo "export PATH=$TOOLS:\\$PATH" >>"$BASH_ENV"`,
        ]
      : [installSlipway(pipeline) ?? []].flat();
  return lines.length === 0 ? [] : [{ run: { name: "Install", command: `${lines.join("\n")}\n` } }];
}
