import { z } from "zod";
import type { Hints } from "./hints.ts";
import { conditionSchema, listOf, since, type Trouble, troubleOf } from "./trouble.ts";

/** Where a Job is. `waiting`: it was made and not started. */
export type JobProgress = "waiting" | "running" | "succeeded" | "failed";

/** What a Job says of itself. */
export interface JobState {
  readonly progress: JobProgress;
  /** It is being deleted, and gone once its pods are. */
  readonly isEnding: boolean;
  /** Why it has failed, or why it has no pods. */
  readonly trouble?: Trouble;
  /** Pods of it that have failed; it may make others. */
  readonly failedPods: number;
  /** When it succeeded, by the cluster's clock. */
  readonly succeededMs?: number;
}

export const jobSchema = z.object({
  metadata: z.object({ name: z.string(), deletionTimestamp: z.string().nullish() }),
  spec: z.object({ suspend: z.boolean().nullish() }).prefault({}),
  status: z
    .object({
      active: z.number().default(0),
      failed: z.number().default(0),
      completionTime: z.string().nullish(),
      conditions: listOf(conditionSchema),
    })
    .prefault({}),
});

export function readJobState({ metadata, spec, status }: z.output<typeof jobSchema>, { warnings }: Hints): JobState {
  const find = (wanted: string) => status.conditions.find(({ type, status: is }) => type === wanted && is === "True");
  const [complete, failed] = [find("Complete"), find("Failed")];
  const progress = complete ? "succeeded" : failed ? "failed" : spec.suspend ? "waiting" : "running";
  // An older warning may be of a pod that has long been made.
  const warning = status.active === 0 ? warnings.get(`Job/${metadata.name}`) : undefined;
  const trouble = failed ? troubleOf(failed) : progress === "running" ? warning : undefined;
  const { sinceMs: succeededMs } = complete ? since(status.completionTime ?? complete.lastTransitionTime) : {};
  return {
    progress,
    isEnding: metadata.deletionTimestamp != null,
    failedPods: status.failed,
    ...(trouble === undefined ? {} : { trouble }),
    ...(succeededMs === undefined ? {} : { succeededMs }),
  };
}
