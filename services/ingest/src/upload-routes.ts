import { createHash, randomUUID } from "node:crypto";
import { LOST_NAME, readZone, type UploadRecord } from "@slipway/contracts";
import type { Context, Hono } from "hono";
import { findCharset, readCharsetName } from "./charset.ts";
import type { Deps } from "./deps.ts";
import type { Intake } from "./intake.ts";
import type { Limits } from "./limits.ts";
import { answerProblem } from "./problem.ts";
import { findQueryProblems } from "./query.ts";
import { sources } from "./reading-record.ts";
import { isType } from "./request-body.ts";
import { runUpload, type UploadOutcome, type UploadWishes, uploadIdOf } from "./upload.ts";

export type UploadAnswer =
  | { readonly kind: "ran"; readonly outcome: UploadOutcome }
  | { readonly kind: "replayed"; readonly record: UploadRecord }
  | { readonly kind: "key-reused"; readonly id: string }
  | { readonly kind: "in-progress"; readonly id: string };

export interface UploadRequest {
  readonly body: AsyncIterable<Uint8Array>;
  readonly wishes: UploadWishes;
  readonly charset: string | undefined;
  readonly limits: Limits;
  readonly idempotencyKey: string | undefined;
}

/** Ids of uploads that run in this process. */
const running = new Set<string>();

/**
 * Runs an upload once for each idempotency key. A finished one is not run again: its result is given again when the content
 * is the same. An unfinished one runs from the beginning; rows that are stored already are known by their ids.
 */
export async function takeUpload(
  deps: Deps,
  { body, wishes, charset, limits, idempotencyKey }: UploadRequest,
): Promise<UploadAnswer> {
  const id = uploadIdOf(idempotencyKey ?? randomUUID());
  if (running.has(id)) return { kind: "in-progress", id };
  running.add(id);
  try {
    const known = deps.ledger.get(id);
    if (known?.state === "done") {
      const same = (await fingerprint(body)) === known.fingerprint;
      return same ? { kind: "replayed", record: known } : { kind: "key-reused", id };
    }
    const outcome = await runUpload({
      id,
      body,
      wishes,
      charset,
      limits,
      bulk: { store: (reading, lane) => deps.store(reading, sources.uploads, { lane }), awaitRoom: deps.awaitRoom },
      now: deps.now,
      futureToleranceMs: deps.futureToleranceMs,
      onProgress: (record) => deps.ledger.note(record),
    });
    deps.metrics.events.inc({ result: "stored" }, outcome.record.accepted);
    deps.metrics.events.inc({ result: "refused" }, outcome.record.rejected);
    await deps.ledger.save(outcome.record);
    return { kind: "ran", outcome };
  } finally {
    running.delete(id);
  }
}

/** Adds the routes for files. */
export function addUploadRoutes(app: Hono, deps: Deps, intake: Intake): void {
  app.post("/v1/uploads", async (c) => {
    if (!isType(c.req.header("content-type"), "text/csv")) {
      return answerProblem(c, "unsupported-type", { detail: "expected text/csv" });
    }
    const { search, searchParams } = new URL(c.req.url);
    const garbled = findQueryProblems(search);
    const wishes = garbled.length > 0 ? { problems: garbled } : readWishes(searchParams);
    if ("problems" in wishes) return answerProblem(c, "invalid", { detail: wishes.problems.join("; ") });
    const key = c.req.header("idempotency-key");
    if (key !== undefined && (key.length === 0 || key.length > 255)) {
      return answerProblem(c, "invalid", { detail: "Idempotency-Key: expected 1 to 255 characters" });
    }
    const charset = readCharsetName(c.req.header("content-type"));
    if (charset !== undefined && charset !== "utf-16") findCharset(charset);
    const { body, ticket } = intake.openUpload(c);
    try {
      const request = { body, wishes: wishes.wishes, charset, limits: intake.limits, idempotencyKey: key };
      return answerUpload(c, await takeUpload(deps, request));
    } finally {
      ticket.close();
    }
  });

  app.get("/v1/uploads/:id", (c) => {
    const record = deps.ledger.get(c.req.param("id"));
    if (record === undefined)
      return answerProblem(c, "not-found", { detail: `there is no upload ${c.req.param("id")}` });
    return c.json(record);
  });
}

