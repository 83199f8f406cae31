import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Deps } from "./deps.ts";
import { decideStatus, MAX_ITEMS, storeItems } from "./events.ts";
import { addFormRoutes } from "./form.ts";
import { answerLines } from "./lines.ts";
import { answerProblem } from "./problem.ts";
import { sources } from "./reading-record.ts";
import { isType } from "./request-body.ts";
import { addUploadRoutes } from "./upload-routes.ts";

/** The HTTP face of ingest. Holds no readings: everything is answered after the broker has. */
export function createApp(deps: Deps): Hono {
  const app = new Hono();
  const limit = bodyLimit({
    maxSize: deps.maxBodyBytes,
    onError: (c) => answerProblem(c, "too-large", { detail: `expected at most ${deps.maxBodyBytes} bytes` }),
  });

  app.use(async (c, next) => {
    const end = deps.metrics.requests.startTimer({ method: c.req.method });
    await next();
    // The pattern and not the path: ids in labels would grow without end.
    end({ route: c.res.status === 404 ? "none" : c.req.routePath, status: String(c.res.status) });
    c.res.headers.set("x-content-type-options", "nosniff");
  });

  app.post("/v1/events", limit, async (c) => {
    if (!isType(c.req.header("content-type"), "application/json")) {
      return answerProblem(c, "unsupported-type", { detail: "expected application/json" });
    }
    let body: unknown;
    try {
      body = await c.req.json();
    } catch (error) {
      return answerProblem(c, "malformed", { detail: `the body is not JSON: ${(error as Error).message}` });
    }
    const items = Array.isArray(body) ? body : [body];
    if (items.length === 0 || items.length > MAX_ITEMS) {
      const detail = `expected 1 to ${MAX_ITEMS} readings, got ${items.length}. Send more as a file to /v1/uploads`;
      return answerProblem(c, "invalid", { detail });
    }
    const traceparent = c.req.header("traceparent");
    const results = await storeItems(items, deps.now() + deps.futureToleranceMs, (reading) =>
      deps.store(reading, sources.events, traceparent === undefined ? {} : { traceparent }),
    );
    for (const { status } of results) deps.metrics.events.inc({ result: status });
    const status = decideStatus(results);
    const accepted = results.filter((result) => result.status === "stored").length;
    if (status === 503) c.header("retry-after", "1");
    if (status === 202 || status === 207) return c.json({ accepted, results }, status);
    const kind = status === 422 ? "invalid" : status === 504 ? "fate-unknown" : "unavailable";
    return answerProblem(c, kind, {
      detail: kind === "invalid" ? "none of the readings is valid" : "none of the readings could be stored",
      errors: results,
      ...(kind === "unavailable" ? { retryAfterS: 1 } : {}),
    });
  });

  app.post("/v1/events:stream", (c) => {
    if (!isType(c.req.header("content-type"), "application/x-ndjson")) {
      return answerProblem(c, "unsupported-type", { detail: "expected application/x-ndjson" });
    }
    return answerLines(c, deps);
  });

  addUploadRoutes(app, deps);
  addFormRoutes(app, deps, limit);

  app.notFound((c) => answerProblem(c, "not-found", { detail: `${c.req.method} ${c.req.path} is not known here` }));
  app.onError((error, c) => answerProblem(c, "internal", { detail: error.message }));
  return app;
}
