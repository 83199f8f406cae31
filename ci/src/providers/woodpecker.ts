import { checksStep, labelsOf, publishStep, ringStep, servicesOf } from "./drone-steps.ts";
import { FIRST_LINE, type GeneratedFile } from "./generated.ts";
import type { ChecksJob, Pipeline, PublishJob, RingJob } from "./pipeline.ts";
import { inLine, writeYaml } from "./yaml-text.ts";

/** The program that clones; Woodpecker gives its own, and no other, what it needs for a private repository. */
const CLONE = "docker.io/woodpeckerci/plugin-git:2.10.0";

/**
 * Workflows of Woodpecker, a file each. Nothing is handed from one to the other: so the one that publishes also deploys the first
 * rings, and a later ring takes what is live in the one before, when somebody deploys to it.
 */
export function writeWoodpecker(pipeline: Pipeline): GeneratedFile[] {
  const { checks, publish, rings } = pipeline;
  const first = rings.filter(({ needs }) => needs === "publish");
  const later = rings.filter(({ needs }) => needs !== "publish");
  return [
    ...checks.map((job) => workflow(job.id, checksWorkflow(pipeline, job))),
    ...(publish === undefined ? [] : [workflow("deliver", deliverWorkflow(pipeline, publish, first))]),
    ...(later.length === 0 ? [] : [workflow("promote", promoteWorkflow(pipeline, later))]),
  ];
}

function workflow(name: string, content: object): GeneratedFile {
  return { path: `.woodpecker/${name}.yaml`, text: writeYaml([FIRST_LINE], content) };
}

function checksWorkflow(pipeline: Pipeline, job: ChecksJob) {
  return {
    when: [{ event: "pull_request" }, { event: "push", ref: onBranch(pipeline) }],
    ...agents(pipeline),
    ...servicesOf([job.engine]),
    steps: [checksStep(pipeline, job)],
  };
}

function deliverWorkflow(pipeline: Pipeline, publish: PublishJob, rings: readonly RingJob[]) {
  const [asked] = rings.filter(({ isManual }) => isManual);
  return {
    // Of a deployment the checks are those of the run that it is started from: they are not in it.
    ...(asked === undefined
      ? { when: [{ event: "push", ref: onBranch(pipeline) }], depends_on: inLine(pipeline.checks.map(({ id }) => id)) }
      : { when: [deploymentTo(pipeline, [asked])] }),
    concurrency: 1,
    ...agents(pipeline),
    clone: [wholeHistory],
    ...servicesOf([publish.engine]),
    steps: [publishStep(pipeline, publish), ...rings.map((ring) => ringStep(pipeline, ring, ring.call))],
  };
}

function promoteWorkflow(pipeline: Pipeline, rings: readonly RingJob[]) {
  return {
    when: [deploymentTo(pipeline, rings)],
    concurrency: 1,
    ...agents(pipeline),
    clone: [wholeHistory],
    ...servicesOf(rings.map(({ engine }) => engine)),
    steps: rings.map((ring) => ({
      ...ringStep(pipeline, ring, ring.promote ?? ring.call),
      when: [{ evaluate: isTarget([ring]) }],
    })),
  };
}

/** Whether the release is newer than what runs is a question to all of the history. */
const wholeHistory = { name: "git", image: CLONE, settings: { partial: false, depth: 0 } };

/** A person starts it for a pipeline that has been; the branch of that of a pull request is the one it goes to, its ref is not. */
function deploymentTo(pipeline: Pipeline, rings: readonly RingJob[]) {
  return { event: "deployment", ref: onBranch(pipeline), evaluate: isTarget(rings) };
}

function isTarget(rings: readonly RingJob[]): string {
  return rings.map(({ ring }) => `CI_PIPELINE_DEPLOY_TARGET == "${ring}"`).join(" || ");
}

function onBranch({ branch }: Pipeline): string {
  return `refs/heads/${branch}`;
}

function agents(pipeline: Pipeline) {
  const labels = labelsOf(pipeline);
  return Object.keys(labels).length === 0 ? {} : { labels };
}
