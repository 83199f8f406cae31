import { VERSION } from "../version.ts";
import { FIRST_LINE, type GeneratedFile } from "./generated.ts";
import { checkLines, commandOf, DAGGER, fetchDagger } from "./install.ts";
import {
  APPROVALS,
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
import { inLine, writeYaml } from "./yaml-text.ts";

/**
 * The file of Buildkite, as `buildkite-agent pipeline upload` takes it. Each step names the secrets that it has; a policy of the
 * secret says in which builds.
 */
export function writeBuildkite(pipeline: Pipeline): GeneratedFile[] {
  const { checks, publish, rings } = pipeline;
  const steps = [
    ...checks.map((job) => checksStep(pipeline, job)),
    ...(publish === undefined ? [] : [publishStep(pipeline, publish)]),
    ...rings.flatMap((job) => ringSteps(pipeline, job)),
  ];
  return [{ path: ".buildkite/pipeline.yml", text: writeYaml([FIRST_LINE], { steps }) }];
}

function checksStep(pipeline: Pipeline, job: ChecksJob) {
  return {
    ...step(pipeline, job, { lines: checkLines(job, (call) => line(pipeline, job, call)) }),
    // They are kept of a step that fails, too.
    artifact_paths: `${REPORTS}/**/*`,
  };
}

function publishStep(pipeline: Pipeline, job: PublishJob) {
  const secrets = Object.fromEntries(job.secrets.map((name) => [name, name]));
  const after = pipeline.checks.map(({ id }) => id);
  return {
    ...step(pipeline, job, { lines: [line(pipeline, job, job.call)], secrets, after }),
    artifact_paths: RELEASE_FILE,
  };
}

function ringSteps(pipeline: Pipeline, job: RingJob) {
  const { ring, needs, isManual, quorum, secrets } = job;
  const question = { block: `Deploy to ${ring}?`, key: `allow-${ring}`, ...delivery(pipeline, [needs]) };
  const lines = [
    `buildkite-agent artifact download ${RELEASE_FILE} . --step publish`,
    ...askToken(
      job,
      (audience) => `buildkite-agent oidc request-token --audience ${audience} --lifetime ${job.minutes * 60}`,
    ),
    ...writeApprovals(job),
    line(pipeline, job, job.call),
  ];
  const own = Object.fromEntries([
    ...secrets.map((name) => [name, nameOf(ring, name.replace(/^RING_/, ""))]),
    ...(quorum > 0 ? [[APPROVALS, nameOf(ring, "APPROVALS")]] : []),
  ]);
  return [
    ...(isManual ? [question] : []),
    {
      ...step(pipeline, job, { lines, secrets: own, after: [isManual ? question.key : needs] }),
      // One after the other: a deploy that runs is never stopped.
      concurrency: 1,
      concurrency_group: `slipway-${pipeline.product}-${ring}`,
    },
  ];
}

/** The names of secrets have no dashes there, and those of rings no underscores. */
function nameOf(ring: string, what: string): string {
  return `${ring.replaceAll("-", "_").toUpperCase()}_${what}`;
}

/** Only what the protected branch has: a pull request may come from a branch of this name in a fork. */
function delivery({ branch }: Pipeline, after: readonly string[]) {
  return { depends_on: inLine(after), if: `build.branch == "${branch}" && build.pull_request.id == null` };
}

interface Step {
  readonly lines: readonly string[];
  /** The name of the secret by that of the variable. */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly after?: readonly string[];
}

function step(pipeline: Pipeline, job: Job, { lines, secrets, after }: Step) {
  return {
    label: job.id,
    key: job.id,
    ...(after === undefined ? {} : delivery(pipeline, after)),
    ...agents(pipeline),
    timeout_in_minutes: job.minutes,
    ...(secrets === undefined ? {} : { secrets }),
    // Variables are the shell's: the agent reads one of two dollar signs itself.
    commands: [...install(job), ...lines].map((text) => text.replaceAll("$", "$$$$")),
  };
}

/** The first label is the queue, `big` among the others is the tag `big=true`. */
function agents({ settings: { runner } }: Pipeline) {
  const [queue, ...tags] = runner;
  if (queue === undefined) return {};
  return { agents: { queue, ...Object.fromEntries(tags.map((tag) => [tag, "true"])) } };
}

/** An agent stays as it was: `dagger` goes into a folder of this one step. */
function install({ engine }: Job): string[] {
  if (engine === "embedded") return [];
  return [
    'TOOLS="$(mktemp -d)"',
    `DAGGER_ARCHIVE=${DAGGER.archive}`,
    `DAGGER_SHA256=${DAGGER.sha256}`,
    ...fetchDagger("$TOOLS"),
    'export PATH="$TOOLS:$PATH"',
  ];
}

/** And `slipway` comes from npm's cache. */
function line({ settings, ...pipeline }: Pipeline, job: Job, call: string): string {
  return commandOf({ ...pipeline, settings: { command: `npx --yes slipway@${VERSION}`, ...settings } }, job, call);
}
