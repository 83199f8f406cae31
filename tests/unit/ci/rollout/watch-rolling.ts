import type { Head } from "../../../../ci/src/rollout/head.ts";
import type { KubeObject } from "../../../../ci/src/rollout/objects.ts";
import type { ModelCluster } from "./model-cluster.ts";

type Must = (holds: boolean, invariant: string, message: string) => void;

/** What was seen of each Deployment. */
export interface RollingWatched {
  readonly phase: string | undefined;
  readonly deployments: ReadonlyMap<
    string,
    { readonly template: string; readonly replicas: number; readonly serves: boolean }
  >;
}

/**
 * Watches a ring whose Deployments are changed in place.
 *
 * @param before what this returned the last time
 */
export function watchRolling(
  cluster: ModelCluster,
  head: Head | undefined,
  before: RollingWatched | undefined,
  must: Must,
): RollingWatched {
  const deployments = new Map<string, { template: string; replicas: number; serves: boolean }>();
  const phase = head?.phase;
  for (const deployment of cluster.list("Deployment")) {
    const { name } = deployment.metadata;
    const { replicas = 0, template } = deployment["spec"] as { replicas?: number; template: unknown };
    const text = JSON.stringify(template);
    const last = before?.deployments.get(name);
    const ready = cluster.pods().filter((pod) => pod.deployment === name && pod.ready).length;
    const had = hadPods(cluster, head, name);
    if (last !== undefined && last.template !== text) {
      const allowed = before?.phase === "ROLLING" || before?.phase === "ROLLBACK";
      must(allowed, "in place", `the template of ${name} changed in ${before?.phase}`);
      must(head?.before?.[name] !== undefined, "kept", `${name} changed, and nothing keeps what it was`);
    }
    // Two pods are never one too few, whatever comes: 25 % of them may be missing, which is none.
    const going = phase === "ROLLBACK" && head?.rollback?.to?.release.services[name] === undefined && had === false;
    const serves = (last?.serves ?? false) && replicas > 0 && !going;
    if (serves) must(ready >= 2, "serves", `${name} serves with ${ready} ready pods in ${phase}`);
    if (serves) checkAnswers(cluster, name, must);
    if (phase === "ROLLBACK" && last !== undefined && had !== false)
      must(
        replicas >= last.replicas,
        "pods stay",
        `${name} went from ${last.replicas} to ${replicas} pods in ROLLBACK`,
      );
    if (before?.phase === "ROLLING" && phase === "BAKING" && head?.want?.release.services[name] !== undefined) {
      const turned = cluster.pods().filter((pod) => pod.deployment === name && pod.ready && pod.template === text);
      must(turned.length >= replicas, "turned", `${turned.length} of ${replicas} pods of ${name} are new in the bake`);
      const names = turned.map((pod) => pod.name);
      const old = cluster.reached(name).filter((reached) => !names.includes(reached));
      must(old.length === 0, "turned", `${old.join(", ")} of before get requests of ${name} in the bake`);
    }
    deployments.set(name, { template: text, replicas, serves: serves || ready >= 2 });
  }
  if (head !== undefined) checkKept(cluster, head, must);
  return { phase, deployments };
}

function checkAnswers(cluster: ModelCluster, name: string, must: Must): void {
  if (cluster.get("Service", name) === undefined) return;
  const reached = cluster.reached(name);
  if (reached.length === 0) return;
  must(
    cluster.pods().some((pod) => pod.ready && reached.includes(pod.name)),
    "answers",
    `nobody that Service ${name} reaches is ready`,
  );
}

/** What the record says is kept is there, and its pods find what they read. */
function checkKept(cluster: ModelCluster, head: Head, must: Must): void {
  for (const [service, name] of Object.entries(head.before ?? {})) {
    const state = keptIn(cluster, name);
    must(state !== undefined, "kept", `ConfigMap ${name}, which keeps ${service}, is not there in ${head.phase}`);
    for (const read of listRead(state?.spec))
      must(isThere(cluster, read), "reads", `what was kept of ${service} reads ${read}`);
  }
  for (const deployment of cluster.list("Deployment"))
    for (const read of listRead(deployment["spec"]))
      must(
        isThere(cluster, read),
        "reads",
        `in ${head.phase} ${deployment.metadata.name} reads ${read}, which is not there`,
      );
}

function hadPods(cluster: ModelCluster, head: Head | undefined, name: string): boolean | undefined {
  const kept = head?.before?.[name];
  return kept === undefined ? undefined : keptIn(cluster, kept)?.hadPods;
}

function keptIn(cluster: ModelCluster, name: string): { spec: unknown; hadPods: boolean } | undefined {
  const data = cluster.get("ConfigMap", name)?.["data"] as { state: string } | undefined;
  return data === undefined ? undefined : (JSON.parse(data.state) as { spec: unknown; hadPods: boolean });
}

function listRead(spec: unknown): string[] {
  const text = JSON.stringify(spec ?? {});
  return [
    ...[...text.matchAll(/"configMapRef":\{"name":"([^"]+)"/g)].map(([, name]) => `ConfigMap ${name}`),
    ...[...text.matchAll(/"secretName":"([^"]+)"/g)].map(([, name]) => `Secret ${name}`),
  ];
}

function isThere(cluster: ModelCluster, read: string): boolean {
  const [kind = "", name = ""] = read.split(" ");
  return cluster.get(kind, name) !== undefined;
}

/** What is left at rest of a ring whose Deployments are changed in place, for comparisons. */
export function rollingEnd(cluster: ModelCluster, head: Head | undefined): string {
  const kept = new Set(Object.values(head?.before ?? {}));
  const used = new Set([
    ...cluster.list("Deployment").flatMap((one) => listRead(one["spec"])),
    ...[...kept].flatMap((name) => listRead(keptIn(cluster, name)?.spec)),
    ...[...kept].map((name) => `ConfigMap ${name}`),
  ]);
  const orphans = [...cluster.list("ConfigMap"), ...cluster.list("Secret")]
    .filter(({ metadata }) => ["copy", "before"].includes(metadata.labels?.["slipway.dev/record"] ?? ""))
    .map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    .filter((name) => !used.has(name));
  const jobs = cluster
    .list("Job")
    .filter(({ metadata }) => metadata["deletionTimestamp"] === undefined)
    .map(({ metadata }) => metadata.name);
  return JSON.stringify({
    phase: head?.phase,
    live: head?.live?.release.commit ?? null,
    verified: head?.live?.verified ?? null,
    want: head?.want ?? null,
    last: head?.event?.kind,
    kept: Object.keys(head?.before ?? {}),
    orphans,
    jobs,
    deployments: cluster.list("Deployment").flatMap(tellDeployment).sort(),
  });
}

/** One that has no pods is the same as none. */
function tellDeployment({ metadata, spec }: KubeObject): string[] {
  const { replicas = 0, template } = spec as { replicas?: number; template: unknown };
  return replicas === 0 ? [] : [`${metadata.name}: ${replicas} pods of ${JSON.stringify(template)}`];
}
