import { SlipwayError } from "../account.ts";
import { fields } from "../input/fields.ts";
import { type Hints, readHints } from "./hints.ts";
import { readJobState } from "./job-state.ts";
import type { LedgerEvent } from "./ledger.ts";
import { ANNOTATION, type Colour, HEAD_NAME, type KubeObject, LABEL, LEASE_NAME } from "./objects.ts";
import { PlacedNames } from "./placed-names.ts";
import { readPodState } from "./pod.ts";
import { Readings } from "./readings.ts";
import { keyOf } from "./reads.ts";
import type { Earlier } from "./rolling/earlier.ts";
import { findDeploymentOf } from "./rolling/pods.ts";
import {
  findKeepers,
  type ObjectShown,
  readAutoscaler,
  readDeployment,
  readEarlierOf,
  readEventOf,
  readHeadOf,
  readJob,
  readLease,
  readObject,
  readPod,
  readReads,
  readService,
  readSlice,
} from "./shown.ts";
import type {
  AutoscalerSeen,
  CopySeen,
  DeploymentSeen,
  JobPodSeen,
  JobSeen,
  LeaseSeen,
  ObjectSeen,
  PlainSeen,
  PodSeen,
  ServiceSeen,
  Snapshot,
} from "./snapshot.ts";
import { since } from "./trouble.ts";
import { readWorkload } from "./workload.ts";

/**
 * Reads the `items` of `kubectl get … --output json` of one namespace: Deployments, Services, EndpointSlices, Pods,
 * ConfigMaps, the Lease, and whatever else the manifests hold; ReplicaSets and Events, where they were asked for, tell
 * why pods do not come up. Objects of other kinds are kept for their content hash.
 *
 * @param readings what was read before of objects that come again
 * @throws SlipwayError `bad-record` when an object is not as Kubernetes writes it, or a record not as Slipway does.
 */
export function observe(items: readonly unknown[], readings: Readings = new Readings()): Snapshot {
  const observation = new Observation(findHead(items, readings), readHints(items), readings);
  for (const item of items) observation.add(item);
  return observation.snapshot();
}

/** An object, with what is read of every kind. */
interface Item {
  readonly item: unknown;
  readonly kind: string;
  readonly name: string;
  readonly metadata: ObjectShown["metadata"];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly resourceVersion: string;
  readonly service: string | undefined;
  readonly colour: Colour | undefined;
  /** What the object is to Slipway itself: `event`, `copy`, `before`, `job`. */
  readonly record: string | undefined;
  readonly epoch: number | null;
  readonly content: string | undefined;
}

/** A snapshot that is being read, object by object. */
class Observation {
  readonly #head: Snapshot["head"];
  readonly #hints: Hints;
  readonly #readings: Readings;
  readonly #placed: PlacedNames;
  #lease: LeaseSeen | null = null;
  readonly #ledger: LedgerEvent[] = [];
  readonly #deployments = new Map<string, DeploymentSeen>();
  readonly #uncoloured = new Map<string, PlainSeen>();
  readonly #earlier = new Map<string, Earlier>();
  readonly #services = new Map<string, ServiceSeen>();
  readonly #pods: PodSeen[] = [];
  readonly #neighbours: Pick<PodSeen, "name" | "trouble">[] = [];
  readonly #endpoints = new Map<string, string[]>();
  readonly #objects = new Map<string, ObjectSeen>();
  readonly #copies = new Map<string, CopySeen>();
  readonly #autoscalers: AutoscalerSeen[] = [];
  readonly #jobs = new Map<string, JobSeen>();
  readonly #jobPods: (JobPodSeen & { readonly bornMs: number })[] = [];

  constructor(head: Snapshot["head"], hints: Hints, readings: Readings) {
    this.#head = head;
    this.#hints = hints;
    this.#readings = readings;
    this.#placed = new PlacedNames(head?.record);
  }

  snapshot(): Snapshot {
    return {
      lease: this.#lease,
      head: this.#head,
      ledger: this.#ledger.sort((left, right) => left.seq - right.seq),
      deployments: this.#deployments,
      uncoloured: this.#uncoloured,
      earlier: this.#earlier,
      services: this.#services,
      pods: this.#pods,
      neighbours: this.#neighbours,
      endpoints: this.#endpoints,
      objects: this.#objects,
      copies: this.#copies,
      autoscalers: this.#autoscalers,
      jobs: this.#jobs,
      jobPods: this.#jobPods.sort((left, right) => left.bornMs - right.bornMs),
    };
  }

  add(item: unknown): void {
    const one = this.#read(item);
    this.#addObject(one);
    switch (one.kind) {
      case "Lease":
        this.#addLease(one);
        break;
      case "ConfigMap":
        this.#addRecord(one);
        break;
      case "Service":
        this.#addService(one);
        break;
      case "EndpointSlice":
        this.#addEndpoints(one);
        break;
      case "Deployment":
        this.#addDeployment(one);
        break;
      case "Job":
        this.#addJob(one);
        break;
      case "HorizontalPodAutoscaler":
        this.#addAutoscaler(one);
        break;
      case "Pod":
        this.#addPod(one);
        break;
    }
  }

