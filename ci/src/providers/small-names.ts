import type { Job } from "./pipeline.ts";

/** The ring of a job, or the job itself where it deploys nothing. */
export function placeOf(job: Job): string {
  return "ring" in job ? String(job.ring) : job.id;
}

/** The name of a secret where they are the project's and not a place's: in small letters, and those of a ring begin with its name. */
export function smallName(job: Job, variable: string): string {
  const name = variable.replace(/^RING_/, "").toLowerCase();
  return "ring" in job ? `${placeOf(job)}_${name}` : name;
}
