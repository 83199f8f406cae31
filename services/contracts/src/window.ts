import { z } from "zod";

/** Where in the input something comes from. The offset is that of the last event which changed it. */
export const source = z.object({ partition: z.int(), offset: z.int() });

/** Between these values the next one is expected. */
export const band = z.object({ low: z.number(), high: z.number() });

/**
 * Statistics over one tumbling window of one series, `startTs` inclusive to `endTs` exclusive, in event time.
 *
 * The same key is written again whenever the numbers change; the last one counts. `sd` is the standard deviation of the
 * values themselves (divided by n, so 0 for one value). `rev` counts the events that came after the series had moved on
 * to a later window. A `final` window never changes again.
 */
export const windowRecord = z.looseObject({
  series: z.string(),
  startTs: z.int(),
  endTs: z.int(),
  count: z.int().min(1),
  mean: z.number(),
  sd: z.number(),
  min: z.number(),
  max: z.number(),
  rev: z.int().min(0),
  state: z.enum(["open", "final"]),
  expected: band.optional(),
  unit: z.string().optional(),
  algo: z.string(),
  source,
});

export type WindowRecord = z.output<typeof windowRecord>;
export type Band = z.output<typeof band>;
export type Source = z.output<typeof source>;
