import { fields } from "../input/fields.ts";
import type { Action } from "./action.ts";
import type { KubeObject } from "./objects.ts";
import type { JobSeen } from "./snapshot.ts";
import { atEpoch, claim, deleteAsSeen, testVersion } from "./writes.ts";

/**
 * Makes a Job that does not run yet. Who was paused before this and wakes up late makes one that nobody starts: only the
 * start is guarded by what was read.
 */
export function createJob(whole: KubeObject, epoch: number): Action {
  const spec = { ...fields(whole["spec"]), suspend: true };
  return {
    purpose: "create-job",
    summary: `create Job ${whole.metadata.name}, which does not run yet`,
    call: "create",
    manager: "slipway",
    object: atEpoch({ ...whole, spec }, epoch),
  };
}

/** Lets a Job run. */
export function startJob({ name, resourceVersion }: JobSeen, epoch: number): Action {
  return {
    purpose: "start-job",
    summary: `start Job ${name}`,
    call: "patch",
    manager: "slipway",
    target: { kind: "Job", name },
    patch: [testVersion(resourceVersion), claim(epoch), { op: "replace", path: "/spec/suspend", value: false }],
  };
}

/** Deletes a Job with its pods. It is there until they are gone. */
export function deleteJob(job: JobSeen): Action {
  return { purpose: "delete-job", ...deleteAsSeen("Job", job) };
}
