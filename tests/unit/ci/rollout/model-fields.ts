/** Objects of the cluster for tests as trees of fields: where a value stands, who owns it, and how a patch changes it. */
import type { PatchOperation } from "../../../../ci/src/rollout/action.ts";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json | undefined };
export type Fields = { [key: string]: Json | undefined };

/** An object, and who owns what of it. */
export interface Stored {
  object: Fields & { kind: string; metadata: Fields };
  /** Paths of fields that each `manager/operation` owns. */
  owners: Map<string, Set<string>>;
}

export function keyOf(object: { kind: string; metadata: Fields }): string {
  return `${object.kind}/${String(object.metadata["name"])}`;
}

/**
 * Server-side apply by one manager: the object and its owners after it.
 *
 * @returns undefined when a field that changes belongs to others, and they are not to be forced
 */
export function applyFields(
  stored: Stored,
  applied: Stored["object"],
  self: string,
  force: boolean,
): Stored | undefined {
  const paths = listPaths(applied);
  const object = structuredClone(stored.object);
  const owners = copyOwners(stored.owners);
  for (const path of paths) {
    const same = JSON.stringify(readPath(applied, path)) === JSON.stringify(readPath(object, path));
    const others = [...owners].filter(([owner, owned]) => owner !== self && owned.has(path));
    if (!same && others.length > 0) {
      if (!force) return undefined;
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
  return { object, owners };
}

/** A patch by one manager, who owns afterwards what has changed. */
export function patchFields(
  stored: Stored,
  patch: readonly PatchOperation[],
  manager: string,
): Stored | "TestFailed" | "Immutable" {
  const object = structuredClone(stored.object);
  for (const operation of patch) if (!patchValue(object, operation)) return "TestFailed";
  if (changesImmutable(stored.object, object)) return "Immutable";
  const owners = copyOwners(stored.owners);
  const changed = listPaths(object).filter(
    (path) => JSON.stringify(readPath(object, path)) !== JSON.stringify(readPath(stored.object, path)),
  );
  for (const path of changed) takeField(owners, path, `${manager}/Update`);
  return { object, owners };
}

/** One field set by somebody, who owns it afterwards. */
export function setField(stored: Stored, path: string, value: Json, owner: string): Stored {
  const object = structuredClone(stored.object);
  writePath(object, path, value);
  const owners = copyOwners(stored.owners);
  takeField(owners, path, owner);
  return { object, owners };
}

function takeField(owners: Stored["owners"], path: string, owner: string): void {
  for (const paths of owners.values()) paths.delete(path);
  own(owners, owner).add(path);
}

function own(owners: Stored["owners"], owner: string): Set<string> {
  const paths = owners.get(owner) ?? new Set<string>();
  owners.set(owner, paths);
  return paths;
}

function copyOwners(owners: Stored["owners"]): Stored["owners"] {
  return new Map([...owners].map(([owner, paths]) => [owner, new Set(paths)]));
}

/** Stands between the names of a path. */
export const SEPARATOR = "\u0000";

/**
 * The fields that have an owner. Lists and the selector of a Service are owned whole (`atomic`). Keys of labels hold
 * dots, so paths are joined by something that no key holds; `readPath` takes dots as well.
 */
export function listPaths(object: Fields): string[] {
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

export function readPath(object: Json | undefined, path: string): Json | undefined {
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

/** The content of an immutable object is fixed; its labels and annotations are not. */
function changesImmutable(before: Fields, after: Fields): boolean {
  const contentOf = ({ data, binaryData, immutable }: Fields) => JSON.stringify([data, binaryData, immutable]);
  return before["immutable"] === true && contentOf(before) !== contentOf(after);
}
