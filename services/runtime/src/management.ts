import { Hono } from "hono";
import type { Registry } from "prom-client";

export interface ManagementDeps {
  /** Why the process is beyond help and must be restarted; `undefined` when it lives. */
  readonly findDeath: () => string | undefined;
  /** Why it cannot serve now; `undefined` when it can. */
  readonly findUnreadiness: () => string | undefined | Promise<string | undefined>;
  readonly metrics: Registry;
}

/** The port for operators: /healthz, /readyz, /metrics. Kept apart from the public one. */
export function createManagementApp({ findDeath, findUnreadiness, metrics }: ManagementDeps): Hono {
  const app = new Hono();
  app.get("/healthz", (c) => {
    const death = findDeath();
    return death === undefined ? c.json({ status: "ok" }) : c.json({ status: "dead", reason: death }, 503);
  });
  app.get("/readyz", async (c) => {
    const reason = await findUnreadiness();
    return reason === undefined ? c.json({ status: "ready" }) : c.json({ status: "not ready", reason }, 503);
  });
  app.get("/metrics", async (c) => c.body(await metrics.metrics(), 200, { "content-type": metrics.contentType }));
  return app;
}
