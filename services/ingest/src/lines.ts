import type { ServerResponse } from "node:http";
import type { Context } from "hono";
import { type BodyLine, readBodyLines } from "./body-lines.ts";
import { BulkWriter } from "./bulk-writer.ts";
import { readCharsetName } from "./charset.ts";
import type { Deps } from "./deps.ts";
import { checkReading, describeProblems } from "./events.ts";
import type { Intake } from "./intake.ts";
import { parseJson } from "./json-text.ts";
import type { Limits } from "./limits.ts";
import { classifyFailure } from "./problem.ts";
import { identify, sources } from "./reading-record.ts";

/** Readings between two lines of the answer. */
const LINES_PER_REPORT = 1_000;

/** Longest reason that is given for one line: a thousand of them are one report. */
const MAX_DETAIL_CHARS = 500;

interface Refusal {
  readonly line: number;
  readonly code: "not-json" | "invalid" | "too-long" | "not-text";
  readonly detail: string;
}

/**
 * `POST /v1/events:stream`: one reading a line in, one report for each thousand lines out, while the request goes on.
 *
 * `{ackedThrough, rejected}` says that every line up to that one is stored or in a list of rejected ones. The last report
 * has `done: true`, or `problem` when reading or storing failed after `ackedThrough`. An answer without such a last report
 * was cut off.
 */
export function answerLines(c: Context, deps: Deps, intake: Intake): Response {
  const charset = readCharsetName(c.req.header("content-type"));
  const { body, ticket } = intake.openUpload(c);
  const reports = reportLines(readBodyLines(body, charset, intake.limits), deps, intake.limits);
  const stream = toStream(reports, ticket.close);
  // Whoever goes away before anything is read would keep the place for ever.
  const { outgoing } = (c.env ?? {}) as { outgoing?: ServerResponse };
  outgoing?.once("close", ticket.close);
  return c.body(stream, 200, { "content-type": "application/x-ndjson" });
}

/** Each report as soon as it is there. `onEnd` is called however it ends. */
function toStream(reports: AsyncGenerator<Uint8Array>, onEnd: () => void): ReadableStream<Uint8Array> {
  return new ReadableStream(
    {
      async pull(controller) {
        const next = await reports.next();
        if (next.done !== true) return controller.enqueue(next.value);
        onEnd();
        controller.close();
      },
      async cancel() {
        onEnd();
        await reports.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}

async function* reportLines(
  pieces: AsyncIterable<Iterable<BodyLine>>,
  deps: Deps,
  limits: Limits,
): AsyncGenerator<Uint8Array, undefined> {
  const writer = new BulkWriter({
    store: (reading, lane) => deps.store(reading, sources.stream, { lane }),
    awaitRoom: deps.awaitRoom,
  });
  const latestTs = deps.now() + deps.futureToleranceMs;
  let refusals: Refusal[] = [];
  let line = 0;
  let ackedThrough = 0;
  let rejectedTotal = 0;
  const report = (more: object) => {
    const text = JSON.stringify({ ackedThrough, rejected: refusals, ...more });
    refusals = [];
    return Buffer.from(`${text}\n`);
  };
  try {
    for await (const lines of pieces) {
      for (const read of lines) {
        line += 1;
        const refusal = "text" in read ? await storeLine(read.text, latestTs, limits, writer) : read;
        if (refusal !== undefined) {
          refusals.push({ line, code: refusal.code, detail: refusal.detail.slice(0, MAX_DETAIL_CHARS) });
          rejectedTotal += 1;
        }
        if (line % LINES_PER_REPORT !== 0) continue;
        await writer.finish();
        ackedThrough = line;
        yield report({});
      }
    }
    await writer.finish();
    ackedThrough = line;
    yield report({ done: true, accepted: writer.stored, rejectedTotal });
  } catch (error) {
    await writer.settle();
    yield report({ problem: classifyFailure(error) });
  }
  return undefined;
}

async function storeLine(
  text: string,
  latestTs: number,
  limits: Limits,
  writer: BulkWriter,
): Promise<Omit<Refusal, "line"> | undefined> {
  if (text.trim() === "") return undefined;
  const parsed = parseJson(text, limits);
  if (!parsed.ok) return { code: parsed.kind, detail: parsed.problem };
  const checked = checkReading(parsed.value, latestTs, parsed.losses);
  if (!checked.ok) return { code: "invalid", detail: describeProblems(checked.problems) };
  await writer.put(identify(checked.reading));
  return undefined;
}
