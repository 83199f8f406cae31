import type { Head } from "../../../../ci/src/rollout/head.ts";
import type { KubeObject } from "../../../../ci/src/rollout/objects.ts";
import type { Release } from "../../../../ci/src/rollout/release.ts";
import { type ModelCluster, specOf } from "./model-cluster.ts";

type Must = (holds: boolean, invariant: string, message: string) => void;

/** The Jobs of a release: there is one for each of its jobs, known by its labels. */
function jobsOf(cluster: ModelCluster, release: Release): { name: string; done: boolean; runs: boolean }[] {
  return cluster
    .list("Job")
    .filter(({ metadata }) => metadata.labels?.["slipway.dev/release"] === release.id)
    .map((job) => {
      const conditions = listConditions(job);
      const { suspend } = job["spec"] as { suspend?: boolean };
      return {
        name: job.metadata.name,
        done: conditions.includes("Complete"),
        runs: suspend === false && conditions.length === 0,
      };
    });
}

function listConditions(job: KubeObject): string[] {
  const { conditions = [] } = (job["status"] ?? {}) as { conditions?: { type: string }[] };
  return conditions.map(({ type }) => type);
}

/** The pods that a Deployment is to have; none when it is not there. */
function countReplicas(cluster: ModelCluster, name: string): number {
  return specOf<{ replicas: number }>(cluster, "Deployment", name).replicas ?? 0;
}

function workersOf(release: Release): string[] {
  return Object.entries(release.services).flatMap(([name, { kind }]) => (kind === "worker" ? [name] : []));
}

/** A job that has succeeded for a release never begins again, and none runs twice at a time. */
export function checkRuns(cluster: ModelCluster, must: Must): void {
  const done = new Set<string>();
  for (const run of cluster.jobRuns) {
    const [what, name = ""] = run.split(" ");
    if (what === "succeeds") done.add(name);
    else must(!done.has(name), "once", `Job ${name} begins again after it has succeeded`);
  }
  for (const job of cluster.list("Job")) {
    const pods = cluster.pods().filter(({ deployment, ended }) => deployment === job.metadata.name && !ended);
    must(pods.length <= 1, "once", `Job ${job.metadata.name} has ${pods.length} pods`);
  }
}

/**
 * Whoever starts a Job holds the ring, or whoever has taken it over is still on the way to claim the Job.
 *
 * @param started the Jobs that were seen to run before
 */
export function checkStarts(cluster: ModelCluster, head: Head, started: Set<string>, must: Must): void {
  for (const job of cluster.list("Job")) {
    const { suspend } = job["spec"] as { suspend?: boolean };
    if (suspend !== false || started.has(job.metadata.name)) continue;
    started.add(job.metadata.name);
    const epoch = Number(job.metadata.annotations?.["slipway.dev/epoch"]);
    must(
      head.claiming || epoch >= head.epoch,
      "job fence",
      `epoch ${epoch} started ${job.metadata.name} in ${head.epoch}`,
    );
  }
  for (const name of started) if (cluster.get("Job", name) === undefined) started.delete(name);
}

/** A candidate has no pods until its jobs have succeeded; and a job runs only for the release that is being prepared. */
export function checkTurns(cluster: ModelCluster, head: Head, must: Must): void {
  const { want, live, phase, rollback } = head;
  const from = rollback?.from ?? phase;
  const hasJobs = want !== null && Object.values(want.release.services).some(({ kind }) => kind === "job");
  if (want !== null && hasJobs && phase !== "ROLLBACK") {
    const jobs = jobsOf(cluster, want.release);
    const done = jobs.length > 0 && jobs.every((job) => job.done);
    if (!["PREPARED", "FROZEN"].includes(from)) must(done, "job first", `in ${phase} the jobs have not all succeeded`);
    for (const [service, colour] of Object.entries(want.colours)) {
      const name = `${service}-${colour}`;
      const own = cluster.get("Deployment", name)?.metadata.annotations?.["slipway.dev/release"];
      if (own === want.release.id)
        must(countReplicas(cluster, name) === 0 || done, "job first", `${name} has pods before the jobs`);
    }
  }
  // At rest no job runs, whoever was refused.
  if (phase === "STABLE" && live !== null)
    must(!jobsOf(cluster, live.release).some(({ runs }) => runs), "job ends", "a job runs at rest");
}

/** As long as a release with workers is live, or can be gone back to at once, its workers are there. */
export function checkWorkers(cluster: ModelCluster, head: Head, replicas: number, must: Must): void {
  const { phase, live, prev, rollback } = head;
  if (live !== null && phase !== "ROLLBACK" && phase !== "COMMITTING") expect(live, "live");
  if (prev !== null && (phase === "SWITCHING" || phase === "BAKING")) expect(prev, "old");
  const hot = rollback?.from === "SWITCHING" || rollback?.from === "BAKING";
  if (phase === "ROLLBACK" && rollback?.to && hot) expect(rollback.to, "old");

  function expect(placement: NonNullable<Head["live"]>, which: string): void {
    for (const service of workersOf(placement.release)) {
      const name = `${service}-${placement.colours[service]}`;
      const had = countReplicas(cluster, name);
      must(had >= replicas, "workers", `in ${phase} the ${which} worker ${name} has ${had} pods`);
    }
  }
}

/** What is left of jobs and workers at rest, for comparisons. */
export function tellLeft(cluster: ModelCluster, head: Head | undefined) {
  const live = head?.live ?? null;
  const workers = live === null ? [] : workersOf(live.release);
  return {
    jobs: cluster
      .list("Job")
      .filter(({ metadata }) => metadata["deletionTimestamp"] === undefined)
      .map((job) => {
        const release = job.metadata.labels?.["slipway.dev/release"];
        return `${release === live?.release.id ? "of the live release" : "of another"}: ${listConditions(job).join()}`;
      })
      .sort(),
    workers: workers.map((service) =>
      ["blue", "green"]
        .map((colour) => {
          const which = colour === live?.colours[service] ? "live" : "idle";
          return `${service} ${which}: ${countReplicas(cluster, `${service}-${colour}`)}`;
        })
        .sort(),
    ),
  };
}
