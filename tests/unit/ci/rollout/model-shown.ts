/** What the API of the cluster for tests shows of pods and of the addresses behind Services. */
import { createHash } from "node:crypto";
import type { KubeObject } from "../../../../ci/src/rollout/objects.ts";
import { type Pod, TICK_MS } from "./model-pods.ts";

/** The ready pods behind a Service, as the EndpointSlice controller last wrote them. */
export interface Slice {
  readonly service: string;
  /** Of the ready pods. */
  readonly names: readonly string[];
}

const hashes = new Map<string, string>();

function hashOf(template: string): string {
  const known = hashes.get(template) ?? createHash("sha256").update(template).digest("hex").slice(0, 10);
  hashes.set(template, known);
  return known;
}

const shownOnes = new WeakMap<object, Map<unknown, KubeObject>>();

/** What the API shows of it: the same object as long as it stays the same. */
export function shown<Kept extends object>(kept: Kept, show: (kept: Kept) => KubeObject): KubeObject {
  const known = shownOnes.get(kept) ?? new Map<unknown, KubeObject>();
  shownOnes.set(kept, known);
  const object = known.get(show) ?? show(kept);
  known.set(show, object);
  return object;
}

/** A pod as the API shows it: the state that its conditions and containers are in, in the kubelet's words. */
export function showPod(pod: Pod): KubeObject {
  const name = pod.container;
  const waits = pod.trouble !== undefined && pod.trouble !== "Unschedulable";
  const message = pod.trouble === "ContainerCreating" ? "" : `back-off ${pod.image}`;
  const waiting = waits ? { waiting: { reason: pod.trouble, message } } : {};
  const own = { name, restartCount: pod.inInit ? 0 : pod.restarts };
  const unschedulable = { type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/1 nodes fit" };
  const since = { lastTransitionTime: new Date(pod.bornMs).toISOString() };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: pod.name,
      resourceVersion: "1",
      labels: pod.ofJob ? pod.labels : { ...pod.labels, "pod-template-hash": hashOf(pod.template) },
      creationTimestamp: new Date(pod.bornMs).toISOString(),
      ownerReferences: [
        pod.ofJob
          ? { kind: "Job", name: pod.deployment }
          : { kind: "ReplicaSet", name: `${pod.deployment}-${hashOf(pod.template)}` },
      ],
    },
    spec: {
      containers: [{ name, image: pod.image }],
      ...(pod.inInit ? { initContainers: [{ name: "migrate", image: pod.image }] } : {}),
    },
    status: {
      phase: phaseOf(pod),
      ...(pod.ended === undefined || pod.ended === "Succeeded"
        ? {}
        : { reason: pod.ended, message: `the node has no room for ${pod.name}` }),
      conditions: [
        { type: "Ready", status: pod.ready ? "True" : "False" },
        ...(pod.trouble === "Unschedulable" ? [{ ...unschedulable, ...since }] : []),
      ],
      ...(pod.inInit
        ? {
            initContainerStatuses: [{ name: "migrate", restartCount: pod.restarts, state: waiting }],
            containerStatuses: [{ ...own, state: { waiting: { reason: "PodInitializing" } } }],
          }
        : { containerStatuses: [{ ...own, state: waiting }] }),
    },
  };
}

export function showMountEvent({ name, bornMs }: Pod): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: `${name}.1`, resourceVersion: "1" },
    involvedObject: { kind: "Pod", name },
    type: "Warning",
    reason: "FailedMount",
    message: 'MountVolume.SetUp failed for volume "keys" : secret "keys" not found',
    firstTimestamp: new Date(bornMs).toISOString(),
    lastTimestamp: new Date(bornMs + TICK_MS).toISOString(),
  };
}

export function showSlice({ service, names }: Slice): KubeObject {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: `${service}-x1`, resourceVersion: "1", labels: { "kubernetes.io/service-name": service } },
    endpoints: names.map((name) => ({ conditions: { ready: true }, targetRef: { name }, addresses: ["10.0.0.1"] })),
  };
}

function phaseOf({ ended, ready }: Pod): string {
  if (ended === undefined) return ready ? "Running" : "Pending";
  return ended === "Succeeded" ? ended : "Failed";
}
