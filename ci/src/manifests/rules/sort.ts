import type { z } from "zod";
import type { KubeObject } from "../../rollout/objects.ts";
import {
  type Budget,
  budgetSpec,
  type NetworkPolicy,
  policySpec,
  type Read,
  type Service,
  serviceSpec,
  type Workload,
  type WorkloadKind,
  workloadKinds,
  workloadSpec,
} from "./shapes.ts";

/** A place of an object that cannot be read, and why. */
export interface Unread {
  readonly title: string;
  readonly path: string;
  readonly message: string;
}

/** The objects of a ring by what they are. What is of no kind here has no pods and says nothing about pods. */
export interface SortedObjects {
  readonly workloads: readonly Workload[];
  readonly services: readonly Service[];
  readonly budgets: readonly Budget[];
  readonly policies: readonly NetworkPolicy[];
  readonly unread: readonly Unread[];
}

export function tellTitle({ kind, metadata }: KubeObject): string {
  return `${kind} ${metadata.name}`;
}

/** Reads the objects that rules are about. One that cannot be read is only in `unread`. */
export function sortObjects(objects: readonly KubeObject[]): SortedObjects {
  const unread: Unread[] = [];
  const read = <Spec>(
    object: KubeObject,
    expected: { apiVersion: string; schema: z.ZodType<Spec>; at: readonly string[] },
  ): Read<Spec>[] => {
    const title = tellTitle(object);
    if (object.apiVersion !== expected.apiVersion) {
      const message = `expected ${expected.apiVersion}, found ${object.apiVersion}`;
      unread.push({ title, path: "apiVersion", message });
      return [];
    }
    const parsed = expected.schema.safeParse(expected.at.reduce(lookInto, object));
    if (parsed.success) return [{ title, name: object.metadata.name, spec: parsed.data }];
    for (const { path, message } of parsed.error.issues)
      unread.push({ title, path: [...expected.at, ...path].join("."), message });
    return [];
  };
  const readKind = <Spec>(kind: string, apiVersion: string, schema: z.ZodType<Spec>) =>
    objects
      .filter((object) => object.kind === kind)
      .flatMap((object) => read(object, { apiVersion, schema, at: ["spec"] }));
  const workloads = objects.flatMap((object) => {
    if (!isWorkloadKind(object.kind)) return [];
    const { kind } = object;
    const { apiVersion, at } = workloadKinds[kind];
    return read(object, { apiVersion, schema: workloadSpec, at }).map((found) => ({
      ...found,
      kind,
      path: at.join("."),
    }));
  });
  for (const object of objects) {
    const path = isWorkloadKind(object.kind) ? undefined : findPodSpec(object);
    if (path === undefined) continue;
    const message = `the rules do not know how a ${object.kind} creates pods, so they cannot check them`;
    unread.push({ title: tellTitle(object), path, message });
  }
  return {
    workloads,
    services: readKind("Service", "v1", serviceSpec),
    budgets: readKind("PodDisruptionBudget", "policy/v1", budgetSpec),
    policies: readKind("NetworkPolicy", "networking.k8s.io/v1", policySpec),
    unread,
  };
}

function isWorkloadKind(kind: string): kind is WorkloadKind {
  return Object.hasOwn(workloadKinds, kind);
}

function lookInto(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

/** Where below `value` a list of containers stands, whatever the kind. */
function findPodSpec(value: unknown, path: readonly string[] = []): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const containers = lookInto(value, "containers");
  if (Array.isArray(containers) && containers.some((entry) => lookInto(entry, "image") !== undefined))
    return [...path, "containers"].join(".");
  for (const [key, below] of Object.entries(value)) {
    const found = findPodSpec(below, [...path, key]);
    if (found !== undefined) return found;
  }
  return undefined;
}
