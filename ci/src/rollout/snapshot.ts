import type { Head } from "./head.ts";
import type { JobState } from "./job-state.ts";
import type { LedgerEvent } from "./ledger.ts";
import type { Colour, KubeObject } from "./objects.ts";
import type { PodState } from "./pod.ts";
import type { Earlier } from "./rolling/earlier.ts";
import type { WorkloadState } from "./workload.ts";

export interface LeaseSeen {
  /** Empty when nobody holds it. */
  readonly holder: string;
  /** `leaseTransitions`: the epoch of the latest holder. */
  readonly epoch: number;
  readonly acquiredAtMs: number;
  readonly renewedAtMs: number;
  readonly seconds: number;
  readonly resourceVersion: string;
}

export interface DeploymentSeen extends WorkloadState {
  readonly name: string;
  readonly service: string;
  /** None where Deployments are changed in place. */
  readonly colour: Colour | undefined;
  readonly resourceVersion: string;
  readonly epoch: number | null;
  readonly content: string | undefined;
  /** Id of the release that Slipway has given it. */
  readonly release: string | undefined;
  /** Image of the service's own container, as the template names it. */
  readonly image: string | undefined;
  /** `Kind/name` of what its pods read. */
  readonly reads: readonly string[];
  readonly replicas: number;
  readonly generation: number;
}

/** A Deployment without a colour. */
export interface PlainSeen extends DeploymentSeen {
  /** All of it: what a release changes of it has to be found again. */
  readonly object: KubeObject;
}

export interface ServiceSeen {
  readonly selector: Readonly<Record<string, string>> | null;
  /** As they are written there. */
  readonly ports: readonly unknown[];
  readonly epoch: number | null;
  readonly resourceVersion: string;
}

export interface PodSeen extends Omit<PodState, "running"> {
  readonly name: string;
  readonly service: string;
  readonly colour: Colour | undefined;
  /** Of the service's own container, as the pod names it. */
  readonly image: string | undefined;
  /** The digest that the runtime says it runs, if it says so. */
  readonly running?: string;
  /** Id of the release that its template was made for. */
  readonly release?: string;
  /** The ReplicaSet that has made it. */
  readonly replicaSet?: string;
  readonly bornMs?: number;
}

/** A Job of a release. */
export interface JobSeen extends JobState {
  readonly name: string;
  /** Which job of its release it runs. */
  readonly service: string;
  /** Id of the release. */
  readonly release: string | undefined;
  readonly epoch: number | null;
  readonly content: string | undefined;
  readonly resourceVersion: string;
}

/** A pod of a Job of a release. */
export interface JobPodSeen extends Omit<PodState, "running"> {
  readonly name: string;
  /** The Job that has made it. */
  readonly job: string;
}

/** What a ring's namespace holds, as one reading shows it. */
export interface Snapshot {
  readonly lease: LeaseSeen | null;
  readonly head: { readonly record: Head; readonly resourceVersion: string } | null;
  /** By number. */
  readonly ledger: readonly LedgerEvent[];
  /** Those of services, by name: `ingest-blue`, or without a colour those that the record names. */
  readonly deployments: ReadonlyMap<string, DeploymentSeen>;
  /** All that have no colour, by name, whoever's they are. */
  readonly uncoloured: ReadonlyMap<string, PlainSeen>;
  /** What Deployments were before they were changed in place, by the name of the ConfigMap that keeps it. */
  readonly earlier: ReadonlyMap<string, Earlier>;
  /** By name, the coloured ones too. */
  readonly services: ReadonlyMap<string, ServiceSeen>;
  /** Pods that are on their way out are not among them; those that have ended and still lie there are. */
  readonly pods: readonly PodSeen[];
  /** Pods of no service that do not run, such as a broker's: they may be why those of a service do not get ready. */
  readonly neighbours: readonly Pick<PodSeen, "name" | "trouble">[];
  /** Names of the pods that get the traffic of a Service, by the Service's name. */
  readonly endpoints: ReadonlyMap<string, readonly string[]>;
  /** Content hash and resource version of every object, by `Kind/name`. */
  readonly objects: ReadonlyMap<string, ObjectSeen>;
  /** What pods of one colour read, as Slipway has named it by its content, by `Kind/name`. */
  readonly copies: ReadonlyMap<string, CopySeen>;
  readonly autoscalers: readonly AutoscalerSeen[];
  /** By name. Where they were not read there are none. */
  readonly jobs: ReadonlyMap<string, JobSeen>;
  /** Also those that have ended, the last one last. */
  readonly jobPods: readonly JobPodSeen[];
}

/** A HorizontalPodAutoscaler that is about a Deployment. */
export interface AutoscalerSeen {
  readonly name: string;
  /** The Deployment. */
  readonly target: string;
  readonly min: number;
  readonly max: number;
  /** Slipway made it for one colour. */
  readonly own: boolean;
  /** Who made it, when that is known: `ScaledObject web`. */
  readonly madeBy: string | undefined;
  /** How it chooses how many pods to take away. */
  readonly policy: string;
  /** It takes none away now; then this is what `policy` is to be again. */
  readonly held: string | undefined;
  readonly content: string | undefined;
  readonly epoch: number | null;
  readonly resourceVersion: string;
}

export interface ObjectSeen {
  readonly content: string | undefined;
  readonly resourceVersion: string;
  /** Those who keep it as they know it, in plain words, as far as owners of fields were read. */
  readonly keepers?: readonly string[];
}

export interface CopySeen {
  readonly kind: string;
  readonly name: string;
  readonly epoch: number | null;
  readonly resourceVersion: string;
}
