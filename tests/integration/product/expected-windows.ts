import type { ExpectedReading } from "./flights-csv.ts";

/** What a window must say. */
export interface ExpectedWindow {
  readonly series: string;
  readonly startTs: number;
  readonly count: number;
  readonly mean: number;
  readonly sd: number;
  readonly min: number;
  readonly max: number;
}

const TOLERANCE = 1e-9;

/** All windows by `series|start`, computed in the plainest way: collect, add up, then measure distances from the mean. */
export function expectWindows(readings: readonly ExpectedReading[], windowMs: number): Map<string, ExpectedWindow> {
  const values = new Map<string, { series: string; startTs: number; values: number[] }>();
  for (const { series, ts, value } of readings) {
    const startTs = ts - (((ts % windowMs) + windowMs) % windowMs);
    const key = `${series}|${startTs}`;
    const entry = values.get(key) ?? { series, startTs, values: [] };
    entry.values.push(value);
    values.set(key, entry);
  }
  return new Map(
    [...values].map(([key, { series, startTs, values: all }]) => {
      const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
      const sd = Math.sqrt(all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length);
      return [key, { series, startTs, count: all.length, mean, sd, min: Math.min(...all), max: Math.max(...all) }];
    }),
  );
}

/** Every difference, in words; an empty list when all windows are there, no other is, and all numbers agree. */
export function compareWindows(
  expected: ReadonlyMap<string, ExpectedWindow>,
  got: readonly ExpectedWindow[],
): string[] {
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const window of got) {
    const key = `${window.series}|${window.startTs}`;
    const wanted = expected.get(key);
    if (wanted === undefined) {
      problems.push(`${key}: not expected: ${JSON.stringify(window)}`);
      continue;
    }
    if (seen.has(key)) problems.push(`${key}: came twice`);
    seen.add(key);
    for (const field of ["count", "mean", "sd", "min", "max"] as const) {
      if (!isClose(window[field], wanted[field])) {
        problems.push(`${key}: ${field} is ${window[field]} instead of ${wanted[field]}`);
      }
    }
  }
  for (const key of expected.keys()) if (!seen.has(key)) problems.push(`${key}: is missing`);
  return problems;
}

function isClose(a: number, b: number): boolean {
  return Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(a), Math.abs(b));
}
