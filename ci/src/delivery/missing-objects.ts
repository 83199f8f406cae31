import { fields } from "../input/fields.ts";
import type { RingManifests } from "../rollout/manifests.ts";

/** How a kubelet says that it lacks what a pod reads (pkg/kubelet of Kubernetes 1.34), with the command that makes such an object. */
const KINDS = [
  { kind: "Secret", word: "secret", field: "secretKeyRef", make: "secret generic" },
  { kind: "ConfigMap", word: "configmap", field: "configMapKeyRef", make: "configmap" },
] as const;

type Kind = (typeof KINDS)[number];

/**
 * What a person can do when pods lack a Secret or a ConfigMap that the manifests name and do not bring: a line for each.
 *
 * @param said the cluster's words about pods that do not come up
 */
export function adviseMissing(
  said: string,
  { deployments, jobs }: Pick<RingManifests, "deployments" | "jobs">,
  namespace: string,
): string[] {
  const workloads = [...Object.values(deployments), ...Object.values(jobs)];
  return KINDS.flatMap((kind) => {
    const absent = findAll(said, new RegExp(`\\b${kind.word} "([^"]+)" not found`, "g"));
    const lacking = findAll(
      said,
      new RegExp(`couldn't find key (\\S+ in ${kind.kind} [^/\\s]+/[a-z0-9.-]*[a-z0-9])`, "g"),
    );
    return [
      ...absent.map((name) => {
        const keys = [...listKeys(workloads, kind, name)].map((key) => ` --from-literal=${key}=…`).join("");
        return `kubectl --namespace ${namespace} create ${kind.make} ${name}${keys || " …"}`;
      }),
      ...lacking.map((words) => {
        const [key, , , place = ""] = words.split(" ");
        const name = place.slice(place.indexOf("/") + 1);
        return `give ${kind.kind} ${name} the key ${key} (kubectl --namespace ${namespace} edit ${kind.word} ${name})`;
      }),
    ];
  }).map((what) => `  to do: ${what}, then run the same command again`);
}

function findAll(text: string, pattern: RegExp): string[] {
  return [...new Set([...text.matchAll(pattern)].map(([, found = ""]) => found))];
}

/** The keys of an object that become variables of containers, anywhere below a value. */
function listKeys(value: unknown, kind: Kind, name: string): Set<string> {
  const found = new Set<string>();
  const look = (one: unknown): void => {
    if (typeof one !== "object" || one === null) return;
    const { [kind.field]: reference } = fields(one);
    const { name: named, key } = fields(reference);
    if (named === name && typeof key === "string") found.add(key);
    Object.values(one).forEach(look);
  };
  look(value);
  return found;
}
