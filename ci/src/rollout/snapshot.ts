import { z } from "zod";
import { SlipwayError } from "../account.ts";
import { fields } from "../input/fields.ts";
import { DEFAULT_POLICY } from "./autoscalers.ts";
import { type Head, listPlacements, type Placement, readHead } from "./head.ts";
import { readHints } from "./hints.ts";
import { type JobState, jobSchema, readJobState } from "./job-state.ts";
import { type LedgerEvent, readEvent } from "./ledger.ts";
import { isPlain, namesIn } from "./names.ts";
import { ANNOTATION, type Colour, HEAD_NAME, type KubeObject, LABEL, LEASE_NAME } from "./objects.ts";
import { podSpecOf } from "./own-images.ts";
import { type PodState, podSchema, readPodState } from "./pod.ts";
import { Readings } from "./readings.ts";
import { keyOf, listReads } from "./reads.ts";
import { listServices, listStaying } from "./release.ts";
import { type Earlier, readEarlierText } from "./rolling/earlier.ts";
import { findOwnersOf } from "./rolling/owners.ts";
import { findDeploymentOf } from "./rolling/pods.ts";
import { listOf, since } from "./trouble.ts";
import { readWorkload, type WorkloadState, workloadSchema } from "./workload.ts";

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

const strings = z.record(z.string(), z.string());

const objectSchema = z.object({
  kind: z.string(),
  metadata: z.object({
    name: z.string(),
    resourceVersion: z.string(),
    generation: z.number().default(0),
    creationTimestamp: z.string().optional(),
    deletionTimestamp: z.string().optional(),
    ownerReferences: listOf(z.object({ kind: z.string(), name: z.string() })),
    labels: strings.default({}),
    annotations: strings.default({}),
  }),
});

const leaseSchema = z.object({
  spec: z.object({
    holderIdentity: z.string().default(""),
    leaseTransitions: z.number().default(0),
    leaseDurationSeconds: z.number().default(0),
    acquireTime: z.string().optional(),
    renewTime: z.string().optional(),
  }),
});

const sliceSchema = z.object({
  endpoints: z
    .array(
      z.object({
        conditions: z.object({ ready: z.boolean().optional() }).default({}),
        targetRef: z.object({ name: z.string() }).optional(),
        addresses: z.array(z.string()).default([]),
      }),
    )
    .nullable()
    .default([]),
});

const serviceSchema = z.object({
  spec: z.object({ selector: strings.optional(), ports: z.array(z.unknown()).default([]) }),
});
const autoscalerSchema = z.object({
  metadata: z.object({ ownerReferences: z.array(z.object({ kind: z.string(), name: z.string() })).default([]) }),
  spec: z.object({
    scaleTargetRef: z.object({ kind: z.string(), name: z.string() }),
    minReplicas: z.number().default(1),
    maxReplicas: z.number(),
    behavior: z
      .object({ scaleDown: z.object({ selectPolicy: z.string().default(DEFAULT_POLICY) }).prefault({}) })
      .prefault({}),
  }),
});

const configMapSchema = z.object({ data: strings.default({}) });

// One function each: what was read of an object is kept by it.
const readObject = reader(objectSchema, () => "an object");
const readLease = reader(leaseSchema);
const readConfigMap = reader(configMapSchema);
const readService = reader(serviceSchema);
const readSlice = reader(sliceSchema);
const readDeployment = reader(workloadSchema);
const readJob = reader(jobSchema);
const readAutoscaler = reader(autoscalerSchema);
const readPod = reader(podSchema);
const readHeadOf = (item: unknown) => readHead(readConfigMap(item).data["head"]);
const readEventOf = (item: unknown) => readEvent(readObject(item).metadata.name, readConfigMap(item).data["event"]);
const readEarlierOf = (item: unknown) => readEarlierText(readConfigMap(item).data["state"]);
const readReads = (item: unknown) => listReads(podSpecOf(item)).map(keyOf);
const findKeepers = (item: unknown) => findOwnersOf(item as KubeObject).keepers;

/**
 * Reads the `items` of `kubectl get … --output json` of one namespace: Deployments, Services, EndpointSlices, Pods,
 * ConfigMaps, the Lease, and whatever else the manifests hold; ReplicaSets and Events, where they were asked for, tell
 * why pods do not come up. Objects of other kinds are kept for their content hash.
 *
 * @param readings what was read before of objects that come again
 * @throws SlipwayError `bad-record` when an object is not as Kubernetes writes it, or a record not as Slipway does.
 */
