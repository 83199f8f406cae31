import { ALGO } from "@slipway/contracts";
import { Hono } from "hono";

export interface Deps {
  /** Partitions that this one works on; `undefined` while it is not in its group. */
  readonly assigned: () => readonly number[] | undefined;
  readonly seriesCount: () => number;
  readonly windowMs: number;
  readonly allowedLatenessMs: number;
}

/** What a person or a script may ask the processor. Its work comes and goes through Kafka. */
export function createApp({ assigned, seriesCount, windowMs, allowedLatenessMs }: Deps): Hono {
  const app = new Hono();
  app.get("/", (c) =>
    c.json({
      service: "processor",
      algo: ALGO,
      windowMs,
      allowedLatenessMs,
      partitions: assigned() ?? [],
      series: seriesCount(),
    }),
  );
  return app;
}
