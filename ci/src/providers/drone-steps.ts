import { images } from "../tool-images.ts";
import { DOCKER_BESIDE, DOCKER_COMMAND } from "./docker-images.ts";
import { checkLines, commandOf, DAGGER_VARIABLES, fetchDagger, installSlipway } from "./install.ts";
import { type ChecksJob, type Job, type Pipeline, type PublishJob, type RingJob, writeApprovals } from "./pipeline.ts";
import { limited } from "./time-limit.ts";

// Drone, and Woodpecker, which began as its fork: the steps of one file share a folder, and nothing else is handed on.

/** The step that runs the checks. */
export function checksStep(pipeline: Pipeline, job: ChecksJob) {
  return step(pipeline, job, { lines: checkLines(job, (call) => limited(job, commandOf(pipeline, job, call))) });
}

/** The step that publishes: it leaves the file of the release in the folder. */
export function publishStep(pipeline: Pipeline, job: PublishJob) {
  return step(pipeline, job, { lines: [limited(job, commandOf(pipeline, job, job.call))], secrets: nameSecrets(job) });
}

/** @param call the one with the file of the release, or the one without it */
export function ringStep(pipeline: Pipeline, job: RingJob, call: string) {
  const own = (name: string) => `${job.ring}_${name.replace(/^RING_/, "").toLowerCase()}`;
  const secrets = Object.fromEntries(job.secrets.map((name) => [name, own(name)]));
  return step(pipeline, job, {
    lines: [...writeApprovals(job), limited(job, commandOf(pipeline, job, call))],
    secrets,
  });
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

/** The secrets of these systems are written in small letters. */
function nameSecrets({ secrets }: Job): Record<string, string> {
  return Object.fromEntries(secrets.map((name) => [name, name.toLowerCase()]));
}

interface Step {
  readonly lines: readonly string[];
  /** The name of the secret by that of the variable. */
  readonly secrets?: Readonly<Record<string, string>>;
}

function step(pipeline: Pipeline, job: Job, { lines, secrets = {} }: Step) {
  const isDagger = job.engine === "dagger";
  const environment = {
    ...(isDagger ? { DOCKER_HOST: "tcp://docker:2375", ...DAGGER_VARIABLES } : {}),
    ...Object.fromEntries(Object.entries(secrets).map(([name, from_secret]) => [name, { from_secret }])),
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
  return [installSlipway(pipeline) ?? []].flat();
}
