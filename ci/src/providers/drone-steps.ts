import { images } from "../tool-images.ts";
import { DOCKER_BESIDE, DOCKER_COMMAND } from "./docker-images.ts";
import { checkLines, commandOf, DAGGER_VARIABLES, fetchDagger, installSlipway, STORE_ON_VOLUME } from "./install.ts";
import { type ChecksJob, type Job, type Pipeline, type PublishJob, type RingJob, writeApprovals } from "./pipeline.ts";
import { smallName } from "./small-names.ts";
import { limited } from "./time-limit.ts";

// Drone, and Woodpecker, which began as its fork: the steps of one file share a folder, and nothing else is handed on.

/** The step that runs the checks. */
export function checksStep(pipeline: Pipeline, job: ChecksJob) {
  return step(
    pipeline,
    job,
    checkLines(job, (call) => limited(job, commandOf(pipeline, job, call))),
  );
}

/** The step that publishes: it leaves the file of the release in the folder. */
export function publishStep(pipeline: Pipeline, job: PublishJob) {
  return step(pipeline, job, [limited(job, commandOf(pipeline, job, job.call))]);
}

/** @param call the one with the file of the release, or the one without it */
export function ringStep(pipeline: Pipeline, job: RingJob, call: string) {
  return step(pipeline, job, [...writeApprovals(job), limited(job, commandOf(pipeline, job, call))]);
}

/** What runs beside the steps of an engine. Its port is open in the network of this one run alone. */
export function servicesOf(engines: readonly Job["engine"][]) {
  if (!engines.includes("dagger")) return {};
  const docker = { name: "docker", image: DOCKER_BESIDE, privileged: true, environment: { DOCKER_TLS_CERTDIR: "" } };
  return { services: [docker] };
}

/** Labels that an agent has to have: `big` is the label `big=true`. */
export function labelsOf({ settings: { runner } }: Pipeline): Record<string, string> {
  return Object.fromEntries(runner.map((label) => [label, "true"]));
}

function step(pipeline: Pipeline, job: Job, lines: readonly string[]) {
  const isDagger = job.engine === "dagger";
  const environment = {
    ...(isDagger ? { DOCKER_HOST: "tcp://docker:2375", ...DAGGER_VARIABLES } : {}),
    ...Object.fromEntries(job.secrets.map((name) => [name, { from_secret: smallName(job, name) }])),
  };
  return {
    name: job.id,
    image: isDagger ? DOCKER_COMMAND : images.node,
    // The embedded engine makes namespaces and mounts, which a step may do only so.
    ...(isDagger ? {} : { privileged: true }),
    ...(Object.keys(environment).length === 0 ? {} : { environment }),
    commands: [...begin(pipeline, job), ...lines],
  };
}

/** A service is there before it answers. */
const WAIT = "for second in $(seq 60); do docker info >/dev/null 2>&1 && break; sleep 1; done";

function begin(pipeline: Pipeline, { engine }: Job): string[] {
  if (engine === "dagger") return [...fetchDagger("/usr/local/bin", "wget -q -O"), WAIT];
  return [STORE_ON_VOLUME, installSlipway(pipeline) ?? []].flat();
}
