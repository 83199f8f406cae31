/**
 * Sends readings to ingest while a test changes what runs behind it, and says in the end whether all of them are in the
 * windows of the dashboard, once.
 *
 *     INGEST_URL=… DASHBOARD_URL=… node --import tsx tests/cluster/send-events.ts --series NAME [--batches-per-s 4]
 *
 * A batch that is not taken is sent again with the same ids until it is. The end of standard input ends the sending; then
 * it waits for the windows, compares them with a computation of its own, and prints one line of JSON: an EventsReport.
 */
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { compareWindows, expectWindows } from "../integration/product/expected-windows.ts";
import { awaitSeries, readAllWindows } from "../integration/product/product-client.ts";
import type { EventsReport } from "./events-report.ts";

const SERIES = 10;
/** Event time goes on by so much from batch to batch, so that a window holds twelve. */
const STEP_MS = 5 * 60_000;
const WINDOW_MS = 3_600_000;
const FIRST_MS = Date.UTC(2026, 0, 1);
const REQUEST_LIMIT_MS = 10_000;
const AGAIN_MS = 100;
const VISIBLE_LIMIT_MS = 120_000;

const { values: options } = parseArgs({
  options: { series: { type: "string", default: "events" }, "batches-per-s": { type: "string", default: "4" } },
});
const ingestUrl = process.env["INGEST_URL"] ?? "";
const dashboardUrl = process.env["DASHBOARD_URL"] ?? "";
const pauseMs = 1_000 / Number(options["batches-per-s"]);

const refusals: Record<string, number> = {};
const readings: { id: string; series: string; ts: number; value: number }[] = [];
let isOver = false;

/** Sends one batch. @returns why it was not taken; `undefined` when it was. */
async function send(batch: readonly object[]): Promise<string | undefined> {
  try {
    const answer = await fetch(`${ingestUrl}/v1/events`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(batch),
      signal: AbortSignal.timeout(REQUEST_LIMIT_MS),
    });
    await answer.arrayBuffer();
    return answer.status === 202 ? undefined : `status ${answer.status}`;
  } catch (error) {
    const { message, cause } = error as Error;
    return cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : message;
  }
}

async function sendUntilOver(): Promise<number> {
  let batches = 0;
  const startedAt = performance.now();
  for (; !isOver; batches += 1) {
    const batch = Array.from({ length: SERIES }, (_, index) => ({
      id: `${options.series}-${batches}-${index}`,
      series: `${options.series}/${index}`,
      ts: FIRST_MS + batches * STEP_MS,
      value: Math.sin(batches + index) * 100,
    }));
    for (;;) {
      const refusal = await send(batch);
      if (refusal === undefined) break;
      refusals[refusal] = (refusals[refusal] ?? 0) + 1;
      await delay(AGAIN_MS);
    }
    readings.push(...batch);
    await delay(Math.max(0, startedAt + (batches + 1) * pauseMs - performance.now()));
  }
  return batches;
}

process.stdin.resume().once("end", () => {
  isOver = true;
});
const batches = await sendUntilOver();
const expected = expectWindows(readings, WINDOW_MS);
const prefix = `${options.series}/`;
const seen = await awaitSeries(
  dashboardUrl,
  prefix,
  { readings: readings.length, windows: expected.size },
  VISIBLE_LIMIT_MS,
);
const problems = [...seen.problems, ...compareWindows(expected, await readAllWindows(dashboardUrl, prefix))];
const report: EventsReport = { batches, readings: readings.length, windows: expected.size, refusals, problems };
process.stdout.write(`${JSON.stringify(report)}\n`);
