import { finished, pipeline, Readable } from "node:stream";
import { type CsvError, type Info, parse } from "csv-parse";

/** Which columns of a file hold what, by their names in the header. */
export interface Columns {
  readonly series: string;
  readonly ts: string;
  readonly value: string;
  readonly unit: string | undefined;
  /** Columns that become attributes. */
  readonly attrs: readonly string[];
}

/** One row as texts. `line` is where it begins, counted from 1 with the header. */
export interface CsvRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/** The rest of the file cannot be read. */
export class UnreadableCsv extends Error {
  override readonly name = "UnreadableCsv";
  constructor(
    readonly line: number,
    reason: string,
  ) {
    super(`line ${line}: ${reason}`);
  }
}

/** A row longer than this is no row: most likely a quote that is never closed. */
const MAX_ROW_BYTES = 256 * 1024;

const unreadable: Partial<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: "a quote is opened in or after this line and never closed; nothing from here on was read",
  CSV_MAX_RECORD_SIZE: `the row is longer than ${MAX_ROW_BYTES} bytes; is a quote never closed? Nothing from here on was read`,
};

/**
 * Reads CSV piece by piece (RFC 4180; also with CR LF, a byte order mark, blank lines). The header comes first.
 *
 * @throws UnreadableCsv when the rest cannot be split into rows.
 */
export async function* readCsvRows(bytes: AsyncIterable<Uint8Array>, delimiter: string): AsyncGenerator<CsvRow> {
  const parser = parse({
    delimiter,
    bom: true,
    info: true,
    skip_empty_lines: true,
    // Rows of the wrong length are counted and reported by the caller; the parser would end at the first one.
    relax_column_count: true,
    // A quote in the middle of a cell is text. Without this the parser loses the row after it.
    relax_quotes: true,
    max_record_size: MAX_ROW_BYTES,
    // An error would throw away the rows that are read and not yet taken. This way it comes after them.
    skip_records_with_error: true,
  });
  let failure: string | undefined;
  parser.on("skip", ({ code, message }: CsvError) => {
    failure ??= unreadable[code] ?? message;
  });
  const from = Readable.from(bytes, { objectMode: false });
  // Errors of either end come out of the loop below.
  pipeline(from, parser, () => undefined);
  let lastLine = 0;
  try {
    for await (const item of parser) {
      const { record, info } = item as { record: string[]; info: Info };
      lastLine = info.lines;
      yield { line: info.lines - countBreaks(record), cells: record };
    }
  } finally {
    from.destroy();
    finished(from, () => undefined);
  }
  if (failure !== undefined) throw new UnreadableCsv(lastLine + 1, failure);
}

function countBreaks(cells: readonly string[]): number {
  let breaks = 0;
  for (const cell of cells) for (let at = cell.indexOf("\n"); at !== -1; at = cell.indexOf("\n", at + 1)) breaks += 1;
  return breaks;
}

/** What is wanted of a file, as the query of the request says it. */
export interface ColumnWishes {
  readonly series?: string | undefined;
  readonly ts?: string | undefined;
  readonly value?: string | undefined;
  readonly unit?: string | undefined;
  readonly attrs?: readonly string[] | undefined;
  /** All rows belong to this series, and no column names it. */
  readonly fixedSeries?: string | undefined;
}

/** Where in a row each part lies; -1 for a part that the file does not have. */
export interface Mapping {
  readonly width: number;
  readonly names: readonly string[];
  readonly series: number;
  readonly fixedSeries: string | undefined;
  readonly ts: number;
  readonly value: number;
  readonly unit: number;
  readonly attrs: readonly { readonly name: string; readonly at: number }[];
  /** Columns that nobody asked for. */
  readonly ignored: readonly string[];
}

/** Names under which the time is looked for when the request does not say. */
const TIME_NAMES = ["ts", "timestamp", "time"];

/** Finds the columns in the header, or says everything that is missing. */
export function mapColumns(
  header: readonly string[],
  wishes: ColumnWishes,
): { mapping: Mapping } | { problems: string[] } {
  const names = header.map((name) => name.trim());
  const problems: string[] = [];
  const twice = names.filter((name, at) => names.indexOf(name) !== at);
  for (const name of new Set(twice)) problems.push(`the header names ${JSON.stringify(name)} more than once`);
  const find = (part: string, candidates: readonly string[]): number => {
    const found = candidates.map((name) => names.indexOf(name)).find((at) => at !== -1);
    if (found !== undefined) return found;
    const wanted = candidates.map((name) => JSON.stringify(name)).join(" or ");
    problems.push(
      `no column ${wanted} for ${part}; the header has ${names.join(", ")}. Say ?${part}=NAME to take an other column`,
    );
    return -1;
  };
  const mapping: Mapping = {
    width: names.length,
    names,
    fixedSeries: wishes.fixedSeries,
    series: wishes.fixedSeries === undefined ? find("series", [wishes.series ?? "series"]) : -1,
    ts: find("ts", wishes.ts === undefined ? TIME_NAMES : [wishes.ts]),
    value: find("value", [wishes.value ?? "value"]),
    unit: wishes.unit === undefined ? names.indexOf("unit") : find("unit", [wishes.unit]),
    attrs: (wishes.attrs ?? []).map((name) => ({ name, at: find("attrs", [name]) })),
    ignored: [],
  };
  if (problems.length > 0) return { problems };
  const used = new Set([mapping.series, mapping.ts, mapping.value, mapping.unit, ...mapping.attrs.map(({ at }) => at)]);
  return { mapping: { ...mapping, ignored: names.filter((_, at) => !used.has(at)) } };
}
