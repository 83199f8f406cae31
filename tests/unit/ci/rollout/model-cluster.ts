/**
 * A cluster for tests: the part of Kubernetes' API and controllers that a rollout leans on, with time in the caller's
 * hand. Written from Kubernetes' documents and not from the rollout's code, so that the two can disagree.
 */
import { createHash } from "node:crypto";
import type { Action, PatchOperation } from "../../../../ci/src/rollout/action.ts";
import type { KubeObject } from "../../../../ci/src/rollout/objects.ts";

export type Refusal = "AlreadyExists" | "Conflict" | "FieldConflict" | "Immutable" | "NotFound" | "TestFailed";

/** How pods of an image behave. */
export type Behaviour =
  | "good"
  | "pull-fails"
  | "crash-loops"
  | "never-ready"
  | "half-ready"
  | "slow"
  | "init-crashes"
  | "fits-nowhere"
  | "lacks-secret"
  | "lacks-volume"
  | "node-refuses";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json | undefined };
type Fields = { [key: string]: Json | undefined };

interface Stored {
  object: Fields & { kind: string; metadata: Fields };
  /** Paths of fields that each `manager/operation` owns. */
  owners: Map<string, Set<string>>;
}

export interface Pod {
  readonly name: string;
  /** Its Deployment's name, or its Job's. */
  readonly deployment: string;
  readonly ofJob?: true;
  readonly template: string;
  readonly labels: Record<string, string>;
  readonly image: string;
  /** The one that runs the image. */
  readonly container: string;
  readonly bornMs: number;
  /** Started beside another one of its Deployment, and takes a little longer. */
  readonly second: boolean;
  readonly ready: boolean;
  readonly restarts: number;
  readonly trouble: string | undefined;
  /** The init container waits with that trouble, and not the other one. */
  readonly inInit: boolean;
  /** Why it is Failed, or that it has Succeeded. Such a pod stays, and its ReplicaSet makes another one. */
  readonly ended: string | undefined;
}

interface Slice {
  readonly service: string;
  /** Of the ready pods. */
  readonly names: readonly string[];
}

/** Time from a pod's start until it is ready. */
const READY_AFTER_MS = 4000;
/** The same of one that takes its time. */
const SLOW_MS = 40_000;
/** The clock's smallest step. Controllers see the world of one step ago. */
export const TICK_MS = 2000;

export class ModelCluster {
  nowMs = Date.UTC(2026, 0, 1);
  /** Writes that changed something, by purpose, renewals of the lease left out. */
  writes: string[] = [];
  refused = 0;
  readonly behaviours = new Map<string, Behaviour>();
  /** So many pods that have not ended may there be. */
  quota = Number.POSITIVE_INFINITY;
  /** How many pods the requests of a service need, of the colour that gets them. */
  readonly needs = new Map<string, number>();
  /** What became of Jobs, in order: `begins NAME`, `succeeds NAME`. */
  jobRuns: string[] = [];
  #objects = new Map<string, Stored>();
  #pods: Pod[] = [];
  #version = 100;
  #born = 0;
  /** Ready addresses by Service, as the EndpointSlice controller last wrote them. */
  #slices = new Map<string, Slice>();

  clone(): ModelCluster {
    const copy = new ModelCluster();
    copy.nowMs = this.nowMs;
    copy.writes = [...this.writes];
    copy.refused = this.refused;
    copy.quota = this.quota;
    copy.jobRuns = [...this.jobRuns];
    for (const [image, behaviour] of this.behaviours) copy.behaviours.set(image, behaviour);
    for (const [service, pods] of this.needs) copy.needs.set(service, pods);
    // Objects and pods are replaced and never changed, so that copies may share them.
    copy.#objects = new Map(this.#objects);
    copy.#pods = [...this.#pods];
    copy.#version = this.#version;
    copy.#born = this.#born;
    copy.#slices = new Map(this.#slices);
    return copy;
  }

  get(kind: string, name: string): KubeObject | undefined {
    return this.#objects.get(`${kind}/${name}`)?.object as unknown as KubeObject | undefined;
  }

