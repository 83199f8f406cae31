import type { MiddlewareHandler } from "hono";
import { Histogram, type Registry } from "prom-client";

export type RequestDurations = Histogram<"method" | "route" | "status">;

/** How long requests take, in seconds until the answer begins: under the same name and in the same steps for every service. */
export function createRequestDurations(registry: Registry): RequestDurations {
  return new Histogram({
    name: "http_request_duration_seconds",
    help: "Duration of requests until the answer begins.",
    labelNames: ["method", "route", "status"] as const,
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30],
    registers: [registry],
  });
}

/** Counts every request, those that fail and those that nobody answers as well. */
export function timeRequests(durations: RequestDurations): MiddlewareHandler {
  return async (c, next) => {
    const end = durations.startTimer({ method: c.req.method });
    await next();
    // The pattern and not the path: ids in labels would grow without end.
    end({ route: c.res.status === 404 ? "none" : c.req.routePath, status: String(c.res.status) });
  };
}
