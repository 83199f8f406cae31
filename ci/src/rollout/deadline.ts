import type { Head } from "./head.ts";
import type { Watched } from "./health.ts";
import type { HeldInput } from "./request.ts";

/**
 * When the phase has taken too long. It counts from when the phase began or, if that is later, from when this run took
 * the ring: the time in which nobody worked on a release is not held against it.
 */
export function deadlineMs(input: HeldInput, head: Head): number {
  return watchedSinceMs(input, head) + input.policy.deadlineSeconds * 1000;
}

/** Since when this run has been able to watch the phase. Time in which nobody watched is no bake either. */
export function watchedSinceMs({ seen, run, nowMs }: HeldInput, head: Head): number {
  const { lease } = seen;
  // By the epoch, which stays when the lease is let go: time that was watched stays watched.
  const begun = lease !== null && lease.epoch === run.epoch ? lease.acquiredAtMs : nowMs;
  return Math.max(Date.parse(head.since), begun);
}

/** The same as a span, up to now. */
export function watched(input: HeldInput, head: Head): Watched {
  return { nowMs: input.nowMs, sinceMs: watchedSinceMs(input, head) };
}
