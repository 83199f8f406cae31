import { checksStep, labelsOf, publishStep, ringStep, servicesOf } from "./drone-steps.ts";
import { FIRST_LINE, type GeneratedFile } from "./generated.ts";
import type { ChecksJob, Job, Pipeline, PublishJob, RingJob } from "./pipeline.ts";
import { inLine, writeYaml } from "./yaml-text.ts";

/** The refs of pull requests, as each kind of host names them. */
const PULL_REQUESTS = ["refs/pull/**", "refs/pull-requests/**", "refs/merge-requests/**"];

/**
 * Pipelines of Drone, a document each. Nothing is handed from one to the other: so the one that publishes also deploys the first
 * rings, and a later ring takes what is live in the one before, when somebody promotes a build to it.
 */
export function writeDrone(pipeline: Pipeline): GeneratedFile[] {
  const { checks, publish, rings } = pipeline;
  const first = rings.filter(({ needs }) => needs === "publish");
  const later = rings.filter(({ needs }) => needs !== "publish");
  const documents = [
    ...checks.map((job) => checksPipeline(pipeline, job)),
    ...(publish === undefined ? [] : [deliveryPipeline(pipeline, publish, first)]),
    ...later.map((ring) => ringPipeline(pipeline, ring)),
  ];
  const texts = documents.map((content, at) => writeYaml(at === 0 ? [FIRST_LINE] : [], content));
  return [{ path: ".drone.yml", text: texts.join("\n---") }];
}

function checksPipeline(pipeline: Pipeline, job: ChecksJob) {
  return {
    ...start(job.id, job),
    trigger: { event: inLine(["push", "pull_request"]), ref: [onBranch(pipeline), ...PULL_REQUESTS] },
    ...agents(pipeline),
    ...servicesOf([job.engine]),
    steps: [withStore(job, checksStep(pipeline, job))],
  };
}

function deliveryPipeline(pipeline: Pipeline, publish: PublishJob, rings: readonly RingJob[]) {
  const [asked] = rings.filter(({ isManual }) => isManual);
  const after = pipeline.checks.map(({ id }) => id);
  return {
    ...start(rings[0]?.id ?? publish.id, publish),
    // Of a promotion the checks are those of the build that it is started from: they are not in it.
    ...(asked === undefined
      ? { trigger: { event: inLine(["push"]), ref: inLine([onBranch(pipeline)]) }, depends_on: inLine(after) }
      : { trigger: promotionTo(pipeline, asked) }),
    ...deploys(pipeline, publish),
    steps: [
      withStore(publish, publishStep(pipeline, publish)),
      ...rings.map((ring) => withStore(ring, ringStep(pipeline, ring, ring.call))),
    ],
  };
}

function ringPipeline(pipeline: Pipeline, ring: RingJob) {
  return {
    ...start(ring.id, ring),
    trigger: promotionTo(pipeline, ring),
    ...deploys(pipeline, ring),
    steps: [withStore(ring, ringStep(pipeline, ring, ring.promote ?? ring.call))],
  };
}

function start(name: string, { engine }: Job) {
  return {
    kind: "pipeline",
    type: "docker",
    name,
    ...(engine === "embedded" ? { volumes: inLine([STORE.volume]) } : {}),
  };
}

/** Only the folder of the source is a volume: the store beside it is one of its own, which ends with the pipeline. */
const STORE = {
  volume: { name: "store", temp: {} },
  mount: { name: "store", path: "/drone/src.slipway" },
};

function withStore<Step extends object>({ engine }: Job, step: Step) {
  return engine === "embedded" ? { ...step, volumes: inLine([STORE.mount]) } : step;
}

/** A person starts it for a build that has been; the branch of that of a pull request is the one it goes to, its ref is not. */
function promotionTo(pipeline: Pipeline, { ring }: RingJob) {
  return { event: inLine(["promote"]), ref: inLine([onBranch(pipeline)]), target: inLine([ring]) };
}

/** One after the other: a deploy that runs is never stopped. */
function deploys(pipeline: Pipeline, { engine }: Job) {
  return { concurrency: { limit: 1 }, ...agents(pipeline), ...servicesOf([engine]) };
}

function onBranch({ branch }: Pipeline): string {
  return `refs/heads/${branch}`;
}

function agents(pipeline: Pipeline) {
  const node = labelsOf(pipeline);
  return Object.keys(node).length === 0 ? {} : { node };
}
