import { blocked } from "./ended.ts";
import type { Head, Placement } from "./head.ts";
import { isLost, type Watched } from "./health.ts";
import { jobName, releaseJob } from "./job-manifest.ts";
import { createJob, deleteJob, startJob } from "./job-writes.ts";
import { contentOf, type RingManifests } from "./manifests.ts";
import { act, type Step } from "./next-step.ts";
import type { KubeObject } from "./objects.ts";
import type { RingPolicy } from "./policy.ts";
import { listJobs, type Release, tellRelease } from "./release.ts";
import { type HeldInput, hasLetGo } from "./request.ts";
import type { JobPodSeen, JobSeen, Snapshot } from "./snapshot.ts";
import { bringCopies } from "./sweep.ts";
import { tellTrouble } from "./trouble.ts";
import { claimObject } from "./writes.ts";

/** The Jobs of a release that are there. */
export function findJobs(seen: Snapshot, release: Release): JobSeen[] {
  return listJobs(release).flatMap((service) => seen.jobs.get(jobName(service, release)) ?? []);
}

/** The Job that a release brings for one of its jobs. */
function findReleaseJob(
  { jobs }: RingManifests,
  at: { readonly ring: string; readonly service: string; readonly release: Release },
): KubeObject {
  const template = jobs[at.service];
  if (template === undefined) throw new Error(`the manifests have no Job for ${at.service}`);
  return releaseJob(template, at);
}

/** The jobs of the placement that have not succeeded yet, one line each. */
export function listOpenJobs(seen: Snapshot, { release }: Placement): string[] {
  return listJobs(release).flatMap((service) => {
    const name = jobName(service, release);
    const job = seen.jobs.get(name);
    if (job?.progress === "succeeded") return [];
    if (job === undefined) return [`Job ${name} has not begun`];
    const why = tellJob(seen, job);
    return [`Job ${name} ${job.isEnding ? "is being deleted" : WORDS[job.progress]}${why === "" ? "" : ` (${why})`}`];
  });
}

const WORDS: Readonly<Record<JobSeen["progress"], string>> = {
  waiting: "has not begun",
  running: "has not succeeded yet",
  succeeded: "has succeeded",
  failed: "has failed",
};

/** Jobs of the placement that will not succeed, one line each with the cluster's words; empty when there is still hope. */
export function listJobFailures(
  seen: Snapshot,
  { release }: Placement,
  policy: RingPolicy,
  watched: Watched,
): string[] {
  return findJobs(seen, release)
    .filter((job) => !job.isEnding && isHopeless(seen, job, policy, watched))
    .map((job) => `Job ${job.name}: ${tellJob(seen, job)}`);
}

function isHopeless(seen: Snapshot, job: JobSeen, policy: RingPolicy, watched: Watched): boolean {
  const { progress, trouble, failedPods } = job;
  if (progress === "succeeded" || progress === "waiting") return false;
  return (
    progress === "failed" ||
    failedPods >= policy.crashLimit ||
    (trouble !== undefined && isLost(trouble, 0, policy, watched)) ||
    podsOfJob(seen, job).some((pod) => pod.trouble !== undefined && isLost(pod.trouble, pod.restarts, policy, watched))
  );
}

/** What a Job and its pods say is wrong; of the pods that have ended the last one. */
function tellJob(seen: Snapshot, job: JobSeen): string {
  const pods = podsOfJob(seen, job);
  const ended = pods.findLast((pod) => pod.ended !== undefined && pod.ended.reason !== "Succeeded");
  return [
    ...(job.trouble === undefined ? [] : [tellTrouble(job.trouble)]),
    ...pods.flatMap(({ name, trouble }) => (trouble === undefined ? [] : [`${name} ${tellTrouble(trouble)}`])),
    ...(ended?.ended === undefined ? [] : [`${ended.name} ended: ${tellTrouble(ended.ended)}`]),
    ...(job.failedPods > 1 ? [`${job.failedPods} pods have ended like this`] : []),
  ].join("; ");
}

/** The pods of a Job, the last one last. */
export function podsOfJob({ jobPods }: Snapshot, { name }: JobSeen): JobPodSeen[] {
  return jobPods.filter(({ job }) => job === name);
}

