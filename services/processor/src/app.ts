import { ALGO } from "@slipway/contracts";
import { Hono } from "hono";
import type { Colour, Role } from "./role.ts";

export interface Deps {
  /** `undefined` for one that takes turns with nobody. */
  readonly colour: Colour | undefined;
  readonly role: () => Role;
  /** Partitions that this one works on; `undefined` while it is not in its group. */
  readonly assigned: () => readonly number[] | undefined;
  readonly seriesCount: () => number;
  readonly windowMs: number;
  readonly allowedLatenessMs: number;
}

/** What a person or a script may ask the processor. Its work comes and goes through Kafka. */
export function createApp({ colour, role, assigned, seriesCount, windowMs, allowedLatenessMs }: Deps): Hono {
  const app = new Hono();
  app.get("/", (c) =>
    c.json({
      service: "processor",
      role: role(),
      algo: ALGO,
      windowMs,
      allowedLatenessMs,
      partitions: assigned() ?? [],
      series: seriesCount(),
    }),
  );
  // The processors of the other colour ask this, and those of the same.
  app.get("/v1/role", (c) => c.json({ colour, role: role() }));
  return app;
}
