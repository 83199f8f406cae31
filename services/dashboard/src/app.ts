import { randomUUID } from "node:crypto";
import { LATEST_TS, readTimestamp } from "@slipway/contracts";
import { timeRequests } from "@slipway/runtime";
import { type Context, Hono } from "hono";
import { forwardToIngest } from "./ingest-proxy.ts";
import type { Metrics } from "./metrics.ts";
import type { About, AnomalyListing, SeriesListing } from "./page-contract.ts";
import type { Page } from "./page-files.ts";
import type { StreamHub } from "./stream-hub.ts";
import type { Range, View } from "./view.ts";

export interface Deps {
  readonly view: View;
  readonly hub: StreamHub;
  readonly page: Page;
  readonly metrics: Metrics;
  readonly ingestUrl: string | undefined;
}

/** Windows in one answer. */
const MAX_WINDOWS = 20_000;

const securityHeaders = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** The HTTP face of the dashboard: the page, what it asks for, and the stream that keeps it up to date. */
export function createApp({ view, hub, page, metrics, ingestUrl }: Deps): Hono {
  const app = new Hono();
  // Versions count from zero in every process, so a tag has to name the process as well.
  const process = randomUUID().slice(0, 8);

  app.use(timeRequests(metrics.requests));
  app.use(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(securityHeaders)) {
      if (!c.res.headers.has(name)) c.res.headers.set(name, value);
    }
  });

  app.get("/", (c) => c.html(page.html));
  for (const { path, type, text, tag } of page.files) {
    app.get(path, (c) => {
      c.header("cache-control", "no-cache");
      return answerTagged(c, tag, () => c.body(text, 200, { "content-type": type }));
    });
  }

  app.get("/v1/series", (c) => {
    const limit = readLimit(c.req.query("limit"), 1_000);
    if (limit === undefined) return refuse(c, "limit", "expected a whole number from 1 to 20000");
    const found = view.listSeries(c.req.query("q") ?? "", limit);
    return c.json({ ...found, totals: view.totals } satisfies SeriesListing);
  });

  app.get("/v1/series/:id", (c) => {
    const range = readRange(c.req.query("from"), c.req.query("to"));
    if ("problem" in range) return refuse(c, range.field, range.problem);
    const limit = readLimit(c.req.query("limit"), 5_000);
    if (limit === undefined) return refuse(c, "limit", "expected a whole number from 1 to 20000");
    const slice = view.readSeries(c.req.param("id"), range, limit);
    if (slice === undefined) return answerProblem(c, 404, "not-found", `there is no series ${c.req.param("id")}`);
    return answerTagged(c, `"${process}-${slice.version}"`, () => c.json(slice));
  });

  app.get("/v1/anomalies", (c) => {
    const range = readRange(c.req.query("from"), c.req.query("to"));
    if ("problem" in range) return refuse(c, range.field, range.problem);
    const limit = readLimit(c.req.query("limit"), 100);
    if (limit === undefined) return refuse(c, "limit", "expected a whole number from 1 to 20000");
    const anomalies = view.listAnomalies(c.req.query("series"), range, limit);
    return c.json({ anomalies, total: view.totals.anomalies } satisfies AnomalyListing);
  });

  app.get("/v1/stream", (c) => {
    const series = c.req.queries("series") ?? [];
    if (series.length > 20) return refuse(c, "series", "expected at most 20 series in one stream");
    return c.body(hub.subscribe(series, c.req.header("last-event-id")), 200, {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    });
  });

  if (ingestUrl !== undefined) {
    app.get("/add", (c) => c.redirect("/add/"));
    app.all("/add/*", (c) => forwardToIngest(c, ingestUrl, c.req.path.slice("/add".length)));
    for (const path of ["/v1/events", "/v1/events:stream", "/v1/uploads"]) {
      app.post(path, (c) => forwardToIngest(c, ingestUrl, c.req.path));
    }
    app.get("/v1/uploads/*", (c) => forwardToIngest(c, ingestUrl, c.req.path));
  }
  app.get("/v1/about", (c) => c.json({ canAdd: ingestUrl !== undefined, totals: view.totals } satisfies About));

  app.notFound((c) => answerProblem(c, 404, "not-found", `${c.req.method} ${c.req.path} is not known here`));
  app.onError((error, c) => answerProblem(c, 500, "internal", error.message));
  return app;
}

/** Answers 304 when the client has this version. */
function answerTagged(c: Context, tag: string, answer: () => Response): Response {
  if (c.req.header("if-none-match") === tag) return c.body(null, 304, { etag: tag });
  const response = answer();
  response.headers.set("etag", tag);
  return response;
}

function readLimit(text: string | undefined, otherwise: number): number | undefined {
  if (text === undefined) return otherwise;
  const limit = Number(text);
  return Number.isInteger(limit) && limit >= 1 && limit <= MAX_WINDOWS ? limit : undefined;
}

function readRange(
  from: string | undefined,
  to: string | undefined,
): Range | { readonly field: string; readonly problem: string } {
  const fromTs = from === undefined ? ({ ok: true, ts: 0 } as const) : readTimestamp(from);
  if (!fromTs.ok) return { field: "from", problem: fromTs.problem };
  const toTs = to === undefined ? ({ ok: true, ts: LATEST_TS } as const) : readTimestamp(to);
  if (!toTs.ok) return { field: "to", problem: toTs.problem };
  return { fromTs: fromTs.ts, toTs: toTs.ts };
}

function refuse(c: Context, field: string, detail: string): Response {
  return answerProblem(c, 422, "invalid", `${field}: ${detail}`);
}

/** An answer after RFC 9457. */
function answerProblem(c: Context, status: 404 | 422 | 500, kind: string, detail: string): Response {
  const titles = { 404: "There is nothing here", 422: "The request is not valid", 500: "Something broke on our side" };
  const body = { type: `urn:slipway:problem:${kind}`, title: titles[status], status, detail, instance: c.req.path };
  return c.body(JSON.stringify(body), status, { "content-type": "application/problem+json" });
}
