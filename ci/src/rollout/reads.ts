import { type Fields, isFields } from "../input/fields.ts";
import { ownValue } from "../input/names.ts";
import type { KubeObject } from "./objects.ts";

/** An object that pods, or the objects that make them, read by its name. */
export interface Reference {
  readonly kind: "ConfigMap" | "Secret";
  readonly name: string;
}

/** Fields whose member `name` names an object, wherever they stand (API reference of Kubernetes, core/v1). */
const NAMING: Readonly<Record<string, Reference["kind"]>> = {
  // env and envFrom
  configMapKeyRef: "ConfigMap",
  configMapRef: "ConfigMap",
  secretKeyRef: "Secret",
  secretRef: "Secret",
  // Volumes, and the sources of a projected one; the volume of a Secret says `secretName`.
  configMap: "ConfigMap",
  secret: "Secret",
  nodePublishSecretRef: "Secret",
};

/** Lists whose entries name an object by their member `name`. */
const NAMING_LISTS: Readonly<Record<string, Reference["kind"]>> = { imagePullSecrets: "Secret", secrets: "Secret" };

/** Fields that are such a name. */
const NAMES: Readonly<Record<string, Reference["kind"]>> = { secretName: "Secret", configMapName: "ConfigMap" };

/** Everything that is read below `value`, which may be the specification of a pod or a whole object; each once. */
export function listReads(value: unknown): Reference[] {
  const found = new Map<string, Reference>();
  renameReads(value, (reference) => {
    found.set(keyOf(reference), reference);
    return reference.name;
  });
  return [...found.values()];
}

/** The same value, in which everything that is read has the name that `rename` gives it. */
export function renameReads(value: unknown, rename: (reference: Reference) => string): unknown {
  if (Array.isArray(value)) return value.map((entry) => renameReads(entry, rename));
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, below]) => {
      const named = ownValue(NAMES, key);
      if (named !== undefined && typeof below === "string") return [key, rename({ kind: named, name: below })];
      const renamed = renameReads(below, rename);
      const kind = ownValue(NAMING, key);
      if (kind !== undefined && isFields(renamed)) return [key, renameIn(renamed, kind, rename)];
      const listed = ownValue(NAMING_LISTS, key);
      if (listed !== undefined && Array.isArray(renamed))
        return [key, renamed.map((entry) => (isFields(entry) ? renameIn(entry, listed, rename) : entry))];
      return [key, renamed];
    }),
  );
}

function renameIn(holder: Fields, kind: Reference["kind"], rename: (reference: Reference) => string): Fields {
  const { name } = holder;
  return typeof name === "string" ? { ...holder, name: rename({ kind, name }) } : holder;
}

/** `Kind/name`, by which a ring's objects are found. */
export function keyOf({ kind, name }: { readonly kind: string; readonly name: string }): string {
  return `${kind}/${name}`;
}

/** `Kind/name` of an object. */
export function keyOfObject({ kind, metadata }: KubeObject): string {
  return keyOf({ kind, name: metadata.name });
}