export function observe(items: readonly unknown[], readings: Readings = new Readings()): Snapshot {
  let lease: LeaseSeen | null = null;
  const head = findHead(items, readings);
  const ledger: LedgerEvent[] = [];
  const deployments = new Map<string, DeploymentSeen>();
  const uncoloured = new Map<string, PlainSeen>();
  const earlier = new Map<string, Earlier>();
  const services = new Map<string, ServiceSeen>();
  const pods: PodSeen[] = [];
  const neighbours: Pick<PodSeen, "name" | "trouble">[] = [];
  const endpoints = new Map<string, string[]>();
  const hints = readHints(items);
  const objects = new Map<string, ObjectSeen>();
  const copies = new Map<string, CopySeen>();
  const autoscalers: AutoscalerSeen[] = [];
  const jobs = new Map<string, JobSeen>();
  const jobPods: (JobPodSeen & { readonly bornMs: number })[] = [];

  const placements = head === null ? [] : listPlacements(head.record);
  const called = findContainers(placements);
  const plain = findPlain(placements);
  /** The container of a service, of those that a template or a pod has. */
  const ownOf = (containers: readonly { readonly name: string; readonly image: string }[], service: string) =>
    containers.find(({ name }) => called.get(service)?.has(name) ?? name === service);

  for (const item of items) {
    const { kind, metadata } = readings.take(item, readObject);
    const { name, labels, annotations, resourceVersion } = metadata;
    const where = `${kind} ${name}`;
    const service = labels[LABEL.service];
    const colour = readColour(labels[LABEL.colour]);
    const epoch = readEpoch(annotations[ANNOTATION.epoch], where);
    const content = annotations[ANNOTATION.content];
    const key = keyOf({ kind, name });
    const keepers = readings.take(item, findKeepers);
    objects.set(key, { content, resourceVersion, ...(keepers.length === 0 ? {} : { keepers }) });
    const record = labels[LABEL.record];
    if (record === "copy" || record === "before") copies.set(key, { kind, name, epoch, resourceVersion });
    if (kind === "Lease" && name === LEASE_NAME) {
      const { spec } = readings.take(item, readLease);
      lease = {
        holder: spec.holderIdentity,
        epoch: spec.leaseTransitions,
        acquiredAtMs: spec.acquireTime === undefined ? 0 : Date.parse(spec.acquireTime),
        renewedAtMs: spec.renewTime === undefined ? 0 : Date.parse(spec.renewTime),
        seconds: spec.leaseDurationSeconds,
        resourceVersion,
      };
    } else if (kind === "ConfigMap" && labels[LABEL.record] === "event") {
      ledger.push(readings.take(item, readEventOf));
    } else if (kind === "ConfigMap" && record === "before") {
      const kept = readings.take(item, readEarlierOf);
      if (kept !== undefined) earlier.set(name, kept);
    } else if (kind === "Service") {
      const { selector = null, ports } = readings.take(item, readService).spec;
      services.set(name, { selector, ports, epoch, resourceVersion });
    } else if (kind === "EndpointSlice") {
      const of = labels["kubernetes.io/service-name"];
      if (of === undefined) continue;
      const ready = (readings.take(item, readSlice).endpoints ?? [])
        // A missing condition means ready (EndpointSlice v1).
        .filter(({ conditions }) => conditions.ready !== false)
        .map(({ targetRef, addresses }) => targetRef?.name ?? addresses.join());
      endpoints.set(of, [...(endpoints.get(of) ?? []), ...ready]);
    } else if (kind === "Deployment" && (colour === undefined || service !== undefined)) {
      const workload = readings.take(item, readDeployment);
      const runs = (colour === undefined ? plain.get(name) : service) ?? name;
      const deployment = {
        name,
        service: runs,
        colour,
        resourceVersion,
        epoch,
        content,
        release: annotations[LABEL.release],
        image: ownOf(workload.spec.template.spec.containers, runs)?.image,
        reads: readings.take(item, readReads),
        replicas: workload.spec.replicas,
        generation: metadata.generation,
        ...readWorkload(workload, hints),
      };
      if (colour === undefined) uncoloured.set(name, { ...deployment, object: item as KubeObject });
      if (colour !== undefined || plain.has(name)) deployments.set(name, deployment);
    } else if (kind === "Job" && labels[LABEL.record] === "job" && service !== undefined) {
      const state = readJobState(readings.take(item, readJob), hints);
      jobs.set(name, { name, service, release: labels[LABEL.release], epoch, content, resourceVersion, ...state });
    } else if (kind === "HorizontalPodAutoscaler") {
      const {
        metadata: {
          ownerReferences: [owner],
        },
        spec,
      } = readings.take(item, readAutoscaler);
      if (spec.scaleTargetRef.kind !== "Deployment") continue;
      autoscalers.push({
        name,
        target: spec.scaleTargetRef.name,
        min: spec.minReplicas,
        max: spec.maxReplicas,
        own: service !== undefined && colour !== undefined && content !== undefined,
        madeBy: owner === undefined ? undefined : `${owner.kind} ${owner.name}`,
        policy: spec.behavior.scaleDown.selectPolicy,
        held: annotations[ANNOTATION.held],
        content,
        epoch,
        resourceVersion,
      });
    } else if (kind === "Pod") {
      if (metadata.deletionTimestamp !== undefined) continue;
      const pod = readings.take(item, readPod);
      const { running, ...state } = readPodState(pod, hints.warnings.get(`Pod/${name}`));
      const bornMs = since(metadata.creationTimestamp).sinceMs;
      const job = metadata.ownerReferences.find((owner) => owner.kind === "Job")?.name;
      if (labels[LABEL.record] === "job" && job !== undefined) {
        jobPods.push({ name, job, ...state, bornMs: bornMs ?? 0 });
        continue;
      }
      const replicaSet = metadata.ownerReferences.find((owner) => owner.kind === "ReplicaSet")?.name;
      const runs = colour === undefined ? plain.get(findDeploymentOf({ labels, replicaSet }) ?? "") : service;
      if (runs === undefined) {
        if (state.trouble !== undefined) neighbours.push({ name, trouble: state.trouble });
        continue;
      }
      const own = ownOf(pod.spec.containers, runs);
      const digest = running.get(own?.name ?? runs);
      const release = labels[LABEL.release];
      pods.push({
        name,
        service: runs,
        colour,
        image: own?.image,
        ...(digest === undefined ? {} : { running: digest }),
        ...(release === undefined ? {} : { release }),
        ...(replicaSet === undefined ? {} : { replicaSet }),
        ...(bornMs === undefined ? {} : { bornMs }),
        ...state,
      });
    }
  }
  ledger.sort((left, right) => left.seq - right.seq);
  jobPods.sort((left, right) => left.bornMs - right.bornMs);
  const seen = {
    lease,
    head,
    ledger,
    deployments,
    uncoloured,
    earlier,
    services,
    pods,
    neighbours,
    endpoints,
    objects,
  };
  return { ...seen, copies, autoscalers, jobs, jobPods };
}

