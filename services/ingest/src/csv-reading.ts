import { type Reading, type RowError, readTimestamp, rowId, seriesName } from "@slipway/contracts";
import type { CsvRow, Mapping } from "./csv-rows.ts";

export interface RowContext {
  readonly uploadId: string;
  readonly mapping: Mapping;
  /** Meaning of times without a zone, for example `Z`. */
  readonly zone: string | undefined;
  readonly latestTs: number;
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/**
 * Turns a row into a reading, or says everything that is wrong with it. `row` counts from 1 without the header.
 *
 * A cell more or less than the header has is an error: which of them is the wrong one, nobody can know.
 */
export function readRow({ line, cells }: CsvRow, row: number, context: RowContext): Reading | RowError[] {
  const { mapping, zone, uploadId, latestTs } = context;
  if (cells.length !== mapping.width) {
    const problem = cells.length > mapping.width ? "too many" : "too few";
    return [{ line, column: "", reason: `${problem} columns: ${cells.length} instead of ${mapping.width}` }];
  }
  const errors: RowError[] = [];
  const complain = (at: number, reason: string) => errors.push({ line, column: mapping.names[at] ?? "", reason });
  const cell = (at: number) => (cells[at] ?? "").trim();

  const series = mapping.fixedSeries ?? cell(mapping.series);
  const checked = seriesName.safeParse(series);
  if (!checked.success) complain(mapping.series, checked.error.issues[0]?.message ?? "is not valid");

  const rawTs = cell(mapping.ts);
  const time = rawTs === "" ? ({ ok: false, problem: "is missing" } as const) : readTimestamp(rawTs, zone);
  if (!time.ok) complain(mapping.ts, time.problem);
  else if (time.ts > latestTs) complain(mapping.ts, `${new Date(time.ts).toISOString()} lies in the future`);

  const rawValue = cell(mapping.value);
  const value = Number(rawValue);
  if (rawValue === "") complain(mapping.value, "is missing");
  else if (!NUMBER.test(rawValue) || !Number.isFinite(value)) {
    complain(mapping.value, `${JSON.stringify(rawValue.slice(0, 40))} is not a number`);
  }

  const unit = mapping.unit === -1 ? "" : cell(mapping.unit);
  if (unit.length > 50) complain(mapping.unit, "is longer than 50 characters");
  if (errors.length > 0 || !time.ok) return errors;
  const attrs = Object.fromEntries(mapping.attrs.map(({ name, at }) => [name, cell(at).slice(0, 1_000)]));
  return {
    id: rowId(uploadId, row),
    series,
    ts: time.ts,
    value,
    ...(unit === "" ? {} : { unit }),
    ...(mapping.attrs.length === 0 ? {} : { attrs }),
  };
}
