import { z } from "zod";

/** What a ring was at one moment, as the cluster told it. */
const sampleSchema = z.object({
  /** Since the record began. */
  atMs: z.number(),
  /** Of the rollout, as in docs/delivery.md; empty before the first deploy. */
  phase: z.string(),
  /** The colour that the live Service selects; empty before the first switch. */
  live: z.string(),
  /** Pods that are ready. */
  blue: z.number(),
  green: z.number(),
  /** Whether a request through the live Service was answered well; nothing when none was sent. */
  answered: z.boolean().nullable(),
});

export type Sample = z.output<typeof sampleSchema>;

/** A ring while releases came and went. */
export const releaseRecordSchema = z.object({ startedAt: z.string(), samples: z.array(sampleSchema) });

export type ReleaseRecord = z.output<typeof releaseRecordSchema>;

/** Time without anything new that a picture leaves at the beginning and at the end. */
const REST_MS = 3_000;

/**
 * The part of a record in which one release takes over from another: what was before, such as the first deploy into an empty
 * ring, is left out, and so are moments that were like the ones around them, but for those with a request.
 */
export function condenseRing(text: string): ReleaseRecord {
  const { startedAt, samples } = releaseRecordSchema.parse(JSON.parse(text));
  const hasMoved = (at: number) => at > 0 && samples[at]?.phase !== samples[at - 1]?.phase;
  const isAtRest = (at: number) => samples[at]?.phase === "STABLE";
  const firstRest = samples.findIndex((_, at) => isAtRest(at));
  const begin = samples.findIndex((_, at) => at > firstRest && hasMoved(at) && !isAtRest(at));
  const end = samples.findLastIndex((_, at) => hasMoved(at));
  const from = (samples[begin]?.atMs ?? 0) - REST_MS;
  const to = (samples[end]?.atMs ?? 0) + REST_MS;
  const kept = samples.filter(({ atMs }) => atMs >= from && atMs <= to);
  return { startedAt, samples: kept.map((sample) => ({ ...sample, atMs: sample.atMs - from })) };
}
