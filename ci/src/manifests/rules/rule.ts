import { ownValue } from "../../input/names.ts";
import type { Autoscalers } from "../../rollout/autoscalers.ts";
import { answeringAt, type Names } from "../../rollout/names.ts";
import type { KubeObject } from "../../rollout/objects.ts";
import type { PodSet } from "./pod-sets.ts";
import type { Container, Workload } from "./shapes.ts";
import type { SortedObjects } from "./sort.ts";

/** One place where a rule is broken. */
export interface Finding {
  /** `Kind name` */
  readonly object: string;
  /** Where in the object, with entries of lists by their names: `spec.template.spec.containers[ingest].image`. */
  readonly path: string;
  readonly what: string;
  readonly todo: string;
}

/** Lists every place where it is broken; none when it holds. */
export type Rule = (ring: RingFacts) => Finding[];

/** A ring as slipway.yaml and its manifests describe it. */
export interface RingFacts extends SortedObjects {
  readonly ring: string;
  readonly namespace: string;
  /** Its Deployments are changed in place: nothing has two colours. */
  readonly isInPlace: boolean;
  readonly objects: readonly KubeObject[];
  /** The services of slipway.yaml. The names of those that are needed are names of services, or `kafka`. */
  readonly wanted: Readonly<Record<string, Wanted>>;
  /** What each of them is called in the manifests, as far as that is clear. */
  readonly names: Readonly<Record<string, Names>>;
  readonly unclearNames: readonly { readonly object: string; readonly what: string }[];
  /** How few pods a colour of a service may have while it has any. */
  readonly fewestPods: number;
  readonly podSets: readonly PodSet[];
  readonly autoscalers: Autoscalers;
}

/** What a release brings, and what the rules have to know of it. */
export interface Wanted {
  /** Left out: a service. */
  readonly kind?: "service" | "worker" | "job";
  /** Of a service. */
  readonly port?: number;
  readonly needs: readonly string[];
}

type Called = Pick<RingFacts, "wanted" | "names">;

/**
 * What a workload runs of a release: the service or worker of a Deployment, the job of a Job; `undefined` when the release
 * does not roll it out.
 */
export function serviceOf(ring: Called, { kind, name }: Workload): string | undefined {
  return Object.keys(ring.wanted).find((service) => {
    const isJob = kindOf(ring, service) === "job";
    return kind === (isJob ? "Job" : "Deployment") && ring.names[service]?.deployment === name;
  });
}

/** Whether a workload is what a release rolls out: a Deployment of a service or worker, or the Job of a job. */
export function isOfRelease(ring: Called, workload: Workload): boolean {
  return serviceOf(ring, workload) !== undefined;
}

/** Whether a workload is one that a release has in two colours. */
export function isColoured(ring: Called & Pick<RingFacts, "isInPlace">, workload: Workload): boolean {
  return !ring.isInPlace && workload.kind === "Deployment" && isOfRelease(ring, workload);
}

/** Is it the container that runs what the release brings? */
export function isOwnContainer(ring: Called, workload: Workload, { name }: Container): boolean {
  const service = serviceOf(ring, workload);
  return service !== undefined && ring.names[service]?.container === name;
}

/** The service whose Service has a name; `undefined` when it is that of none that answers. */
export function switchedAt(ring: Called, name: string): string | undefined {
  const answering = Object.keys(ring.wanted).filter((service) => kindOf(ring, service) === "service");
  return answeringAt(answering, ring.names, name);
}

/** What slipway.yaml says of a name; `undefined` when it is nothing of a release. */
export function kindOf({ wanted }: Pick<Called, "wanted">, name: string): "service" | "worker" | "job" | undefined {
  const found = ownValue(wanted, name);
  return found === undefined ? undefined : (found.kind ?? "service");
}

/** A container with its workload and its place there. */
export interface PlacedContainer {
  readonly workload: Workload;
  readonly container: Container;
  readonly path: string;
  /** Whether it runs as long as its pod, which is there to be asked. Not so in a Job, or before the others. */
  readonly isServing: boolean;
}

export function listContainers({ workloads }: RingFacts): PlacedContainer[] {
  return workloads.flatMap((workload) => {
    const { containers, initContainers } = workload.spec.template.spec;
    const runsOn = workload.kind !== "Job" && workload.kind !== "CronJob";
    const place = (field: string, isServing: boolean) => (container: Container) => ({
      workload,
      container,
      path: `${podPath(workload)}.${field}[${container.name}]`,
      isServing,
    });
    return [...containers.map(place("containers", runsOn)), ...initContainers.map(place("initContainers", false))];
  });
}

/** Where the specification of a workload's pods lies. */
export function podPath({ path }: Workload): string {
  return `${path}.template.spec`;
}
