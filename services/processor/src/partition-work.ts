import {
  ALGO,
  type AnomalyRecord,
  anomalyKey,
  type Band,
  listProblems,
  type Reading,
  reading,
  type WindowRecord,
  windowKey,
} from "@slipway/contracts";
import {
  acceptReading,
  createSeriesState,
  expectedBand,
  type FinalWindow,
  type SeriesState,
  type Sums,
  standardDeviation,
  type WindowSettings,
} from "./windows.ts";

/** A record of the input, as much of it as matters here. */
export interface InputRecord {
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

export interface KeyedText {
  readonly key: string;
  readonly value: string;
}

export interface DeadLetter {
  readonly record: InputRecord;
  readonly reason: string;
  readonly stage: "decode" | "schema" | "late";
}

/** What has to be written since the last time. Windows and anomalies first; only then states, and last the offset. */
export interface Outputs {
  readonly windows: readonly KeyedText[];
  readonly anomalies: readonly KeyedText[];
  readonly deadLetters: readonly DeadLetter[];
  readonly states: readonly KeyedText[];
}

export interface Counts {
  counted: number;
  repeated: number;
  tooLate: number;
  refused: number;
}

/**
 * The work on one partition, without Kafka: records in, records out. What it remembers are the states of its series.
 *
 * After a crash a new one takes the written states and gets all records after the committed offset again. A series whose
 * state was written later than that skips what it knows; the others compute the same results under the same keys again.
 */
export class PartitionWork {
  readonly counts: Counts = { counted: 0, repeated: 0, tooLate: 0, refused: 0 };
  readonly #partition: number;
  readonly #settings: WindowSettings;
  readonly #series = new Map<string, SeriesState>();
  /** Open windows that changed, by series, each with the band that held when it last changed. */
  readonly #touched = new Map<string, Map<Sums, Band | undefined>>();
  #windows: KeyedText[] = [];
  #anomalies: KeyedText[] = [];
  #deadLetters: DeadLetter[] = [];

  constructor(partition: number, settings: WindowSettings) {
    this.#partition = partition;
    this.#settings = settings;
  }

  get seriesCount(): number {
    return this.#series.size;
  }

  /**
   * Takes back a state that an earlier process has written. Of several for one series the one that knows most counts: a
   * processor that was held up in its writing may put an older one behind that of its successor.
   */
  restore(key: string, value: string): void {
    const state = JSON.parse(value, reviveInfinity) as SeriesState;
    if (state.offset >= (this.#series.get(key)?.offset ?? -1)) this.#series.set(key, state);
  }

  accept(record: InputRecord): void {
    const event = this.#decode(record);
    if (event === undefined) return;
    const { series } = event;
    let state = this.#series.get(series);
    if (state === undefined) {
      state = createSeriesState();
      this.#series.set(series, state);
    }
    const { outcome, touched, finished } = acceptReading(state, event, record.offset, this.#settings);
    if (outcome === "repeated") {
      this.counts.repeated += 1;
    } else if (outcome === "too-late") {
      this.counts.tooLate += 1;
      this.#bury(record, "late", `its window was final: the series had reached ${isoTime(state.newestTs)}`);
    } else {
      this.counts.counted += 1;
    }
    // Also a repeated or late one moves the state on, which has to be written.
    const open = this.#touched.get(series) ?? new Map<Sums, Band | undefined>();
    this.#touched.set(series, open);
    // The band of now, not of when it is written: what is written must not depend on how records are grouped.
    if (touched !== undefined) open.set(touched, expectedBand(state, this.#settings));
    for (const final of finished) {
      open.delete(final.sums);
      this.#finish(series, final);
    }
  }

  /** Hands out what is to be written, once. */
  collect(): Outputs {
    const states: KeyedText[] = [];
    for (const [series, sums] of this.#touched) {
      const state = this.#series.get(series);
      if (state === undefined) continue;
      for (const [open, expected] of sums) this.#windows.push(this.#windowText(series, open, "open", expected));
      states.push({ key: series, value: JSON.stringify(state, keepInfinity) });
    }
    const outputs: Outputs = {
      windows: this.#windows,
      anomalies: this.#anomalies,
      deadLetters: this.#deadLetters,
      states,
    };
    this.#touched.clear();
    this.#windows = [];
    this.#anomalies = [];
    this.#deadLetters = [];
    return outputs;
  }

  #decode(record: InputRecord): Reading | undefined {
    let json: unknown;
    try {
      json = JSON.parse(record.value?.toString("utf8") ?? "");
    } catch (error) {
      this.#bury(record, "decode", `not JSON: ${(error as Error).message}`);
      return undefined;
    }
    const parsed = reading.safeParse(json);
    if (parsed.success) return parsed.data;
    const problems = listProblems(parsed.error).map(({ field, detail }) => `${field || "(all)"}: ${detail}`);
    this.#bury(record, "schema", problems.join("; "));
    return undefined;
  }

  #bury(record: InputRecord, stage: DeadLetter["stage"], reason: string): void {
    if (stage !== "late") this.counts.refused += 1;
    this.#deadLetters.push({ record, reason, stage });
  }

  #finish(series: string, { sums, expected, anomaly }: FinalWindow): void {
    this.#windows.push(this.#windowText(series, sums, "final", expected));
    if (anomaly === undefined) return;
    const direction = anomaly.surprise >= 0 ? "high" : "low";
    const record: AnomalyRecord = {
      series,
      ts: sums.startTs,
      endTs: sums.startTs + this.#settings.windowMs,
      value: sums.mean,
      expected: anomaly.expected,
      score: anomaly.score,
      direction,
      reason: explain(sums.mean, anomaly.expected, anomaly.surprise),
      algo: ALGO,
      source: { partition: this.#partition, offset: sums.offset },
    };
    this.#anomalies.push({ key: anomalyKey(series, sums.startTs), value: JSON.stringify(record) });
  }

  #windowText(series: string, sums: Sums, phase: WindowRecord["state"], expected: Band | undefined): KeyedText {
    const record: WindowRecord = {
      series,
      startTs: sums.startTs,
      endTs: sums.startTs + this.#settings.windowMs,
      count: sums.count,
      mean: sums.mean,
      sd: standardDeviation(sums),
      min: sums.min,
      max: sums.max,
      rev: sums.rev,
      state: phase,
      ...(expected === undefined ? {} : { expected }),
      ...(sums.unit === undefined ? {} : { unit: sums.unit }),
      algo: ALGO,
      source: { partition: this.#partition, offset: sums.offset },
    };
    return { key: windowKey(series, sums.startTs), value: JSON.stringify(record) };
  }
}

function explain(value: number, { low, high }: Band, surprise: number): string {
  const range = `${short(low)} to ${short(high)}`;
  if (value >= low && value <= high)
    return `Unsteady: mean ${short(value)} alone is within ${range}, the last few are not`;
  const size = short(Math.abs(surprise));
  return `Mean ${short(value)} is outside ${range}: ${size} times the usual error ${surprise >= 0 ? "above" : "below"} the forecast`;
}

function short(value: number): string {
  return Number(value.toPrecision(4)).toString();
}

function isoTime(ts: number): string {
  return new Date(ts).toISOString();
}

// JSON has no infinity; the newest time of a series that has none yet is one.
function keepInfinity(_key: string, value: unknown): unknown {
  return value === Number.NEGATIVE_INFINITY ? "-Infinity" : value;
}

function reviveInfinity(key: string, value: unknown): unknown {
  return key === "newestTs" && value === "-Infinity" ? Number.NEGATIVE_INFINITY : value;
}
