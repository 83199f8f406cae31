import { readFileSync } from "node:fs";
import { join } from "node:path";

/** One file of the Numenta Anomaly Benchmark. */
export interface NabFile {
  readonly name: string;
  readonly values: readonly number[];
  /** First and last row of each labelled window. */
  readonly windows: readonly (readonly [first: number, last: number])[];
}

/** Reads files of the benchmark from `folder`, which holds `data/` and `labels/combined_windows.json`. */
export function readNab(folder: string, names?: readonly string[]): NabFile[] {
  const labels = JSON.parse(readFileSync(join(folder, "labels/combined_windows.json"), "utf8")) as Record<
    string,
    [string, string][]
  >;
  return (names ?? Object.keys(labels)).map((name) => {
    const rows = readFileSync(join(folder, "data", name), "utf8")
      .trim()
      .split(/\r?\n/)
      .slice(1);
    const times = rows.map((row) => row.slice(0, row.indexOf(",")));
    const find = (time: string) => times.indexOf(time.slice(0, 19));
    const windows = (labels[name] ?? []).map(([first, last]) => [find(first), find(last)] as const);
    if (windows.some(([first, last]) => first < 0 || last < first))
      throw new Error(`${name}: a label is not in the file`);
    return { name, values: rows.map((row) => Number(row.slice(row.indexOf(",") + 1))), windows };
  });
}

/** Rows at the beginning of a file that are for learning: alarms there do not count. NAB: 15 percent, at most 750. */
function probation(rows: number): number {
  return Math.floor(Math.min(0.15 * rows, 0.15 * 5_000));
}

export interface Tally {
  readonly found: number;
  readonly windows: number;
  readonly falseAlarms: number;
  /** Sum of NAB's standard profile: a found window gives up to 1 (the earlier the more), a missed one -1, a false alarm up to -0.11. */
  readonly raw: number;
}

const FALSE_ALARM_WEIGHT = 0.11;

/** Scores the rows on which a detector alarmed. After NAB's sweeper.py and scorer.py, standard profile. */
export function scoreAlarms({ values, windows }: NabFile, alarms: readonly number[]): Tally {
  const counted = alarms.filter((row) => row >= probation(values.length));
  let raw = 0;
  let found = 0;
  let falseAlarms = 0;
  for (const [first, last] of windows) {
    const row = counted.find((alarm) => alarm >= first && alarm <= last);
    if (row === undefined) {
      raw -= 1;
      continue;
    }
    found += 1;
    raw += sigmoid(-(last - row + 1) / (last - first + 1)) / sigmoid(-1);
  }
  for (const row of counted) {
    if (windows.some(([first, last]) => row >= first && row <= last)) continue;
    falseAlarms += 1;
    const before = windows.filter(([, last]) => last < row).at(-1);
    const distance = before === undefined ? Number.POSITIVE_INFINITY : (row - before[1]) / (before[1] - before[0]);
    raw += FALSE_ALARM_WEIGHT * (distance > 3 ? -1 : sigmoid(distance));
  }
  return { found, windows: windows.length, falseAlarms, raw };
}

/** NAB's score of many files: 0 for a detector that never alarms, 100 for a perfect one. */
export function normalizeScore(tallies: readonly Tally[]): number {
  const windows = tallies.reduce((sum, tally) => sum + tally.windows, 0);
  const raw = tallies.reduce((sum, tally) => sum + tally.raw, 0);
  return (100 * (raw + windows)) / (2 * windows);
}

function sigmoid(position: number): number {
  return 2 / (1 + Math.exp(5 * position)) - 1;
}
