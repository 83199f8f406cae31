/**
 * A cluster for tests: the part of Kubernetes' API and controllers that a rollout leans on, with time in the caller's
 * hand. Written from Kubernetes' documents and not from the rollout's code, so that the two can disagree.
 */
import type { Action } from "../../../../ci/src/rollout/action.ts";
import type { KubeObject } from "../../../../ci/src/rollout/objects.ts";
import {
  applyFields,
  type Fields,
  type Json,
  keyOf,
  listPaths,
  patchFields,
  readPath,
  SEPARATOR,
  type Stored,
  setField,
} from "./model-fields.ts";
import { agePod, type Behaviour, chooseKept, NEWBORN, type Pod, surgeOf, TICK_MS } from "./model-pods.ts";
import { type Slice, showMountEvent, shown, showPod, showSlice } from "./model-shown.ts";

export type Refusal = "AlreadyExists" | "Conflict" | "FieldConflict" | "Immutable" | "NotFound" | "TestFailed";

const EVICTED = { ready: false, restarts: 7, ended: "Evicted" };

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
    this.#pods = this.#pods.map((pod) => (pod.name === name ? { ...pod, ...EVICTED } : pod));
  }

  /** A pod that has ended long ago lies in a colour. */
  leaveDead(deployment: string, labels: Record<string, string>, image: string): void {
    this.#born += 1;
    const template = "of before";
    const name = `${deployment}-${this.#born}`;
    const container = labels["app.kubernetes.io/name"] ?? "";
    this.#pods.push({
      ...NEWBORN,
      name,
      deployment,
      template,
      labels,
      image,
      container,
      bornMs: this.nowMs - 1,
      ...EVICTED,
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
        const patched = patchFields(stored, action.patch, action.manager);
        if (typeof patched === "string") return patched;
        this.#store(patched.object, patched.owners);
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
    if (stored === undefined) {
      // A precondition on something that is not there.
      if (applied.metadata["resourceVersion"] !== undefined) return "Conflict";
      this.#store(applied, new Map([[self, new Set(listPaths(applied))]]));
      return undefined;
    }
    const wanted = applied.metadata["resourceVersion"];
    if (wanted !== undefined && wanted !== stored.object.metadata["resourceVersion"]) return "Conflict";
    if (stored.object["immutable"] === true) return "Immutable";
    const merged = applyFields(stored, applied, self, force);
    if (merged === undefined) return "FieldConflict";
    this.#store(merged.object, merged.owners);
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
    this.#pods = this.#pods.map((pod) => agePod(pod, this.nowMs, this.behaviours));
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
    const scaled = setField(target, ["spec", "replicas"].join(SEPARATOR), wanted, "autoscaler/Update");
    this.#store(scaled.object, scaled.owners);
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
        ...NEWBORN,
        name: `${name}-${this.#born}`,
        deployment: name,
        ofJob: true,
        template: "",
        labels: readPath(object, "spec.template.metadata.labels") as Record<string, string>,
        image: spec[0]?.image ?? "",
        container: spec[0]?.name ?? "",
        bornMs: this.nowMs,
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
          ...NEWBORN,
          name: `${name}-${this.#born}`,
          deployment: name,
          template,
          labels,
          image,
          container,
          bornMs: this.nowMs,
          second: turned + made > 0,
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

function end(object: Fields): void {
  object["metadata"] = { ...(object["metadata"] as Fields), deletionTimestamp: "2026-01-01T00:00:00Z" };
}

/** The specification of an object; nothing when it is not there. */
export function specOf<Spec>(cluster: ModelCluster, kind: string, name: string): Partial<Spec> {
  return (cluster.get(kind, name)?.["spec"] ?? {}) as Partial<Spec>;
}