  #read(item: unknown): Item {
    const { kind, metadata } = this.#readings.take(item, readObject);
    const { name, labels, annotations, resourceVersion } = metadata;
    return {
      item,
      kind,
      name,
      metadata,
      labels,
      annotations,
      resourceVersion,
      service: labels[LABEL.service],
      colour: readColour(labels[LABEL.colour]),
      record: labels[LABEL.record],
      epoch: readEpoch(annotations[ANNOTATION.epoch], `${kind} ${name}`),
      content: annotations[ANNOTATION.content],
    };
  }

  #addObject({ item, kind, name, record, epoch, content, resourceVersion }: Item): void {
    const key = keyOf({ kind, name });
    const keepers = this.#readings.take(item, findKeepers);
    this.#objects.set(key, { content, resourceVersion, ...(keepers.length === 0 ? {} : { keepers }) });
    if (record === "copy" || record === "before") this.#copies.set(key, { kind, name, epoch, resourceVersion });
  }

  #addLease({ item, name, resourceVersion }: Item): void {
    if (name !== LEASE_NAME) return;
    const { spec } = this.#readings.take(item, readLease);
    this.#lease = {
      holder: spec.holderIdentity,
      epoch: spec.leaseTransitions,
      acquiredAtMs: spec.acquireTime === undefined ? 0 : Date.parse(spec.acquireTime),
      renewedAtMs: spec.renewTime === undefined ? 0 : Date.parse(spec.renewTime),
      seconds: spec.leaseDurationSeconds,
      resourceVersion,
    };
  }

  #addRecord({ item, name, record }: Item): void {
    if (record === "event") this.#ledger.push(this.#readings.take(item, readEventOf));
    if (record !== "before") return;
    const kept = this.#readings.take(item, readEarlierOf);
    if (kept !== undefined) this.#earlier.set(name, kept);
  }

  #addService({ item, name, epoch, resourceVersion }: Item): void {
    const { selector = null, ports } = this.#readings.take(item, readService).spec;
    this.#services.set(name, { selector, ports, epoch, resourceVersion });
  }

  #addEndpoints({ item, labels }: Item): void {
    const of = labels["kubernetes.io/service-name"];
    if (of === undefined) return;
    const ready = (this.#readings.take(item, readSlice).endpoints ?? [])
      // A missing condition means ready (EndpointSlice v1).
      .filter(({ conditions }) => conditions.ready !== false)
      .map(({ targetRef, addresses }) => targetRef?.name ?? addresses.join());
    this.#endpoints.set(of, [...(this.#endpoints.get(of) ?? []), ...ready]);
  }

  #addDeployment({ item, name, metadata, annotations, resourceVersion, service, colour, epoch, content }: Item): void {
    if (colour !== undefined && service === undefined) return;
    const workload = this.#readings.take(item, readDeployment);
    const runs = (colour === undefined ? this.#placed.serviceOf(name) : service) ?? name;
    const deployment = {
      name,
      service: runs,
      colour,
      resourceVersion,
      epoch,
      content,
      release: annotations[LABEL.release],
      image: this.#placed.containerOf(runs, workload.spec.template.spec.containers)?.image,
      reads: this.#readings.take(item, readReads),
      replicas: workload.spec.replicas,
      generation: metadata.generation,
      ...readWorkload(workload, this.#hints),
    };
    if (colour === undefined) this.#uncoloured.set(name, { ...deployment, object: item as KubeObject });
    if (colour !== undefined || this.#placed.serviceOf(name) !== undefined) this.#deployments.set(name, deployment);
  }

  #addJob({ item, name, labels, record, service, epoch, content, resourceVersion }: Item): void {
    if (record !== "job" || service === undefined) return;
    const state = readJobState(this.#readings.take(item, readJob), this.#hints);
    const release = labels[LABEL.release];
    this.#jobs.set(name, { name, service, release, epoch, content, resourceVersion, ...state });
  }

  #addAutoscaler({ item, name, annotations, service, colour, epoch, content, resourceVersion }: Item): void {
    const { metadata, spec } = this.#readings.take(item, readAutoscaler);
    if (spec.scaleTargetRef.kind !== "Deployment") return;
    const [owner] = metadata.ownerReferences;
    this.#autoscalers.push({
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
  }

  /** A pod of a job, of a service, or of neither: then only its trouble counts. One that is being deleted is gone. */
  #addPod({ item, name, metadata, labels, record, service, colour }: Item): void {
    if (metadata.deletionTimestamp !== undefined) return;
    const pod = this.#readings.take(item, readPod);
    const { running, ...state } = readPodState(pod, this.#hints.warnings.get(`Pod/${name}`));
    const bornMs = since(metadata.creationTimestamp).sinceMs;
    const ownedBy = (kind: string) => metadata.ownerReferences.find((owner) => owner.kind === kind)?.name;
    const job = ownedBy("Job");
    if (record === "job" && job !== undefined) {
      this.#jobPods.push({ name, job, ...state, bornMs: bornMs ?? 0 });
      return;
    }
    const replicaSet = ownedBy("ReplicaSet");
    const deployment = colour === undefined ? findDeploymentOf({ labels, replicaSet }) : undefined;
    const runs = colour === undefined ? this.#placed.serviceOf(deployment ?? "") : service;
    if (runs === undefined) {
      if (state.trouble !== undefined) this.#neighbours.push({ name, trouble: state.trouble });
      return;
    }
    const own = this.#placed.containerOf(runs, pod.spec.containers);
    const digest = running.get(own?.name ?? runs);
    const release = labels[LABEL.release];
    this.#pods.push({
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
