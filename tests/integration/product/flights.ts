/**
 * The whole product, once round: real flights go in as a CSV file, and every window that comes out is compared with a
 * computation of its own over the same rows. Ends with 1 on any difference.
 *
 *     INGEST_URL=http://ingest:8080 DASHBOARD_URL=http://dashboard:8080 node --import tsx tests/integration/product/flights.ts
 *
 * ROWS        rows of the file, at least 100 (120000)
 * WINDOW_MS   length of the processor's windows (3600000)
 * DEADLINE_S  longest wait for the windows (180)
 * FLIGHTS_FILE  the parquet file; found in node_modules otherwise
 *
 * Each run has series of its own, so it can be repeated on the same broker.
 */
import { randomUUID } from "node:crypto";
import { compareWindows, expectWindows } from "./expected-windows.ts";
import { type BadRow, composeCsv } from "./flights-csv.ts";
import { readFlights } from "./flights-file.ts";
import { askJson, awaitSeries, readAllWindows, sendReading, uploadCsv, watchSeries } from "./product-client.ts";

interface Settings {
  readonly ingestUrl: string;
  readonly dashboardUrl: string;
  readonly rows: number;
  readonly windowMs: number;
  readonly deadlineMs: number;
  readonly file: string | undefined;
}

/** @throws Error with every problem of the environment. */
function readSettings(env: NodeJS.ProcessEnv): Settings {
  const problems: string[] = [];
  const address = (name: string) => {
    const text = env[name] ?? "";
    if (!/^https?:\/\//.test(text))
      problems.push(`${name}: expected an address such as http://${name.split("_")[0]?.toLowerCase()}:8080`);
    return text.replace(/\/$/, "");
  };
  const number = (name: string, otherwise: number, min: number) => {
    const value = Number(env[name] || otherwise);
    if (!Number.isInteger(value) || value < min) problems.push(`${name}: expected a whole number from ${min} on`);
    return value;
  };
  const settings = {
    ingestUrl: address("INGEST_URL"),
    dashboardUrl: address("DASHBOARD_URL"),
    rows: number("ROWS", 120_000, 100),
    windowMs: number("WINDOW_MS", 3_600_000, 1_000),
    deadlineMs: number("DEADLINE_S", 180, 1) * 1_000,
    file: env["FLIGHTS_FILE"],
  };
  if (problems.length > 0) throw new Error(["the environment cannot be used:", ...problems].join("\n  "));
  return settings;
}

const checks: { readonly name: string; readonly problems: readonly string[] }[] = [];

function check(name: string, problems: readonly string[]): void {
  checks.push({ name, problems });
  console.log(`${problems.length === 0 ? "ok    " : "FAILED"} ${name}`);
  for (const problem of problems.slice(0, 20)) console.log(`         ${problem}`);
  if (problems.length > 20) console.log(`         and ${problems.length - 20} more`);
}

/** What differs between the reported bad rows and those that were put in. */
function compareBadRows(
  expected: readonly BadRow[],
  reported: readonly { line: number; column: string; reason: string }[],
): string[] {
  const problems = expected.flatMap(({ line, column, reason }) => {
    const found = reported.filter((error) => error.line === line);
    if (found.some((error) => error.column === column && error.reason === reason)) return [];
    return [`line ${line}: expected ${JSON.stringify({ column, reason })}, reported ${JSON.stringify(found)}`];
  });
  const known = new Set(expected.map(({ line }) => line));
  const extra = reported.filter(({ line }) => !known.has(line));
  return [...problems, ...extra.map((error) => `reported, but not bad: ${JSON.stringify(error)}`)];
}

function expectEqual(what: string, got: unknown, expected: unknown): string[] {
  return got === expected ? [] : [`${what}: expected ${String(expected)}, got ${String(got)}`];
}

async function main(): Promise<boolean> {
  const settings = readSettings(process.env);
  const { ingestUrl, dashboardUrl } = settings;
  const run = randomUUID().slice(0, 8);
  const prefix = `flights-${run}/`;
  const flights = await readFlights(settings.rows, settings.file);
  const { csv, badRows, readings } = composeCsv(flights, prefix);
  const expected = expectWindows(readings, settings.windowMs);
  const seriesCount = new Set(readings.map(({ series }) => series)).size;
  const busiest = `${prefix}ORD`;
  console.log(
    `${flights.length} flights of ${seriesCount} airports, ${badRows.length} bad rows, ${(csv.length / 1e6).toFixed(1)} MB`,
  );

  const watcher = await watchSeries(dashboardUrl, busiest);
  const startedAt = performance.now();
  const key = `flights-${run}`;
  const upload = await uploadCsv(ingestUrl, csv, key);
  const uploadS = (performance.now() - startedAt) / 1_000;
  check("the file is taken, good rows stored and bad ones refused", [
    ...expectEqual("status", upload.status, 207),
    ...expectEqual("rows", upload.body.rows, flights.length + badRows.length),
    ...expectEqual("accepted", upload.body.accepted, readings.length),
    ...expectEqual("rejected", upload.body.rejected, badRows.length),
  ]);
  check(
    "every bad row is reported with its line, column and reason",
    compareBadRows(badRows, upload.body.errors ?? []),
  );

  const last = await awaitSeries(
    dashboardUrl,
    prefix,
    { readings: readings.length, windows: expected.size },
    settings.deadlineMs,
  );
  const totalS = (performance.now() - startedAt) / 1_000;
  check("all readings and windows reach the dashboard", last.problems);
  const windows = await readAllWindows(dashboardUrl, prefix);
  check("every window has the right count, mean, sd, min and max", compareWindows(expected, windows));
  check(
    "the dashboard's stream told of the busiest airport while it came in",
    watcher.changes() > 0 ? [] : ["no change event was seen"],
  );
  watcher.close();

  const again = await uploadCsv(ingestUrl, csv, key);
  const other = await uploadCsv(ingestUrl, csv.subarray(0, 10_000), key);
  check("the same file with the same key is answered from the ledger, other content is refused", [
    ...expectEqual("status", again.status, 207),
    ...expectEqual("Idempotency-Replayed", again.replayed, true),
    ...expectEqual("accepted", again.body.accepted, readings.length),
    ...expectEqual("status for other content", other.status, 422),
  ]);

  const twice = { id: `twice-${run}`, series: `${prefix}TWICE`, ts: "2001-01-01T00:00:00Z", value: 1 };
  const after = { id: `after-${run}`, series: `${prefix}TWICE`, ts: "2001-01-01T00:30:00Z", value: 3 };
  const stored = [
    await sendReading(ingestUrl, twice),
    await sendReading(ingestUrl, twice),
    await sendReading(ingestUrl, after),
  ];
  const counted = await awaitSeries(dashboardUrl, twice.series, { readings: 2, windows: 1 }, settings.deadlineMs);
  check("an event that comes twice with one id counts once", [
    ...stored.flatMap((status) => expectEqual("status", status, 202)),
    ...counted.problems,
  ]);
  const about: unknown = await askJson(`${dashboardUrl}/v1/anomalies?limit=1`);
  check(
    "anomalies can be asked for",
    typeof about === "object" && about !== null && "anomalies" in about ? [] : [JSON.stringify(about)],
  );

  const failed = checks.filter(({ problems }) => problems.length > 0).length;
  console.log(
    [
      "",
      `rows      ${flights.length + badRows.length} (${readings.length} good, ${badRows.length} bad)`,
      `windows   ${expected.size} in ${seriesCount} series, each compared`,
      `stored    in ${uploadS.toFixed(2)} s, ${Math.round(readings.length / uploadS)} rows/s`,
      `visible   in ${totalS.toFixed(2)} s, ${Math.round(readings.length / totalS)} rows/s from file to dashboard`,
      "",
      `${checks.length - failed} passed, ${failed} failed`,
    ].join("\n"),
  );
  return failed === 0;
}

process.exitCode = await main().then(
  (passed) => (passed ? 0 : 1),
  (error: unknown) => {
    console.error((error as Error).stack ?? error);
    return 1;
  },
);
