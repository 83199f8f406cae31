import type { Head } from "../../../../ci/src/rollout/head.ts";
import type { ModelCluster } from "./model-cluster.ts";

type Must = (holds: boolean, invariant: string, message: string) => void;

/** What a Deployment's pods find when they start, by the name under which they read it; `undefined`: they do not start. */
function findRead(cluster: ModelCluster, deployment: string): Map<string, string | undefined> {
  const spec = JSON.stringify(cluster.get("Deployment", deployment)?.["spec"] ?? {});
  const found = new Map<string, string | undefined>();
  for (const [kind, pattern] of [
    ["ConfigMap", /"configMapRef":\{"name":"([^"]+)"/g],
    ["Secret", /"secretName":"([^"]+)"/g],
  ] as const)
    for (const [, name = ""] of spec.matchAll(pattern)) {
      const object = cluster.get(kind, name);
      const content = (object?.["data"] ?? object?.["stringData"]) as { commit?: string } | undefined;
      found.set(`${kind} ${name}`, content?.commit);
    }
  return found;
}

function listDeployments(placement: Head["live"]): [name: string, commit: string][] {
  if (placement === null) return [];
  return Object.entries(placement.colours).map(([service, colour]) => [
    `${service}-${colour}`,
    placement.release.commit,
  ]);
}

/** What serves, and what can be gone back to, always starts with the settings that its release came with. */
export function checkReads(cluster: ModelCluster, head: Head, must: Must): void {
  for (const placement of [head.live, head.prev, head.rollback?.to ?? null])
    for (const [deployment, commit] of listDeployments(placement))
      for (const [read, content] of findRead(cluster, deployment))
        must(
          content === commit,
          "reads",
          `in ${head.phase} ${deployment} of commit ${commit} reads ${read} of ${content}`,
        );
}

/**
 * Until a release has passed its bake, what everybody shares stays as it was when the release came.
 *
 * @param before what this returned the last time.
 */
export function checkShared(cluster: ModelCluster, head: Head, before: string | undefined, must: Must) {
  const { commit } = (cluster.get("ConfigMap", "broker")?.["data"] ?? {}) as { commit?: string };
  const attempted = ["PREPARED", "STAGED", "SWITCHING", "ROLLING", "BAKING"].includes(head.phase);
  // A deployer that slept since the ring was empty may still bring what its own release says; the bake's end mends it.
  const taken = commit !== before && commit === head.want?.release.commit;
  if (attempted && head.live !== null && before !== undefined)
    must(!taken, "shared", `in ${head.phase} what all share changed from ${before} to ${commit}`);
  return commit;
}

/** Copies that neither what serves nor what can be gone back to reads. */
export function listOrphans(cluster: ModelCluster, head: Head | undefined): string[] {
  const read = [head?.live ?? null, head?.prev ?? null].flatMap(listDeployments);
  const kept = new Set(read.flatMap(([deployment]) => [...findRead(cluster, deployment).keys()]));
  return [...cluster.list("ConfigMap"), ...cluster.list("Secret")]
    .filter(({ metadata }) => metadata.labels?.["slipway.dev/record"] === "copy")
    .map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    .filter((copy) => !kept.has(copy));
}
