import type { Flight } from "./flights-file.ts";

/** A row that must be refused. */
export interface BadRow {
  readonly line: number;
  readonly column: string;
  readonly reason: string;
}

export interface ExpectedReading {
  readonly series: string;
  readonly ts: number;
  readonly value: number;
}

/** Query that says how the columns of the file are called. */
export const COLUMNS_QUERY = "series=airport&ts=scheduled&value=delay";

const HEADER = "airport,scheduled,delay,destination";

/** Rows that are wrong in one way each, with the answer they must get. */
const spoiled = [
  {
    cells: "X,2001-02-30T00:00:00Z,1,Y",
    column: "scheduled",
    reason: '"2001-02-30T00:00:00Z" is not a date and time that exists',
  },
  { cells: "X,yesterday,1,Y", column: "scheduled", reason: '"yesterday" is not an ISO 8601 time' },
  {
    cells: "X,2001-01-01 00:00,1,Y",
    column: "scheduled",
    reason: '"2001-01-01 00:00" has no time zone; end it with Z or an offset such as +02:00',
  },
  {
    cells: "X,978307200,1,Y",
    column: "scheduled",
    reason: '"978307200" is outside 1980 to 2199; this looks like seconds, send milliseconds',
  },
  { cells: ",2001-01-01T00:00:00Z,1,Y", column: "airport", reason: "is missing" },
  { cells: "X,2001-01-01T00:00:00Z,NaN,Y", column: "delay", reason: '"NaN" is not a number' },
  { cells: "X,2001-01-01T00:00:00Z,,Y", column: "delay", reason: "is missing" },
  { cells: "X,2001-01-01T00:00:00Z,1e999,Y", column: "delay", reason: '"1e999" is too large to be stored' },
  { cells: "X,2001-01-01T00:00:00Z,1,Y,more", column: "", reason: "too many columns: 5 instead of 4" },
  { cells: "X,2001-01-01T00:00:00Z", column: "", reason: "too few columns: 2 instead of 4" },
];

/**
 * The flights as a CSV file of the delay for each airport, with bad rows among them: one of each kind near the beginning,
 * in the middle and at the end. A blank line and a name with a comma in quotes must not confuse the count of lines.
 */
export function composeCsv(
  flights: readonly Flight[],
  prefix: string,
): { readonly csv: Uint8Array; readonly badRows: readonly BadRow[]; readonly readings: readonly ExpectedReading[] } {
  const lines = [HEADER];
  const badRows: BadRow[] = [];
  const readings: ExpectedReading[] = [];
  const places = new Set([3, Math.floor(flights.length / 2), flights.length - 1]);
  for (const [index, { ts, delayMin, origin, destination }] of flights.entries()) {
    if (places.has(index)) {
      lines.push("");
      for (const { cells, column, reason } of spoiled) {
        lines.push(cells);
        badRows.push({ line: lines.length, column, reason });
      }
    }
    const series = `${prefix}${origin}`;
    const place = index % 1_000 === 0 ? `"${destination}, in ""quotes"""` : destination;
    lines.push(`${series},${new Date(ts).toISOString()},${delayMin},${place}`);
    readings.push({ series, ts, value: delayMin });
  }
  return { csv: Buffer.from(`${lines.join("\n")}\n`), badRows, readings };
}
