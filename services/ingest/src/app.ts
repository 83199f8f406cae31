import { timeRequests } from "@slipway/runtime";
import { type Context, Hono } from "hono";
import { Admission } from "./admission.ts";
import type { Deps } from "./deps.ts";
import { decideStatus, MAX_ITEMS, storeItems } from "./events.ts";
import { addFormRoutes } from "./form.ts";
import { Intake, readWholeText } from "./intake.ts";
import type { JsonLoss } from "./json-scan.ts";
import { parseJson } from "./json-text.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import { answerLines } from "./lines.ts";
import { answerFailure, answerProblem, Refused } from "./problem.ts";
import { sources } from "./reading-record.ts";
import { isType } from "./request-body.ts";
import { addUploadRoutes } from "./upload-routes.ts";

/** The HTTP face of ingest. Holds no readings: everything is answered after the broker has. */
export function createApp(deps: Deps): Hono {
  const app = new Hono();
  const limits = { ...defaultLimits, ...deps.limits };
  const { maxBodyBytes, admission = new Admission(limits) } = deps;
  const intake = new Intake({ limits, maxBodyBytes, admission });

  app.use(timeRequests(deps.metrics.requests));
  app.use(async (c, next) => {
    await next();
    c.res.headers.set("x-content-type-options", "nosniff");
  });

  app.post("/v1/events", (c) => {
    if (!isType(c.req.header("content-type"), "application/json")) {
      return answerProblem(c, "unsupported-type", { detail: "expected application/json" });
    }
    return intake.withWhole(c, (body) => answerEvents(c, deps, readItems(readWholeText(c, body), limits)));
  });

  app.post("/v1/events:stream", (c) => {
    if (!isType(c.req.header("content-type"), "application/x-ndjson")) {
      return answerProblem(c, "unsupported-type", { detail: "expected application/x-ndjson" });
    }
    return answerLines(c, deps, intake);
  });

  addUploadRoutes(app, deps, intake);
  addFormRoutes(app, deps, intake);
  for (const path of ["/v1/events", "/v1/events:stream", "/v1/uploads", "/entry/reading", "/entry/file"]) {
    app.all(path, (c) => {
      const detail = `${c.req.path} takes POST`;
      return answerProblem(c, "method-not-allowed", { detail, headers: { allow: "POST" } });
    });
  }

  app.notFound((c) => answerProblem(c, "not-found", { detail: `${c.req.method} ${c.req.path} is not known here` }));
  // What a route throws, above all Refused, is answered here and nowhere else.
  app.onError((error, c) => answerFailure(c, error));
  return app;
}

interface Items {
  readonly items: readonly unknown[];
  readonly losses: (index: number) => readonly JsonLoss[];
}

/** The readings of a body: one, or a list of them. @throws Refused when it is none, or costs too much. */
function readItems(text: string, limits: Limits): Items {
  const parsed = parseJson(text, limits);
  if (!parsed.ok && parsed.kind === "not-json")
    throw new Refused("malformed", `the body is not JSON: ${parsed.problem}`);
  if (!parsed.ok) throw new Refused("invalid", parsed.problem);
  const { value, losses } = parsed;
  const items = Array.isArray(value) ? value : [value];
  if (items.length === 0 || items.length > MAX_ITEMS) {
    const detail = `expected 1 to ${MAX_ITEMS} readings, got ${items.length}. Send more as a file to /v1/uploads`;
    throw new Refused("invalid", detail);
  }
  if (!Array.isArray(value)) return { items, losses: () => losses };
  const byItem = new Map<number, JsonLoss[]>();
  for (const { path, detail } of losses) {
    const index = Number(path[0] ?? 0);
    byItem.set(index, [...(byItem.get(index) ?? []), { path: path.slice(1), detail }]);
  }
  return { items, losses: (index) => byItem.get(index) ?? [] };
}

/** Stores readings and says what became of each. */
async function answerEvents(c: Context, deps: Deps, { items, losses }: Items): Promise<Response> {
  const traceparent = readTraceparent(c.req.header("traceparent"));
  const results = await storeItems(
    items,
    deps.now() + deps.futureToleranceMs,
    (reading) => deps.store(reading, sources.events, traceparent === undefined ? {} : { traceparent }),
    losses,
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
}

/** Trace context goes into every record of a request, so nothing else may come in by its header. */
function readTraceparent(header: string | undefined): string | undefined {
  return header !== undefined && /^[0-9a-f]{2}(-[0-9a-f]{32})(-[0-9a-f]{16})(-[0-9a-f]{2})$/.test(header)
    ? header
    : undefined;
}
