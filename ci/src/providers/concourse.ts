import { images } from "../tool-images.ts";
import { FIRST_LINE, type GeneratedFile } from "./generated.ts";
import { checkLines, commandOf, DAGGER_VARIABLES, fetchDagger, installSlipway, STORE_ON_VOLUME } from "./install.ts";
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
import { inLine, writeYaml } from "./yaml-text.ts";

/** What is built on a pull request: Concourse itself does not know them. */
const PULL_REQUESTS = { repository: "teliaoss/github-pr-resource", tag: "v0.23.0" };

/**
 * A pipeline of Concourse, for `fly set-pipeline`. Nothing is handed from job to job there but the version of the source: so the
 * job that publishes also deploys the first rings, and each later ring takes what is live in the one before.
 */
export function writeConcourse(pipeline: Pipeline): GeneratedFile[] {
  const { checks, publish, rings } = pipeline;
  const repository = gitHubName(pipeline);
  const first = rings.filter(({ needs }) => needs === "publish");
  const tokens = rings.flatMap((job) => tokenSource(job));
  const content = {
    ...(tokens.length === 0 ? {} : { var_sources: tokens }),
    ...(repository === undefined
      ? {}
      : { resource_types: [{ name: "pull-request", type: "registry-image", source: PULL_REQUESTS }] }),
    resources: [source(pipeline), ...(repository === undefined ? [] : [pullRequests(repository)])],
    jobs: [
      ...(repository === undefined ? [] : checks.map((job) => pullRequestJob(pipeline, job))),
      ...checks.map((job) => checksJob(pipeline, job)),
      ...(publish === undefined ? [] : [deliveryJob(pipeline, publish, first)]),
      ...rings.filter(({ needs }) => needs !== "publish").map((job) => ringJob(pipeline, job, first)),
    ],
  };
  return [{ path: "ci/concourse/pipeline.yml", text: writeYaml([FIRST_LINE], content) }];
}

/** Concourse signs a token for each use, of which a cluster can ask which job it is for. */
function tokenSource({ ring, audience, minutes }: RingJob) {
  if (audience === undefined) return [];
  const config = { audience: inLine([audience]), subject_scope: "job", expires_in: `${minutes}m` };
  return [{ name: `${ring}-token`, type: "idtoken", config }];
}

function gitHubName({ source: address }: Pipeline): string | undefined {
  return /^https:\/\/github\.com\/([\w.-]+\/[\w.-]+?)(?:\.git)?\/?$/.exec(address ?? "")?.[1];
}

function source({ branch, source: address }: Pipeline) {
  return { name: "source", type: "git", source: { uri: address ?? "((source-uri))", branch } };
}

/** Never those of forks: a task here may do on its worker what root may. */
function pullRequests(repository: string) {
  return {
    name: "pull-request",
    type: "pull-request",
    source: { repository, access_token: "((github-token))", disable_forks: true },
  };
}

function pullRequestJob(pipeline: Pipeline, job: ChecksJob) {
  const tell = (status: string) => ({
    put: "pull-request",
    params: { path: "pull-request", status, context: job.id },
  });
  return {
    name: `${job.id}-pull-request`,
    plan: [
      { get: "pull-request", trigger: true, version: "every" },
      tell("pending"),
      { ...checksTask(pipeline, job), input_mapping: { source: "pull-request" } },
    ],
    on_success: tell("success"),
    on_failure: tell("failure"),
    on_error: tell("error"),
  };
}

function checksJob(pipeline: Pipeline, job: ChecksJob) {
  return { name: job.id, plan: [{ get: "source", trigger: true }, checksTask(pipeline, job)] };
}

function checksTask(pipeline: Pipeline, job: ChecksJob) {
  const lines = checkLines(job, (call) => commandOf(pipeline, job, call), [`cp -R ${REPORTS}/. ../${REPORTS}`]);
  return task(pipeline, job, "test", { lines, outputs: [REPORTS] });
}

