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

/** A longer name would go into every refusal of its column. */
const MAX_NAME_CHARS = 200;

/** Finds the columns in the header, or says everything that is missing. */
export function mapColumns(
  header: readonly string[],
  wishes: ColumnWishes,
  maxColumns: number,
): { mapping: Mapping } | { problems: string[] } {
  if (header.length > maxColumns)
    return { problems: [`the header has ${header.length} columns; expected at most ${maxColumns}`] };
  const names = header.map((name) => name.trim());
  const problems: string[] = [];
  const long = names.findIndex((name) => name.length > MAX_NAME_CHARS);
  if (long !== -1) return { problems: [`the name of column ${long + 1} is longer than ${MAX_NAME_CHARS} characters`] };
  // Names that are empty come from a delimiter at the end of each line; nobody can ask for them.
  const twice = names.filter((name, at) => name !== "" && names.indexOf(name) !== at);
  for (const name of new Set(twice)) problems.push(`the header names ${JSON.stringify(name)} more than once`);
  const find = (part: string, candidates: readonly string[]): number => {
    const found = candidates.map((name) => (name === "" ? -1 : names.indexOf(name))).find((at) => at !== -1);
    if (found !== undefined) return found;
    const wanted = candidates.map((name) => JSON.stringify(name)).join(" or ");
    problems.push(
      `no column ${wanted} for ${part}; the header has ${shorten(names.join(", "))}. Say ?${part}=NAME to use another column${adviseHeader(names)}`,
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

/** What may be wrong with a header that has none of the columns. */
function adviseHeader(names: readonly string[]): string {
  const [only = ""] = names;
  if (names.some((name) => name.includes("\0")))
    return ". It holds NUL characters: is this UTF-16? Declare its charset";
  if (names.length > 1) return "";
  const delimiter = [";", "\t", "|"].find((sign) => only.includes(sign));
  return delimiter === undefined ? "" : `. Is this the delimiter? Say ?delimiter=${encodeURIComponent(delimiter)}`;
}

function shorten(text: string): string {
  return text.length > 1_000 ? `${text.slice(0, 1_000)}...` : text;
}
