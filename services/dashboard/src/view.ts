import type { AnomalyRecord, WindowRecord } from "@slipway/contracts";
import type { Overview, SeriesFound, SeriesSlice, SeriesSummary, Totals } from "./page-contract.ts";

interface Entry {
  readonly windows: Map<number, WindowRecord>;
  readonly anomalies: Map<number, AnomalyRecord>;
  /** The windows in order of time; made when somebody asks, void after a new one. */
  ordered: WindowRecord[] | undefined;
  unit: string | undefined;
  readings: number;
  firstTs: number;
  lastTs: number;
  version: number;
}

export interface Range {
  readonly fromTs: number;
  readonly toTs: number;
}

/** All windows and anomalies there are, in memory. Repeats and records that come late change nothing. */
export class View {
  readonly #series = new Map<string, Entry>();
  #windows = 0;
  #readings = 0;
  #anomalies = 0;
  #names: string[] | undefined;

  get totals(): Totals {
    return {
      series: this.#series.size,
      windows: this.#windows,
      readings: this.#readings,
      anomalies: this.#anomalies,
    };
  }

  /** What every page is told when these series changed and these anomalies are new. */
  overview(changed: readonly string[], anomalies: readonly AnomalyRecord[]): Overview {
    return {
      totals: this.totals,
      // A page shows a screenful; what is beyond it comes with the next look at the list.
      changed: changed.slice(0, 100).flatMap((id) => this.summarize(id) ?? []),
      anomalies: anomalies.slice(-20),
    };
  }

  /** False when nothing changed: the record, or a newer one, is known. */
  applyWindow(record: WindowRecord): boolean {
    const entry = this.#entry(record.series);
    const known = entry.windows.get(record.startTs);
    if (known !== undefined && isCovered(known, record)) return false;
    entry.windows.set(record.startTs, record);
    const more = record.count - (known?.count ?? 0);
    entry.readings += more;
    this.#readings += more;
    if (known === undefined) {
      this.#windows += 1;
      const { ordered } = entry;
      const last = ordered?.at(-1);
      // Nearly always the new one is the newest.
      if (ordered !== undefined && last !== undefined && last.startTs < record.startTs) ordered.push(record);
      else entry.ordered = undefined;
    } else if (entry.ordered !== undefined) {
      const at = findFrom(entry.ordered, record.startTs);
      entry.ordered[at] = record;
    }
    entry.firstTs = Math.min(entry.firstTs, record.startTs);
    entry.lastTs = Math.max(entry.lastTs, record.startTs);
    entry.unit = record.unit ?? entry.unit;
    entry.version += 1;
    return true;
  }

  /** False when it is known. */
  applyAnomaly(record: AnomalyRecord): boolean {
    const entry = this.#entry(record.series);
    const known = entry.anomalies.get(record.ts);
    if (known !== undefined && known.algo === record.algo && known.source.offset >= record.source.offset) return false;
    if (known === undefined) this.#anomalies += 1;
    entry.anomalies.set(record.ts, record);
    entry.version += 1;
    return true;
  }

  /** Series whose name holds `query` (any case), in order of name. */
  listSeries(query: string, limit: number): SeriesFound {
    this.#names ??= [...this.#series.keys()].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
    const wanted = query.toLowerCase();
    const names = wanted === "" ? this.#names : this.#names.filter((name) => name.toLowerCase().includes(wanted));
    const series = names.slice(0, limit).flatMap((name) => this.summarize(name) ?? []);
    return { total: names.length, series };
  }

  summarize(id: string): SeriesSummary | undefined {
    const entry = this.#series.get(id);
    if (entry === undefined || entry.windows.size === 0) return undefined;
    return {
      id,
      unit: entry.unit,
      windows: entry.windows.size,
      readings: entry.readings,
      anomalies: entry.anomalies.size,
      firstTs: entry.firstTs,
      lastTs: entry.lastTs,
      lastMean: entry.windows.get(entry.lastTs)?.mean ?? Number.NaN,
    };
  }

  /** The newest `limit` windows that begin in the range (`fromTs` inclusive, `toTs` exclusive), oldest first. */
  readSeries(id: string, { fromTs, toTs }: Range, limit: number): SeriesSlice | undefined {
    const entry = this.#series.get(id);
    const summary = this.summarize(id);
    if (entry === undefined || summary === undefined) return undefined;
    entry.ordered ??= [...entry.windows.values()].sort((a, b) => a.startTs - b.startTs);
    const from = findFrom(entry.ordered, fromTs);
    const to = findFrom(entry.ordered, toTs);
    const start = Math.max(from, to - limit);
    const windows = entry.ordered.slice(start, to);
    const firstTs = windows[0]?.startTs ?? fromTs;
    const anomalies = [...entry.anomalies.values()]
      .filter(({ ts }) => ts >= firstTs && ts < toTs)
      .sort((a, b) => a.ts - b.ts);
    return { summary, windows, anomalies, truncated: start > from, version: entry.version };
  }

  /** Newest first. */
  listAnomalies(series: string | undefined, { fromTs, toTs }: Range, limit: number): AnomalyRecord[] {
    const entries = series === undefined ? [...this.#series.values()] : [this.#series.get(series)];
    return entries
      .flatMap((entry) => [...(entry?.anomalies.values() ?? [])])
      .filter(({ ts }) => ts >= fromTs && ts < toTs)
      .sort((a, b) => b.ts - a.ts || a.series.localeCompare(b.series))
      .slice(0, limit);
  }

  #entry(series: string): Entry {
    let entry = this.#series.get(series);
    if (entry === undefined) {
      entry = {
        windows: new Map(),
        anomalies: new Map(),
        ordered: undefined,
        unit: undefined,
        readings: 0,
        firstTs: Number.POSITIVE_INFINITY,
        lastTs: Number.NEGATIVE_INFINITY,
        version: 0,
      };
      this.#series.set(series, entry);
      this.#names = undefined;
    }
    return entry;
  }
}

/** What is known is as new as the record, so the record is a repeat, or comes from a process that has been replaced. */
function isCovered(known: WindowRecord, record: WindowRecord): boolean {
  if (known.algo !== record.algo) return false;
  if (known.source.offset !== record.source.offset) return known.source.offset > record.source.offset;
  return known.state === "final" || record.state === "open";
}

/** Index of the first window that begins at or after `ts`. */
function findFrom(ordered: readonly WindowRecord[], ts: number): number {
  let low = 0;
  let high = ordered.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ordered[middle]?.startTs ?? ts) < ts) low = middle + 1;
    else high = middle;
  }
  return low;
}