function deliveryJob(pipeline: Pipeline, publish: PublishJob, rings: readonly RingJob[]) {
  const after = pipeline.checks.map(({ id }) => id);
  const isManual = rings.some((ring) => ring.isManual);
  const releaseTask = task(pipeline, publish, "publish", {
    lines: [commandOf(pipeline, publish, publish.call), `cp ${RELEASE_FILE} ../release`],
    outputs: ["release"],
    params: {
      REGISTRY_USERNAME: "((registry-username))",
      REGISTRY_PASSWORD: "((registry-password))",
      ...(publish.signs ? { SIGNING_KEY: "((signing-key))" } : {}),
    },
  });
  return {
    name: nameOfDelivery(rings),
    // One after the other: a deploy that runs is never stopped.
    serial: true,
    plan: [
      { get: "source", passed: inLine(after), ...(isManual ? {} : { trigger: true }) },
      releaseTask,
      ...rings.map((ring) => deployTask(pipeline, ring, ring.call, ["release"])),
    ],
  };
}

function nameOfDelivery(rings: readonly RingJob[]): string {
  return rings[0]?.id ?? "publish";
}

function ringJob(pipeline: Pipeline, job: RingJob, first: readonly RingJob[]) {
  const passed = first.some(({ id }) => id === job.needs) ? nameOfDelivery(first) : job.needs;
  return {
    name: job.id,
    serial: true,
    // No trigger: a person presses the button of the job.
    plan: [{ get: "source", passed: inLine([passed]) }, deployTask(pipeline, job, job.promote ?? job.call, [])],
  };
}

function deployTask(pipeline: Pipeline, job: RingJob, call: string, inputs: readonly string[]) {
  return task(pipeline, job, job.id, {
    lines: [...inputs.map((input) => `cp ../${input}/* .`), ...writeApprovals(job), commandOf(pipeline, job, call)],
    inputs,
    params: {
      ...(job.audience === undefined
        ? { RING_KUBECONFIG: `((${job.ring}-kubeconfig))` }
        : { RING_TOKEN: `((${job.ring}-token:token))` }),
      // Of its own: who deploys need not be able to push.
      ...(job.registry === undefined
        ? {}
        : {
            REGISTRY_USERNAME: `((${job.ring}-registry-username))`,
            REGISTRY_PASSWORD: `((${job.ring}-registry-password))`,
          }),
      ...(job.quorum > 0 ? { [APPROVALS]: `((${job.ring}-approvals))` } : {}),
    },
  });
}

interface Task {
  readonly lines: readonly string[];
  readonly inputs?: readonly string[];
  readonly outputs?: readonly string[];
  readonly params?: Readonly<Record<string, string>>;
}

function task(pipeline: Pipeline, job: Job, name: string, { lines, inputs = [], outputs = [], params = {} }: Task) {
  const [repository, tag] = images.node.split(":");
  const { runner } = pipeline.settings;
  const isDagger = job.engine === "dagger";
  const install = isDagger ? fetchDagger("/usr/local/bin") : [STORE_ON_VOLUME, installSlipway(pipeline) ?? []].flat();
  const all = isDagger
    ? { _EXPERIMENTAL_DAGGER_RUNNER_HOST: "((dagger-engine))", ...DAGGER_VARIABLES, ...params }
    : params;
  return {
    task: name,
    // The embedded engine makes namespaces and mounts, which a task may do only so.
    ...(isDagger ? {} : { privileged: true }),
    timeout: `${job.minutes}m`,
    ...(runner.length === 0 ? {} : { tags: inLine(runner) }),
    config: {
      platform: "linux",
      image_resource: { type: "registry-image", source: { repository, tag } },
      inputs: ["source", ...inputs].map((input) => ({ name: input })),
      ...(outputs.length === 0 ? {} : { outputs: outputs.map((output) => ({ name: output })) }),
      ...(Object.keys(all).length === 0 ? {} : { params: all }),
      run: { path: "sh", args: ["-ec", `${["cd source", ...install, ...lines].join("\n")}\n`] },
    },
  };
}
