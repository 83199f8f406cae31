import { z } from "zod";
import { band, source } from "./window.ts";

/** A window whose mean is not what the series led to expect. `score` from 0 (usual) to 1; `reason` is for a person. */
export const anomalyRecord = z.looseObject({
  series: z.string(),
  ts: z.int(),
  endTs: z.int(),
  value: z.number(),
  expected: band,
  score: z.number().min(0).max(1),
  direction: z.enum(["high", "low"]),
  reason: z.string(),
  algo: z.string(),
  source,
});

export type AnomalyRecord = z.output<typeof anomalyRecord>;
