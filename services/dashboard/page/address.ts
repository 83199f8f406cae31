/** What the address of the page holds: whoever gets the link sees the same. */
export interface Shown {
  readonly series: string | undefined;
  /** Length of the range up to the newest window, `all`, or a part between two times. */
  readonly range: RangeName | { readonly fromTs: number; readonly toTs: number };
}

export type RangeName = "24h" | "7d" | "30d" | "all";

export const rangeMs: Record<RangeName, number> = {
  "24h": 86_400_000,
  "7d": 7 * 86_400_000,
  "30d": 30 * 86_400_000,
  all: Number.POSITIVE_INFINITY,
};

export function readAddress(): Shown {
  const query = new URLSearchParams(location.search);
  const name = query.get("range");
  const fromTs = Date.parse(query.get("from") ?? "");
  const toTs = Date.parse(query.get("to") ?? "");
  const part = fromTs < toTs ? { fromTs, toTs } : undefined;
  const named = name !== null && name in rangeMs ? (name as RangeName) : "all";
  return { series: query.get("series") ?? undefined, range: part ?? named };
}

export function writeAddress({ series, range }: Shown, push: boolean): void {
  const query = new URLSearchParams();
  if (series !== undefined) query.set("series", series);
  if (typeof range === "object") {
    query.set("from", new Date(range.fromTs).toISOString());
    query.set("to", new Date(range.toTs).toISOString());
  } else if (range !== "all") {
    query.set("range", range);
  }
  const text = query.toString();
  history[push ? "pushState" : "replaceState"](null, "", text === "" ? location.pathname : `?${text}`);
}