  list(kind: string): KubeObject[] {
    return [...this.#objects.values()]
      .map(({ object }) => object as unknown as KubeObject)
      .filter((o) => o.kind === kind);
  }

  pods(): readonly Pod[] {
    return this.#pods;
  }

  /** Names of the ready pods behind a Service. */
  reached(service: string): readonly string[] {
    return this.#slices.get(service)?.names ?? [];
  }

  /** Who owns a field, for the tests of the split of ownership. */
  ownersOf(kind: string, name: string, path: string): string[] {
    const owners = this.#objects.get(`${kind}/${name}`)?.owners ?? new Map<string, Set<string>>();
    return [...owners].filter(([, paths]) => paths.has(path)).map(([owner]) => owner);
  }

  /** What `kubectl get … --output json` would list. */
  items(): KubeObject[] {
    const events = this.#pods.filter(({ trouble }) => trouble === "ContainerCreating");
    return [
      ...[...this.#objects.values()].map(({ object }) => object as unknown as KubeObject),
      ...this.#pods.map((pod) => shown(pod, showPod)),
      ...events.map((pod) => shown(pod, showMountEvent)),
      ...[...this.#slices.values()].map((slice) => shown(slice, showSlice)),
    ];
  }

  /** Somebody else's hand: changes an object without asking. */
  meddle(kind: string, name: string, change: (object: Fields) => void): void {
    const stored = this.#objects.get(`${kind}/${name}`);
    if (stored === undefined) throw new Error(`no ${kind} ${name} to meddle with`);
    const copy = structuredClone(stored.object);
    change(copy);
    this.#store(copy, stored.owners);
  }

  /** The node throws a pod out. It stays, as Failed, and so do its restarts. */
  evict(name: string): void {
    if (this.#pods.every((pod) => pod.name !== name)) throw new Error(`no pod ${name} to evict`);
    const evicted = { ready: false, restarts: 7, ended: "Evicted" };
    this.#pods = this.#pods.map((pod) => (pod.name === name ? { ...pod, ...evicted } : pod));
  }

  /** A pod that has ended long ago lies in a colour. */
  leaveDead(deployment: string, labels: Record<string, string>, image: string): void {
    this.#born += 1;
    const template = "of before";
    const name = `${deployment}-${this.#born}`;
    const rest = { ready: false, restarts: 7, trouble: undefined, inInit: false, ended: "Evicted" };
    const container = labels["app.kubernetes.io/name"] ?? "";
    this.#pods.push({
      name,
      deployment,
      template,
      labels,
      image,
      container,
      bornMs: this.nowMs - 1,
      second: false,
      ...rest,
    });
  }

  remove(kind: string, name: string): void {
    this.#objects.delete(`${kind}/${name}`);
    if (kind === "Service") this.#slices.delete(name);
    if (kind === "Deployment") this.#pods = this.#pods.filter(({ deployment }) => deployment !== name);
  }

  /** Carries one write out. */
  execute(action: Action): Refusal | undefined {
    const refusal = this.#perform(action);
    if (refusal !== undefined) this.refused += 1;
    else if (action.purpose !== "renew-lease") this.writes.push(action.summary);
    return refusal;
  }

  #perform(action: Action): Refusal | undefined {
    switch (action.call) {
      case "create": {
        const object = structuredClone(action.object) as unknown as Stored["object"];
        if (this.#objects.has(keyOf(object))) return "AlreadyExists";
        const owners = new Map([[`${action.manager}/Update`, new Set(listPaths(object))]]);
        this.#store(object, owners);
        return undefined;
      }
      case "apply": {
        for (const applied of action.objects) {
          const refusal = this.#apply(
            structuredClone(applied) as unknown as Stored["object"],
            action.manager,
            action.force,
          );
          if (refusal !== undefined) return refusal;
        }
        return undefined;
      }
      case "patch": {
        const { kind, name } = action.target;
        const stored = this.#objects.get(`${kind}/${name}`);
        if (stored === undefined) return "NotFound";
        const object = structuredClone(stored.object);
        for (const operation of action.patch) if (!patchValue(object, operation)) return "TestFailed";
        if (changesImmutable(stored.object, object)) return "Immutable";
        const owners = copyOwners(stored.owners);
        const changed = listPaths(object).filter(
          (path) => JSON.stringify(readPath(object, path)) !== JSON.stringify(readPath(stored.object, path)),
        );
        for (const path of changed) {
          for (const paths of owners.values()) paths.delete(path);
          own(owners, `${action.manager}/Update`).add(path);
        }
        this.#store(object, owners);
        return undefined;
      }
      case "delete": {
        const { kind, name } = action.target;
        const stored = this.#objects.get(`${kind}/${name}`);
        if (stored === undefined) return "NotFound";
        if (stored.object.metadata["resourceVersion"] !== action.resourceVersion) return "Conflict";
        // Its pods go first.
        if (kind === "Job") this.meddle(kind, name, end);
        else this.remove(kind, name);
        return undefined;
      }
    }
  }

  #apply(applied: Stored["object"], manager: string, force: boolean): Refusal | undefined {
    const stored = this.#objects.get(keyOf(applied));
    const self = `${manager}/Apply`;
    const paths = listPaths(applied);
    if (stored === undefined) {
      // A precondition on something that is not there.
      if (applied.metadata["resourceVersion"] !== undefined) return "Conflict";
      this.#store(applied, new Map([[self, new Set(paths)]]));
      return undefined;
    }
    const wanted = applied.metadata["resourceVersion"];
    if (wanted !== undefined && wanted !== stored.object.metadata["resourceVersion"]) return "Conflict";
    if (stored.object["immutable"] === true) return "Immutable";
    const object = structuredClone(stored.object);
    const owners = copyOwners(stored.owners);
    for (const path of paths) {
      const same = JSON.stringify(readPath(applied, path)) === JSON.stringify(readPath(object, path));
      const others = [...owners].filter(([owner, owned]) => owner !== self && owned.has(path));
      if (!same && others.length > 0) {
        if (!force) return "FieldConflict";
        for (const [, owned] of others) owned.delete(path);
      }
      writePath(object, path, readPath(applied, path));
    }
    // Fields that this manager alone owned and no longer names are removed.
    for (const path of owners.get(self) ?? []) {
      const shared = [...owners].some(([owner, owned]) => owner !== self && owned.has(path));
      if (!paths.includes(path) && !shared) writePath(object, path, undefined);
    }
    owners.set(self, new Set(paths));
    this.#store(object, owners);
    return undefined;
  }

