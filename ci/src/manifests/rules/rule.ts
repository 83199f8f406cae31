import type { Autoscalers } from "../../rollout/autoscalers.ts";
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
  readonly objects: readonly KubeObject[];
  /** The services of slipway.yaml. The names of those that are needed are names of services, or `kafka`. */
  readonly wanted: Readonly<Record<string, { readonly port: number; readonly needs: readonly string[] }>>;
  /** How few pods a colour of a service may have while it has any. */
  readonly fewestPods: number;
  readonly podSets: readonly PodSet[];
  readonly autoscalers: Autoscalers;
}

/** Whether a workload is what a release rolls out, in two colours. */
export function isOfRelease({ wanted }: Pick<RingFacts, "wanted">, { kind, name }: Workload): boolean {
  return kind === "Deployment" && Object.hasOwn(wanted, name);
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
