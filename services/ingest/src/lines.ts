import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import type { Context } from "hono";
import { BulkWriter } from "./bulk-writer.ts";
import type { Deps } from "./deps.ts";
import { checkReading } from "./events.ts";
import { classifyDelivery } from "./problem.ts";
import { identify, sources } from "./reading-record.ts";
import { streamBody } from "./request-body.ts";

/** Readings between two lines of the answer. */
const LINES_PER_REPORT = 1_000;

interface Refusal {
  readonly line: number;
  readonly code: "not-json" | "invalid";
  readonly detail: string;
}

/**
 * `POST /v1/events:stream`: one reading a line in, one report for each thousand lines out, while the request goes on.
 *
 * `{ackedThrough, rejected}` says that every line up to that one is stored or in a list of rejected ones. The last report
 * has `done: true`, or `problem` when storing failed after `ackedThrough`.
 */
export function answerLines(c: Context, deps: Deps): Response {
  const reports = Readable.from(reportLines(streamBody(c), deps));
  const body = Readable.toWeb(reports) as ReadableStream<Uint8Array>;
  return c.body(body, 200, { "content-type": "application/x-ndjson" });
}

async function* reportLines(body: AsyncIterable<Uint8Array>, deps: Deps): AsyncGenerator<Buffer> {
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
    for await (const text of createInterface({
      input: Readable.from(body, { objectMode: false }),
      crlfDelay: Infinity,
    })) {
      line += 1;
      if (text.trim() !== "") {
        const refusal = await storeLine(text, line, latestTs, writer);
        if (refusal !== undefined) {
          refusals.push(refusal);
          rejectedTotal += 1;
        }
      }
      if (line % LINES_PER_REPORT !== 0) continue;
      await writer.finish();
      ackedThrough = line;
      yield report({});
    }
    await writer.finish();
    ackedThrough = line;
    yield report({ done: true, accepted: writer.stored, rejectedTotal });
  } catch (error) {
    await writer.settle();
    yield report({ problem: classifyDelivery(error) });
  }
}

async function storeLine(
  text: string,
  line: number,
  latestTs: number,
  writer: BulkWriter,
): Promise<Refusal | undefined> {
  let item: unknown;
  try {
    item = JSON.parse(text);
  } catch (error) {
    return { line, code: "not-json", detail: (error as Error).message };
  }
  const checked = checkReading(item, latestTs);
  if (!checked.ok) {
    return {
      line,
      code: "invalid",
      detail: checked.problems.map(({ field, detail }) => `${field}: ${detail}`).join("; "),
    };
  }
  await writer.put(identify(checked.reading));
  return undefined;
}