/** When the last Job of the placement succeeded. The pods of the candidate have their time from there on. */
export function jobsEndMs(seen: Snapshot, { release }: Placement, nowMs: number): number {
  const ends = findJobs(seen, release).map(({ succeededMs = 0 }) => succeededMs);
  // The cluster's clock may be ahead.
  return Math.min(nowMs, Math.max(0, ...ends));
}

/**
 * Brings the jobs of a release on their way, one after the other; `undefined` when there is nothing to write. What has
 * succeeded is claimed as well: a deployer of before that still means to delete it then cannot any more.
 */
export function bringJobs(
  seen: Snapshot,
  { release }: Placement,
  manifests: RingManifests,
  at: { readonly ring: string; readonly epoch: number },
): Step | undefined {
  const { ring, epoch } = at;
  for (const service of listJobs(release)) {
    const whole = findReleaseJob(manifests, { ring, service, release });
    const there = seen.jobs.get(whole.metadata.name);
    if (there?.isEnding) return undefined;
    if (there !== undefined && there.progress !== "succeeded" && there.content !== contentOf(whole))
      return act(deleteJob(there));
    if (there === undefined || there.progress === "waiting") {
      const copying = bringCopies(seen, manifests.copies[service] ?? [], epoch);
      return copying ?? act(there === undefined ? createJob(whole, epoch) : startJob(there, epoch));
    }
    if ((there.epoch ?? 0) < epoch) return act(claimObject("Job", there.name, there, epoch));
    if (there.progress !== "succeeded") return undefined;
  }
  return undefined;
}

/** A job has run for this release, and would have to be another one now. */
export function refuseOtherJobs(
  { seen, ring }: HeldInput,
  release: Release,
  manifests: RingManifests,
): Step | undefined {
  const changed = listChangedJobs(seen, release, manifests, ring);
  if (changed.length === 0) return undefined;
  const names = changed.map((service) => jobName(service, release)).join(", ");
  return blocked("same-release", {
    what: `the job of ${tellRelease(release)} has run in ring ${ring}, but with other manifests: those of ${changed.join(", ")} differ, or the copies that its pods read`,
    where: `ring ${ring}, Job ${names}`,
    todo: "commit the change, make a release of that commit, and deploy it; to run it again on purpose, delete the Job",
  });
}

/** The jobs of a release that have succeeded and were other ones than the manifests say. */
export function listChangedJobs(seen: Snapshot, release: Release, manifests: RingManifests, ring: string): string[] {
  return listJobs(release).filter((service) => {
    const there = seen.jobs.get(jobName(service, release));
    if (there?.progress !== "succeeded") return false;
    return there.content !== contentOf(findReleaseJob(manifests, { ring, service, release }));
  });
}

/**
 * Takes the Jobs of a release away that have not succeeded: a release that is taken down goes on with nothing, and its next
 * attempt begins anew. Waits until their pods are gone, but not after `untilMs`.
 */
export function stopJobs(seen: Snapshot, release: Release, untilMs: number, nowMs: number): Step | undefined {
  const open = findJobs(seen, release).filter(({ progress }) => progress !== "succeeded");
  const next = open.find(({ isEnding }) => !isEnding);
  if (next !== undefined) return act(deleteJob(next));
  if (open.length === 0 || nowMs >= untilMs) return undefined;
  const detail = open.map(({ name }) => `Job ${name} is being deleted`).join("\n    ");
  return { kind: "wait", for: "jobs", detail, release, untilMs };
}

/**
 * Deletes one Job that nobody needs any more. For when the ring has come to rest. Kept are those that have succeeded, of the
 * live release and of those that came after it and were taken back: deployed again, they run no job twice.
 */
export function sweepJobs(input: HeldInput, { live }: Head): Step | undefined {
  if (hasLetGo(input)) return undefined;
  const { jobs, ledger } = input.seen;
  const started = ledger.filter(({ kind }) => kind === "started");
  const since = started.findLast(({ release }) => release.id === live?.release.id)?.seq ?? 0;
  const kept = new Set(started.filter(({ seq }) => seq >= since).map(({ release }) => release.id));
  const old = [...jobs.values()]
    .filter(({ isEnding }) => !isEnding)
    .filter(({ progress, release }) => progress !== "succeeded" || !kept.has(release ?? ""))
    .sort((left, right) => (left.name < right.name ? -1 : 1))[0];
  return old === undefined ? undefined : act(deleteJob(old));
}
