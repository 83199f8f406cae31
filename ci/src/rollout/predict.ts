import { entries, type Fields, fields, isFields } from "../input/fields.ts";
import type { Action, PatchOperation } from "./action.ts";
import { ANNOTATION, type KubeObject, LABEL } from "./objects.ts";
import { keyOf, keyOfObject } from "./reads.ts";
import { findDeploymentOf } from "./rolling/pods.ts";

/** The cluster's objects by `Kind/name`, as plans imagine them. */
export type Imagined = Map<string, KubeObject>;

/** What a write makes of the objects when it succeeds. Preconditions are not looked at: nobody else is imagined. */
export function predict(objects: Imagined, action: Action): Imagined {
  const next = new Map(objects);
  const put = (object: KubeObject) => next.set(keyOfObject(object), touch(object));
  switch (action.call) {
    case "create":
      put(action.object);
      break;
    case "apply":
      for (const object of action.objects) {
        const before = objects.get(keyOfObject(object));
        put(before === undefined ? object : (merge(before, object) as KubeObject));
      }
      break;
    case "patch": {
      const { kind, name } = action.target;
      const before = objects.get(keyOf(action.target));
      if (before === undefined) throw new Error(`the plan patches ${kind} ${name}, which does not exist`);
      put(action.patch.reduce<unknown>((object, operation) => change(object, operation), before) as KubeObject);
      break;
    }
    case "delete":
      next.delete(keyOf(action.target));
      break;
  }
  return next;
}

/** The same objects once every controller has done its work, every job has succeeded and every pod has come up. */
export function settle(objects: Imagined): Imagined {
  const next: Imagined = new Map([...objects].filter(([, object]) => !followsFromOthers(object, objects)));
  for (const [key, object] of objects) {
    if (object.kind === "Job" && object.metadata.labels?.[LABEL.record] === "job") {
      // One that is being deleted is gone, one that is paused goes on waiting.
      if (object.metadata["deletionTimestamp"] !== undefined) next.delete(key);
      else if (fields(object["spec"])["suspend"] !== true) next.set(key, { ...object, status: SUCCEEDED });
    }
    if (object.kind !== "Deployment" || !isOurs(object)) continue;
    const spec = fields(object["spec"]);
    const replicas = typeof spec["replicas"] === "number" ? spec["replicas"] : 1;
    next.set(key, {
      ...object,
      status: {
        observedGeneration: object.metadata["generation"],
        replicas,
        updatedReplicas: replicas,
        availableReplicas: replicas,
      },
    });
    for (let index = 0; index < replicas; index += 1) {
      const pod = imaginePod(object, fields(spec["template"]), index);
      next.set(`Pod/${pod.metadata.name}`, pod);
    }
  }
  for (const object of objects.values()) {
    if (object.kind !== "Service") continue;
    const slice = imagineSlice(object, next);
    if (slice !== undefined) next.set(`EndpointSlice/${slice.metadata.name}`, slice);
  }
  return next;
}

const SUCCEEDED = { conditions: [{ type: "Complete", status: "True" }] };

/** By it a pod's Deployment is found. */
const IMAGINED_LABELS = { "pod-template-hash": "imagined" };

function imaginePod(deployment: KubeObject, template: Fields, index: number): KubeObject {
  const { spec, metadata } = template;
  return touch({
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      ...fields(metadata),
      labels: { ...fields(fields(metadata)["labels"]), ...IMAGINED_LABELS },
      name: `${deployment.metadata.name}-${index}`,
      ownerReferences: [{ kind: "ReplicaSet", name: `${deployment.metadata.name}-imagined` }],
    },
    spec,
    status: { conditions: [{ type: "Ready", status: "True" }] },
  });
}

function imagineSlice(service: KubeObject, objects: Imagined): KubeObject | undefined {
  const selector = fields(service["spec"])["selector"];
  const wanted = Object.entries(fields(selector));
  if (wanted.length === 0) return undefined;
  const pods = [...objects.values()].filter(
    ({ kind, metadata }) => kind === "Pod" && wanted.every(([key, value]) => metadata.labels?.[key] === value),
  );
  return touch({
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      name: `${service.metadata.name}-imagined`,
      labels: { "kubernetes.io/service-name": service.metadata.name },
    },
    endpoints: pods.map(({ metadata }) => ({ targetRef: { name: metadata.name }, conditions: { ready: true } })),
  });
}

/** A Deployment that Slipway has written: of a colour, or one that it has changed in place, back again too. */
function isOurs(object: KubeObject): boolean {
  return isColoured(object) || object.metadata.annotations?.[ANNOTATION.epoch] !== undefined;
}

function isColoured({ metadata: { labels } }: KubeObject): boolean {
  return labels?.[LABEL.service] !== undefined && labels[LABEL.colour] !== undefined;
}

/** Pods of such Deployments, and the slices of Services: `settle` makes them anew. */
function followsFromOthers(object: KubeObject, objects: Imagined): boolean {
  const { kind, metadata } = object;
  const { labels } = metadata;
  if (kind === "Pod") {
    if (isColoured(object)) return true;
    const replicaSet = entries(metadata["ownerReferences"])
      .map(fields)
      .find((owner) => owner["kind"] === "ReplicaSet");
    const name = findDeploymentOf({ labels: labels ?? {}, replicaSet: String(replicaSet?.["name"]) });
    const deployment = objects.get(keyOf({ kind: "Deployment", name: name ?? "" }));
    return deployment !== undefined && isOurs(deployment);
  }
  return kind === "EndpointSlice" && objects.has(`Service/${labels?.["kubernetes.io/service-name"]}`);
}

/** Counts versions up as the API server does, so that what was seen before does not pass for what is now. */
function touch(object: KubeObject): KubeObject {
  const { metadata } = object;
  const generation = typeof metadata["generation"] === "number" ? metadata["generation"] : 0;
  const version = Number(metadata["resourceVersion"] ?? 0);
  return {
    ...object,
    metadata: {
      ...metadata,
      generation: generation + 1,
      resourceVersion: `${Number.isNaN(version) ? 0 : version + 1}`,
    },
  };
}

function merge(before: unknown, applied: unknown): unknown {
  if (!isFields(before) || !isFields(applied)) return applied;
  const merged: Record<string, unknown> = { ...before };
  for (const [key, value] of Object.entries(applied)) merged[key] = merge(before[key], value);
  return merged;
}

function change(value: unknown, operation: PatchOperation): unknown {
  if (operation.op === "test") return value;
  const keys = operation.path
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  const put = (at: unknown, [key, ...rest]: readonly string[]): unknown => {
    if (key === undefined) return operation.op === "remove" ? undefined : operation.value;
    const { [key]: before, ...others } = fields(at);
    const after = put(before, rest);
    return after === undefined ? others : { ...fields(at), [key]: after };
  };
  return put(value, keys);
}

/** Reads a cluster's answer into the form that plans work on. Pods that are going away are left out. */
export function imagine(items: readonly KubeObject[]): Imagined {
  return new Map(items.map((object) => [keyOfObject(object), object]));
}