  #store(object: Stored["object"], owners: Stored["owners"]): void {
    const before = this.#objects.get(keyOf(object))?.object;
    this.#version += 1;
    const changedSpec = JSON.stringify(before?.["spec"]) !== JSON.stringify(object["spec"]);
    object.metadata["resourceVersion"] = String(this.#version);
    object.metadata["generation"] = Number(before?.metadata["generation"] ?? 0) + (changedSpec ? 1 : 0);
    if (object.kind === "Deployment" && before !== undefined) {
      const selectorOf = (of: Fields) => JSON.stringify(readPath(of, "spec.selector.matchLabels"));
      if (selectorOf(before) !== selectorOf(object)) throw new Error("spec.selector of a Deployment is immutable");
    }
    this.#objects.set(keyOf(object), { object, owners });
  }

  /** Time passes. First the endpoints follow the pods of before, then pods and Deployments move on. */
  tick(ms = TICK_MS): void {
    this.nowMs += ms;
    this.#runEndpoints();
    this.#pods = this.#pods.map((pod) => this.#age(pod));
    for (const { object, owners } of [...this.#objects.values()]) {
      if (object.kind === "Deployment") this.#runDeployment(object, owners);
      if (object.kind === "Job") this.#runJob(object, owners);
    }
    for (const { object } of [...this.#objects.values()])
      if (object.kind === "HorizontalPodAutoscaler") this.#runAutoscaler(object);
  }

  /** As its controller: leaves alone what has no pods, and takes the number of pods for its own when it changes it. */
  #runAutoscaler({ spec }: Stored["object"]): void {
    const target = this.#objects.get(`Deployment/${String(readPath(spec, "scaleTargetRef.name"))}`);
    if (target === undefined) return;
    const labels = (target.object.metadata["labels"] ?? {}) as Record<string, string>;
    const service = labels["app.kubernetes.io/name"] ?? "";
    const asks = this.list("Service").find(
      ({ metadata }) =>
        metadata.labels?.["app.kubernetes.io/name"] === service && metadata.labels["slipway.dev/colour"] === undefined,
    );
    const live = readPath(asks as Json | undefined, "spec.selector") as Fields | undefined;
    const asked = live?.["slipway.dev/colour"] === labels["slipway.dev/colour"] ? (this.needs.get(service) ?? 0) : 0;
    const replicas = Number(readPath(target.object, "spec.replicas"));
    const [min, max] = [Number(readPath(spec, "minReplicas") ?? 1), Number(readPath(spec, "maxReplicas"))];
    const wanted = Math.min(max, Math.max(min, asked));
    const held = readPath(spec, "behavior.scaleDown.selectPolicy") === "Disabled" && replicas <= max;
    if (replicas === 0 || wanted === replicas || (wanted < replicas && held)) return;
    const object = structuredClone(target.object);
    writePath(object, "spec.replicas", wanted);
    const owners = copyOwners(target.owners);
    for (const paths of owners.values()) paths.delete(["spec", "replicas"].join(SEPARATOR));
    own(owners, "autoscaler/Update").add(["spec", "replicas"].join(SEPARATOR));
    this.#store(object, owners);
  }

  /** One pod, and no second one when that fails (`backoffLimit: 0`). */
  #runJob(object: Stored["object"], owners: Stored["owners"]): void {
    const name = String(object.metadata["name"]);
    if (object.metadata["deletionTimestamp"] !== undefined) {
      this.#pods = this.#pods.filter(({ deployment }) => deployment !== name);
      this.#objects.delete(keyOf(object));
      return;
    }
    if (readPath(object, "spec.suspend") === true || readPath(object, "status.conditions") !== undefined) return;
    const pod = this.#pods.find(({ deployment }) => deployment === name);
    if (pod === undefined) {
      this.#born += 1;
      const spec = readPath(object, "spec.template.spec.containers") as unknown as { name: string; image: string }[];
      this.jobRuns.push(`begins ${name}`);
      this.#pods.push({
        name: `${name}-${this.#born}`,
        deployment: name,
        ofJob: true,
        template: "",
        labels: readPath(object, "spec.template.metadata.labels") as Record<string, string>,
        image: spec[0]?.image ?? "",
        container: spec[0]?.name ?? "",
        bornMs: this.nowMs,
        second: false,
        ready: false,
        restarts: 0,
        trouble: undefined,
        inInit: false,
        ended: undefined,
      });
    }
    if (pod?.ended === undefined) return;
    const done = pod.ended === "Succeeded";
    if (done) this.jobRuns.push(`succeeds ${name}`);
    const at = new Date(this.nowMs).toISOString();
    const limit = { reason: "BackoffLimitExceeded", message: "Job has reached the specified backoff limit" };
    const condition = { status: "True", lastTransitionTime: at };
    const status: Fields = done
      ? { succeeded: 1, completionTime: at, conditions: [{ type: "Complete", ...condition }] }
      : { failed: 1, conditions: [{ type: "Failed", ...limit, ...condition }] };
    this.#store({ ...object, metadata: { ...object.metadata }, status }, owners);
  }

  #runEndpoints(): void {
    for (const { object } of this.#objects.values()) {
      if (object.kind !== "Service") continue;
      const selector = readPath(object, "spec.selector") as Fields | undefined;
      const name = String(object.metadata["name"]);
      if (selector === undefined) this.#slices.delete(name);
      else {
        const chosen = this.#pods.filter(
          ({ labels, ready }) => ready && Object.entries(selector).every(([key, value]) => labels[key] === value),
        );
        const names = chosen.map((pod) => pod.name);
        const before = this.#slices.get(name);
        if (before?.names.join() !== names.join()) this.#slices.set(name, { service: name, names });
      }
    }
  }

  /** The pod as it is now: the same one when nothing has changed. */
  #age(pod: Pod): Pod {
    if (pod.ended !== undefined) return pod;
    const changes = this.#changesOf(pod);
    const isSame = (Object.keys(changes) as (keyof Pod)[]).every((key) => pod[key] === changes[key]);
    return isSame ? pod : { ...pod, ...changes };
  }

  #changesOf(pod: Pod): Partial<Pod> {
    const age = this.nowMs - pod.bornMs;
    const digest = pod.image.split("@")[1] ?? "";
    const behaviour = this.behaviours.get(digest) ?? "good";
    const readyAfterMs = behaviour === "slow" ? SLOW_MS : READY_AFTER_MS;
    switch (behaviour) {
      case "good":
      case "slow":
        if (pod.ofJob && age >= readyAfterMs) return { ready: false, ended: "Succeeded" };
        // Never all at once: a rollout that is content with the first pod has to show.
        return { ready: age >= readyAfterMs + (pod.second ? 2 * TICK_MS : 0) };
      case "pull-fails":
        return { trouble: age < TICK_MS * 2 ? "ErrImagePull" : "ImagePullBackOff" };
      case "crash-loops":
        return pod.ofJob ? { ended: "Error" } : { restarts: pod.restarts + 1, trouble: "CrashLoopBackOff" };
      case "init-crashes":
        return { inInit: true, restarts: pod.restarts + 1, trouble: "CrashLoopBackOff" };
      case "fits-nowhere":
        return { trouble: "Unschedulable" };
      case "lacks-secret":
        return { trouble: "CreateContainerConfigError" };
      case "lacks-volume":
        return { trouble: "ContainerCreating" };
      case "node-refuses":
        return { ended: "OutOfcpu" };
      case "half-ready":
        return { ready: !pod.second && age >= READY_AFTER_MS };
      case "never-ready":
        return {};
    }
  }

  /** The same condition as before keeps its time. */
  #failure(status: Fields, message: string): Fields {
    const before = ((status["conditions"] ?? []) as Fields[]).find((one) => one["type"] === "ReplicaFailure");
    const lastTransitionTime = before?.["lastTransitionTime"] ?? new Date(this.nowMs).toISOString();
    return { type: "ReplicaFailure", status: "True", reason: "FailedCreate", message, lastTransitionTime };
  }

  #runDeployment(object: Stored["object"], owners: Stored["owners"]): void {
    const name = String(object.metadata["name"]);
    const generation = Number(object.metadata["generation"]);
    const status = (object["status"] ?? {}) as Fields;
    const own_ = () => this.#pods.filter(({ deployment, ended }) => deployment === name && ended === undefined);
    let refusal: string | undefined;
    if (status["observedGeneration"] === generation) {
      const template = JSON.stringify(readPath(object, "spec.template"));
      const replicas = Number(readPath(object, "spec.replicas") ?? 1);
      // The template of a colour changes while it serves nobody: all its pods may be replaced at once.
      const isColoured = readPath(object, "metadata.labels")?.["slipway.dev/colour" as never] !== undefined;
      const isStill = (pod: Pod) => !isColoured || pod.template === template;
      const kept = chooseKept(own_().filter(isStill), template, replicas);
      this.#pods = this.#pods.filter((pod) => pod.deployment !== name || pod.ended !== undefined || kept.includes(pod));
      const turned = kept.filter((pod) => pod.template === template).length;
      // What is not turned over yet leaves room for no more than the surge.
      const missingNow = Math.min(replicas - turned, replicas + surgeOf(replicas) - kept.length);
      const labels = readPath(object, "spec.template.metadata.labels") as Record<string, string>;
      const containers = readPath(object, "spec.template.spec.containers") as unknown as {
        name: string;
        image: string;
      }[];
      const own = containers.find((one) => one.name === labels["app.kubernetes.io/name"]) ?? containers[0];
      const { name: container = "", image = "" } = own ?? {};
      for (let made = 0; made < missingNow; made += 1) {
        if (this.#pods.filter(({ ended }) => ended === undefined).length >= this.quota) {
          refusal = `pods "${name}-x" is forbidden: exceeded quota: few, requested: pods=1, used: pods=${this.quota}, limited: pods=${this.quota}`;
          break;
        }
        this.#born += 1;
        this.#pods.push({
          name: `${name}-${this.#born}`,
          deployment: name,
          template,
          labels,
          image,
          container,
          bornMs: this.nowMs,
          second: turned + made > 0,
          ready: false,
          restarts: 0,
          trouble: undefined,
          inInit: false,
          ended: undefined,
        });
      }
    }
    const pods = own_();
    const next: Fields = {
      observedGeneration: generation,
      replicas: pods.length,
      updatedReplicas: pods.filter((pod) => pod.template === JSON.stringify(readPath(object, "spec.template"))).length,
      availableReplicas: pods.filter(({ ready }) => ready).length,
      ...(refusal === undefined ? {} : { conditions: [this.#failure(status, refusal)] }),
    };
    if (JSON.stringify(next) === JSON.stringify(status)) return;
    // A status update changes the resource version, as it does in Kubernetes, and not the generation.
    this.#store({ ...object, metadata: { ...object.metadata }, status: next }, owners);
  }
}

/** As Kubernetes rounds its 25 %, up and down. */
function surgeOf(replicas: number): number {
  return Math.ceil(replicas / 4);
}

/**
 * The pods that a rolling update leaves for now: those of the template, and of the others as many as have to serve on. Who
 * is not ready goes first, and nobody who is needed.
 */
function chooseKept(pods: readonly Pod[], template: string, replicas: number): Pod[] {
  const turned = pods.filter((pod) => pod.template === template).slice(0, replicas);
  if (replicas === 0) return [];
  const least = replicas - Math.floor(replicas / 4);
  const old = pods.filter((pod) => pod.template !== template);
  const serving = turned.filter(({ ready }) => ready).length;
  const needed = Math.max(0, least - serving);
  return [...turned, ...old.filter(({ ready }) => ready).slice(0, needed)];
}

/** The content of an immutable object is fixed; its labels and annotations are not. */
function changesImmutable(before: Fields, after: Fields): boolean {
  const contentOf = ({ data, binaryData, immutable }: Fields) => JSON.stringify([data, binaryData, immutable]);
  return before["immutable"] === true && contentOf(before) !== contentOf(after);
}

function phaseOf({ ended, ready }: Pod): string {
  if (ended === undefined) return ready ? "Running" : "Pending";
  return ended === "Succeeded" ? ended : "Failed";
}

function end(object: Fields): void {
  object["metadata"] = { ...(object["metadata"] as Fields), deletionTimestamp: "2026-01-01T00:00:00Z" };
}

/** The specification of an object; nothing when it is not there. */
export function specOf<Spec>(cluster: ModelCluster, kind: string, name: string): Partial<Spec> {
  return (cluster.get(kind, name)?.["spec"] ?? {}) as Partial<Spec>;
}

const hashes = new Map<string, string>();

function hashOf(template: string): string {
  const known = hashes.get(template) ?? createHash("sha256").update(template).digest("hex").slice(0, 10);
  hashes.set(template, known);
  return known;
}

const shownOnes = new WeakMap<object, Map<unknown, KubeObject>>();

/** What the API shows of it: the same object as long as it stays the same. */
function shown<Kept extends object>(kept: Kept, show: (kept: Kept) => KubeObject): KubeObject {
  const known = shownOnes.get(kept) ?? new Map<unknown, KubeObject>();
  shownOnes.set(kept, known);
  const object = known.get(show) ?? show(kept);
  known.set(show, object);
  return object;
}

/** A pod as the API shows it: the state that its conditions and containers are in, in the kubelet's words. */
function showPod(pod: Pod): KubeObject {
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

function showMountEvent({ name, bornMs }: Pod): KubeObject {
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

function showSlice({ service, names }: Slice): KubeObject {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: `${service}-x1`, resourceVersion: "1", labels: { "kubernetes.io/service-name": service } },
    endpoints: names.map((name) => ({ conditions: { ready: true }, targetRef: { name }, addresses: ["10.0.0.1"] })),
  };
}

function keyOf(object: { kind: string; metadata: Fields }): string {
  return `${object.kind}/${String(object.metadata["name"])}`;
}

function own(owners: Stored["owners"], owner: string): Set<string> {
  const paths = owners.get(owner) ?? new Set<string>();
  owners.set(owner, paths);
  return paths;
}

function copyOwners(owners: Stored["owners"]): Stored["owners"] {
  return new Map([...owners].map(([owner, paths]) => [owner, new Set(paths)]));
}

const SEPARATOR = "\u0000";

/**
 * The fields that have an owner. Lists and the selector of a Service are owned whole (`atomic`). Keys of labels hold
 * dots, so paths are joined by something that no key holds; `readPath` takes dots as well.
 */
function listPaths(object: Fields): string[] {
  const paths: string[] = [];
  const walk = (value: Json | undefined, keys: string[]) => {
    const plain = keys.join(".");
    if (
      ["apiVersion", "kind", "status", "metadata.name", "metadata.resourceVersion", "metadata.generation"].includes(
        plain,
      )
    )
      return;
    const atomic = plain === "spec.selector" && object["kind"] === "Service";
    if (
      !atomic &&
      typeof value === "object" &&
      value !== null &&
      !Array.isArray(value) &&
      Object.keys(value).length > 0
    )
      for (const [key, member] of Object.entries(value)) walk(member, [...keys, key]);
    else if (keys.length > 0) paths.push(keys.join(SEPARATOR));
  };
  walk(object, []);
  return paths;
}

function splitPath(path: string): string[] {
  return path.includes(SEPARATOR) ? path.split(SEPARATOR) : path.split(".");
}

function readPath(object: Json | undefined, path: string): Json | undefined {
  let at: Json | undefined = object;
  for (const key of splitPath(path)) {
    if (typeof at !== "object" || at === null || Array.isArray(at)) return undefined;
    at = at[key];
  }
  return at;
}

function writePath(object: Fields, path: string, value: Json | undefined): void {
  const keys = splitPath(path);
  const last = keys.pop() ?? "";
  let at: Fields = object;
  for (const key of keys) {
    const next = at[key];
    if (typeof next === "object" && next !== null && !Array.isArray(next)) at = next;
    else {
      if (value === undefined) return;
      const made: Fields = {};
      at[key] = made;
      at = made;
    }
  }
  if (value === undefined) delete at[last];
  else at[last] = value;
}

/** RFC 6902 on objects; `false` when a test does not hold or the place does not exist. */
function patchValue(object: Fields, operation: PatchOperation): boolean {
  const keys = operation.path
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  const last = keys.pop() ?? "";
  let at: Json | undefined = object;
  for (const key of keys) {
    if (typeof at !== "object" || at === null || Array.isArray(at)) return false;
    at = at[key];
  }
  if (typeof at !== "object" || at === null || Array.isArray(at)) return false;
  const exists = Object.hasOwn(at, last);
  switch (operation.op) {
    case "test":
      return exists && sameValue(at[last], operation.value as Json);
    case "replace":
      if (!exists) return false;
      at[last] = structuredClone(operation.value) as Json;
      return true;
    case "add":
      at[last] = structuredClone(operation.value) as Json;
      return true;
    case "remove":
      delete at[last];
      return exists;
  }
}

function sameValue(left: Json | undefined, right: Json | undefined): boolean {
  if (typeof left !== "object" || left === null || typeof right !== "object" || right === null) return left === right;
  const [a, b] = [Object.entries(left), right as Fields];
  return a.length === Object.keys(b).length && a.every(([key, value]) => sameValue(value, b[key]));
}