/** The ring's record. By it the rest is read: it knows what the parts of services are called. */
function findHead(items: readonly unknown[], readings: Readings): Snapshot["head"] {
  const item = items.find((one) => {
    const { kind, metadata } = fields(one);
    return kind === "ConfigMap" && fields(metadata)["name"] === HEAD_NAME;
  });
  if (item === undefined) return null;
  const { resourceVersion } = readings.take(item, readObject).metadata;
  return { record: readings.take(item, readHeadOf), resourceVersion };
}

/** What the containers of services are called, by service. */
function findContainers(placements: readonly Placement[]): Map<string, Set<string>> {
  const called = new Map<string, Set<string>>();
  for (const placement of placements)
    for (const service of listServices(placement.release))
      called.set(service, (called.get(service) ?? new Set()).add(namesIn(placement, service).container));
  return called;
}

/** The services and workers whose Deployments are changed in place, by the Deployment. */
function findPlain(placements: readonly Placement[]): Map<string, string> {
  return new Map(
    placements
      .filter(isPlain)
      .flatMap((placement) =>
        listStaying(placement.release).map((service) => [namesIn(placement, service).deployment, service] as const),
      ),
  );
}

/** How objects of a kind are read. */
function reader<Out>(schema: z.ZodType<Out>, tell: (item: unknown) => string = tellObject): (item: unknown) => Out {
  return (item) => {
    const parsed = schema.safeParse(item);
    if (parsed.success) return parsed.data;
    throw new SlipwayError("bad-record", {
      what: `the cluster shows something unexpected: ${parsed.error.issues.map((i) => `${i.path.join(".")}: ${i.message}`).join("; ")}`,
      where: tell(item),
      todo: "inspect it with kubectl get --output yaml; this version of Slipway cannot work with it",
    });
  };
}

function tellObject(item: unknown): string {
  const { kind, metadata } = fields(item);
  return `${kind} ${fields(metadata)["name"]}`;
}

function readColour(text: string | undefined): Colour | undefined {
  return text === "blue" || text === "green" ? text : undefined;
}

function readEpoch(text: string | undefined, where: string): number | null {
  if (text === undefined) return null;
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new SlipwayError("bad-record", {
    what: `the annotation ${ANNOTATION.epoch} is ${JSON.stringify(text)}, not a positive number`,
    where,
    todo: `remove it with kubectl annotate ${where.replace(" ", "/")} ${ANNOTATION.epoch}-`,
  });
}
