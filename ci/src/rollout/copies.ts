import { fields } from "../input/fields.ts";
import { contentName } from "./canonical-json.ts";
import { ANNOTATION, type KubeObject, LABEL } from "./objects.ts";
import { podSpecOf, withPodSpec } from "./own-images.ts";
import { keyOf, keyOfObject, listReads, renameReads } from "./reads.ts";

/** What the services' pods read, under names that their content gives. */
export interface Copied {
  /** The release's Deployments and Jobs, which name the copies. */
  readonly workloads: Readonly<Record<string, KubeObject>>;
  /** The copies that the pods of each read, by name. */
  readonly copies: Readonly<Record<string, readonly KubeObject[]>>;
  /** `Kind/name` of the objects that nobody but those pods reads: they are in the ring as copies only. */
  readonly replaced: ReadonlySet<string>;
}

/** A Kubernetes name has at most this many characters. */
const MAX_NAME = 253;
/** 40 bits: enough to tell the few contents of one name apart, and checked by the whole hash besides. */
const HASH_DIGITS = 10;

/**
 * Makes the names of what services' pods read follow from its content. So a release brings its own settings, under names
 * that no other release reads, and neither its refusal nor a rollback changes what anybody else's pods find when they
 * start again. What is not among the manifests, or gets its content from somebody else, keeps its name.
 */
export function copyReads(
  objects: readonly KubeObject[],
  workloads: Readonly<Record<string, KubeObject>>,
  ring: string,
): Copied {
  const originals = new Map(objects.filter(isCopied).map((object) => [keyOfObject(object), object]));
  const replaced = new Set<string>();
  const copies: Record<string, readonly KubeObject[]> = {};
  const renamed: Record<string, KubeObject> = {};
  for (const [service, workload] of Object.entries(workloads)) {
    const own = new Map<string, KubeObject>();
    const podSpec = renameReads(podSpecOf(workload), (reference) => {
      const original = originals.get(keyOf(reference));
      if (original === undefined) return reference.name;
      replaced.add(keyOf(reference));
      const copy = makeCopy(original, ring);
      own.set(keyOfObject(copy), copy);
      return copy.metadata.name;
    });
    const sorted = [...own.values()].sort((left, right) => (keyOfObject(left) < keyOfObject(right) ? -1 : 1));
    copies[service] = sorted;
    renamed[service] = sorted.length === 0 ? workload : withSecrets(withPodSpec(workload, podSpec), sorted);
  }
  // A broker's pods, a CronJob's, an Ingress: they go on reading the plain name.
  const own = new Set(Object.values(workloads));
  for (const object of objects)
    if (!own.has(object)) for (const reference of listReads(object)) replaced.delete(keyOf(reference));
  return { workloads: renamed, copies, replaced };
}

/** Notes the Secrets among the copies, for those who come later without the manifests. */
function withSecrets(workload: KubeObject, copies: readonly KubeObject[]): KubeObject {
  const names = copies.filter(({ kind }) => kind === "Secret").map(({ metadata }) => metadata.name);
  if (names.length === 0) return workload;
  const annotations = { ...workload.metadata.annotations, [ANNOTATION.secrets]: names.join(",") };
  return { ...workload, metadata: { ...workload.metadata, annotations } };
}

/** Whether an object has content that a copy can hold. A token's Secret is filled in by Kubernetes, an empty one by somebody. */
function isCopied(object: KubeObject): boolean {
  if (object.apiVersion !== "v1" || (object.kind !== "ConfigMap" && object.kind !== "Secret")) return false;
  if (object["type"] === "kubernetes.io/service-account-token") return false;
  return ["data", "binaryData", "stringData"].some((field) => Object.keys(fields(object[field])).length > 0);
}

function makeCopy(original: KubeObject, ring: string): KubeObject {
  const { name, labels, annotations } = original.metadata;
  const content = contentName(original);
  const hash = content.slice(0, HASH_DIGITS);
  const stem = name.slice(0, MAX_NAME - HASH_DIGITS - 1).replace(/[-.]+$/, "");
  return {
    ...original,
    metadata: {
      name: `${stem}-${hash}`,
      labels: { ...labels, [LABEL.record]: "copy", [LABEL.ring]: ring },
      annotations: { ...annotations, [ANNOTATION.content]: content, [ANNOTATION.original]: name },
    },
    immutable: true,
  };
}
