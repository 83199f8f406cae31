import { type Reading, type RowError, readTimestamp, rowId, seriesName } from "@slipway/contracts";
import type { Mapping } from "./csv-columns.ts";
import type { CsvRow } from "./csv-row.ts";
import { readNumber } from "./number-text.ts";

export interface RowContext {
  readonly uploadId: string;
  readonly mapping: Mapping;
  /** Meaning of times without a zone, for example `Z`. */
  readonly zone: string | undefined;
  /** The sign before the fraction of a number. */
  readonly decimal: "." | ",";
  readonly latestTs: number;
  readonly maxCellChars: number;
}

/** The contract's bounds of an attribute and a unit. */
const MAX_ATTR_CHARS = 1_000;
const MAX_UNIT_CHARS = 50;

/**
 * Turns a row into a reading, or says everything that is wrong with it. `row` counts from 1 without the header.
 *
 * A cell more or less than the header has is an error: which of them is the wrong one, nobody can know. Spaces around
 * series, time, value and unit do not count; attributes are kept as they were sent.
 */
export function readRow({ line, cells }: CsvRow, row: number, context: RowContext): Reading | RowError[] {
  const { mapping, zone, decimal, uploadId, latestTs, maxCellChars } = context;
  if (cells.length !== mapping.width) {
    const problem = cells.length > mapping.width ? "too many" : "too few";
    return [{ line, column: "", reason: `${problem} columns: ${cells.length} instead of ${mapping.width}` }];
  }
  const errors: RowError[] = [];
  const complain = (at: number, reason: string) => errors.push({ line, column: mapping.names[at] ?? "", reason });
  const cell = (at: number) => trim(cells[at] ?? "");
  for (let at = 0; at < cells.length; at += 1) {
    const text = cells[at] ?? "";
    if (text.length > maxCellChars) complain(at, `is longer than ${maxCellChars} characters`);
    else if (isSpacedQuote(text))
      complain(at, "has a space before its quote; write the quote directly after the delimiter");
  }

  const series = mapping.fixedSeries ?? cell(mapping.series);
  const checked = seriesName.safeParse(series);
  if (!checked.success) complain(mapping.series, checked.error.issues[0]?.message ?? "is not valid");

  const rawTs = cell(mapping.ts);
  const time = rawTs === "" ? ({ ok: false, problem: "is missing" } as const) : readTimestamp(rawTs, zone);
  if (!time.ok) complain(mapping.ts, time.problem);
  else if (time.ts > latestTs) complain(mapping.ts, `${new Date(time.ts).toISOString()} is in the future`);

  const rawValue = cell(mapping.value);
  const value = rawValue === "" ? ({ ok: false, problem: "is missing" } as const) : readNumber(rawValue, decimal);
  if (!value.ok) complain(mapping.value, value.problem);

  const unit = mapping.unit === -1 ? "" : cell(mapping.unit);
  if (unit.length > MAX_UNIT_CHARS) complain(mapping.unit, `is longer than ${MAX_UNIT_CHARS} characters`);
  for (const { at } of mapping.attrs) {
    if ((cells[at] ?? "").length > MAX_ATTR_CHARS) complain(at, `is longer than ${MAX_ATTR_CHARS} characters`);
  }
  if (errors.length > 0 || !time.ok || !value.ok) return errors;
  const attrs = Object.fromEntries(mapping.attrs.map(({ name, at }) => [name, release(cells[at] ?? "")]));
  return {
    id: rowId(uploadId, row),
    series: release(series),
    ts: time.ts,
    ...(time.nanos === 0 ? {} : { nanos: time.nanos }),
    value: value.value,
    ...(unit === "" ? {} : { unit: release(unit) }),
    ...(mapping.attrs.length === 0 ? {} : { attrs }),
  };
}

/** A cell that looks quoted, but begins with a space: its quotes, and delimiters inside, would be taken for text. */
function isSpacedQuote(text: string): boolean {
  if (!isSpace(text.charCodeAt(0))) return false;
  const bare = trim(text);
  return bare.length > 1 && bare.startsWith('"') && bare.endsWith('"');
}

/** Without spaces and tabs at its ends. Other white space is content. */
function trim(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isSpace(text.charCodeAt(from))) from += 1;
  while (to > from && isSpace(text.charCodeAt(to - 1))) to -= 1;
  return text.slice(from, to);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** The same text without the piece of the file that V8 would keep in memory behind a slice of it. */
function release(text: string): string {
  return text.length < 13 ? text : ` ${text}`.slice(1);
}