function answerUpload(c: Context, answer: UploadAnswer): Response {
  if (answer.kind === "in-progress") {
    return answerProblem(c, "in-progress", {
      detail: `the upload ${answer.id} is under way; ask GET /v1/uploads/${answer.id}`,
      retryAfterS: 5,
    });
  }
  if (answer.kind === "key-reused") {
    return answerProblem(c, "key-reused", {
      detail: `the upload ${answer.id} had other content; use a new Idempotency-Key`,
    });
  }
  const record = answer.kind === "replayed" ? answer.record : answer.outcome.record;
  c.header("location", `/v1/uploads/${record.id}`);
  if (answer.kind === "replayed") {
    c.header("idempotency-replayed", "true");
    return c.json({ ...record, ignoredColumns: [] }, statusOf(record));
  }
  const { failed, ignoredColumns } = answer.outcome;
  if (failed === undefined) return c.json({ ...record, ignoredColumns }, statusOf(record));
  return answerProblem(c, failed.kind, {
    detail: `${failed.detail} (upload ${record.id}: ${record.accepted} rows stored, ${record.rejected} refused)`,
    errors: record.errors,
    ...(failed.kind === "unavailable" || failed.kind === "overloaded" ? { retryAfterS: 5 } : {}),
  });
}

/** 201 all rows stored, 207 some, 422 none. */
function statusOf({ accepted, rejected }: UploadRecord): 201 | 207 | 422 {
  if (accepted === 0) return 422;
  return rejected === 0 ? 201 : 207;
}

const known = ["series", "ts", "value", "unit", "attrs", "fixedSeries", "zone", "delimiter", "decimal"];

/** What the contract takes of attributes. */
const MAX_ATTRS = 50;
const MAX_ATTR_NAME_CHARS = 100;

/** What the query of an upload asks for: names of columns, and how to read them. */
export function readWishes(query: URLSearchParams): { wishes: UploadWishes } | { problems: string[] } {
  const get = (name: string) => query.get(name) ?? undefined;
  const problems = [...new Set(query.keys())]
    .filter((name) => !known.includes(name))
    .map((name) => `?${name} is not known; there are ${known.join(", ")}`);
  const zone = get("zone");
  if (zone !== undefined && readZone(zone) === undefined)
    problems.push("?zone: expected Z or an offset such as +02:00");
  for (const name of new Set(query.keys())) {
    if (query.getAll(name).length > 1) problems.push(`?${name} is given more than once`);
  }
  const delimiter = get("delimiter");
  if (delimiter !== undefined && ![",", ";", "\t", "|"].includes(delimiter))
    problems.push("?delimiter: expected a comma, semicolon, tab or bar");
  if (get("series") !== undefined && get("fixedSeries") !== undefined) {
    problems.push("?series names a column and ?fixedSeries says that there is none; send one of them");
  }
  const decimal = get("decimal") ?? ".";
  if (decimal !== "." && decimal !== ",") problems.push("?decimal: expected a point or a comma");
  const attrs = get("attrs")
    ?.split(",")
    .filter((name) => name !== "");
  if (attrs !== undefined && attrs.length > MAX_ATTRS) problems.push(`?attrs: expected at most ${MAX_ATTRS} names`);
  if (attrs?.some((name) => name.length > MAX_ATTR_NAME_CHARS) === true) {
    problems.push(`?attrs: a name is longer than ${MAX_ATTR_NAME_CHARS} characters`);
  }
  if (attrs?.includes(LOST_NAME) === true) problems.push(`?attrs: ${LOST_NAME} cannot be the name of an attribute`);
  if (problems.length > 0 || (decimal !== "." && decimal !== ",")) return { problems };
  return {
    wishes: {
      series: get("series"),
      ts: get("ts"),
      value: get("value"),
      unit: get("unit"),
      attrs,
      fixedSeries: get("fixedSeries"),
      zone,
      delimiter,
      decimal,
    },
  };
}

async function fingerprint(body: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of body) hash.update(chunk);
  return hash.digest("hex");
}
