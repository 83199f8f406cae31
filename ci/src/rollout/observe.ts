import { SlipwayError } from "../account.ts";
import { fields } from "../input/fields.ts";
import { listPlacements, type Placement } from "./head.ts";
import { readHints } from "./hints.ts";
import { readJobState } from "./job-state.ts";
import type { LedgerEvent } from "./ledger.ts";
import { isPlain, namesIn } from "./names.ts";
import { ANNOTATION, type Colour, HEAD_NAME, type KubeObject, LABEL, LEASE_NAME } from "./objects.ts";
import { readPodState } from "./pod.ts";
import { Readings } from "./readings.ts";
import { keyOf } from "./reads.ts";
import { listServices, listStaying } from "./release.ts";
import type { Earlier } from "./rolling/earlier.ts";
import { findDeploymentOf } from "./rolling/pods.ts";
import {
  findKeepers,
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
