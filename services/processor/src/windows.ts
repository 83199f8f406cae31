import { type Band, parseRowId, type Reading } from "@slipway/contracts";
import { createDetector, type DetectorSettings, type DetectorState, expectNext, judgeNext } from "./detector.ts";

export interface WindowSettings {
  readonly windowMs: number;
  /** How far behind the newest reading of its series one may come and still count. */
  readonly allowedLatenessMs: number;
  /** Ids of single readings that are remembered for each series. */
  readonly rememberedIds: number;
  readonly detector: DetectorSettings;
}

/** Sums of an open window. `m2` is the sum of squared distances from the mean (Welford). */
export interface Sums {
  startTs: number;
  count: number;
  mean: number;
  m2: number;
  min: number;
  max: number;
  rev: number;
  /** Of the last reading that named one. */
  unit?: string;
  /** Offset of the last event that changed it. */
  offset: number;
}

/**
 * All that is known of one series. Plain data, so that it can be written to a topic and read back.
 *
 * `offset` is that of the last event that is in here: a repeated one at or below it changes nothing. Time belongs to the
 * series, not to the partition, so that what becomes of a series depends on its own events alone, whoever else shares the
 * partition.
 */
export interface SeriesState {
  offset: number;
  newestTs: number;
  open: Sums[];
  detector: DetectorState;
  /** Newest last. */
  ids: string[];
  /** Highest row seen of each upload, newest upload last. */
  uploads: [uploadId: string, row: number][];
}

export interface FinalWindow {
  readonly sums: Sums;
  readonly expected: Band | undefined;
  readonly anomaly: { readonly score: number; readonly surprise: number; readonly expected: Band } | undefined;
}

export interface Effects {
  readonly outcome: "counted" | "repeated" | "too-late";
  readonly touched: Sums | undefined;
  /** Windows that nothing can change any more, oldest first. */
  readonly finished: readonly FinalWindow[];
}

/** Uploads that are remembered for each series. */
const REMEMBERED_UPLOADS = 16;

export function createSeriesState(): SeriesState {
  return {
    offset: -1,
    newestTs: Number.NEGATIVE_INFINITY,
    open: [],
    detector: createDetector(),
    ids: [],
    uploads: [],
  };
}

/** Start of the window that holds `ts`. Windows are aligned to 1970. */
function windowStart(ts: number, windowMs: number): number {
  return Math.floor(ts / windowMs) * windowMs;
}

/**
 * Takes in one reading at `offset` of the partition. Changes `state`. The outcome is a function of state, reading and
 * offset alone: doing it again after a crash gives the same, number by number.
 *
 * A window is final when the series' newest reading is `allowedLatenessMs` past its end. Each final window is judged once,
 * in order of time, so anomalies do not depend on the order in which readings came.
 */
export function acceptReading(state: SeriesState, reading: Reading, offset: number, settings: WindowSettings): Effects {
  if (offset <= state.offset) return { outcome: "repeated", touched: undefined, finished: [] };
  state.offset = offset;
  if (!remember(state, reading.id, settings.rememberedIds))
    return { outcome: "repeated", touched: undefined, finished: [] };

  const { windowMs, allowedLatenessMs } = settings;
  const startTs = windowStart(reading.ts, windowMs);
  if (startTs + windowMs <= state.newestTs - allowedLatenessMs) {
    return { outcome: "too-late", touched: undefined, finished: [] };
  }
  const sums = findOrOpen(state.open, startTs);
  // The series has moved on to a later window, and this one changes behind its back.
  if (sums.count > 0 && state.newestTs >= startTs + windowMs) sums.rev += 1;
  addValue(sums, reading.value, offset);
  if (reading.unit !== undefined) sums.unit = reading.unit;
  if (reading.ts <= state.newestTs) return { outcome: "counted", touched: sums, finished: [] };
  state.newestTs = reading.ts;
  return { outcome: "counted", touched: sums, finished: finishWindows(state, offset, settings) };
}

/** The band for the window that is open now. */
export function expectedBand(state: SeriesState, settings: WindowSettings): Band | undefined {
  return expectNext(state.detector, settings.detector);
}

/** Standard deviation of the values of a window, divided by n. */
export function standardDeviation({ m2, count }: Sums): number {
  return Math.sqrt(Math.max(0, m2) / count);
}

function addValue(sums: Sums, value: number, offset: number): void {
  sums.count += 1;
  const fromOld = value - sums.mean;
  sums.mean += fromOld / sums.count;
  sums.m2 += fromOld * (value - sums.mean);
  sums.min = Math.min(sums.min, value);
  sums.max = Math.max(sums.max, value);
  sums.offset = offset;
}

/** `open` stays ordered by time; a series has few open windows, so a search from the end is quickest. */
function findOrOpen(open: Sums[], startTs: number): Sums {
  let at = open.length;
  for (; at > 0; at -= 1) {
    const sums = open[at - 1];
    if (sums === undefined || sums.startTs < startTs) break;
    if (sums.startTs === startTs) return sums;
  }
  const fresh: Sums = {
    startTs,
    count: 0,
    mean: 0,
    m2: 0,
    min: Number.POSITIVE_INFINITY,
    max: Number.NEGATIVE_INFINITY,
    rev: 0,
    offset: -1,
  };
  open.splice(at, 0, fresh);
  return fresh;
}

function finishWindows(state: SeriesState, offset: number, settings: WindowSettings): FinalWindow[] {
  const watermark = state.newestTs - settings.allowedLatenessMs;
  const finished: FinalWindow[] = [];
  while (state.open[0] !== undefined && state.open[0].startTs + settings.windowMs <= watermark) {
    const sums = state.open[0];
    state.open.shift();
    sums.offset = offset;
    const { expected, score, isAnomaly, surprise } = judgeNext(state.detector, sums.mean, settings.detector);
    const anomaly = isAnomaly && expected !== undefined ? { score, surprise, expected } : undefined;
    finished.push({ sums, expected, anomaly });
  }
  return finished;
}

/** False when this id has been seen, as far as the memory reaches. */
function remember(state: SeriesState, id: string, rememberedIds: number): boolean {
  const row = parseRowId(id);
  if (row === undefined) {
    if (state.ids.includes(id)) return false;
    state.ids.push(id);
    if (state.ids.length > rememberedIds) state.ids.shift();
    return true;
  }
  const at = state.uploads.findIndex(([uploadId]) => uploadId === row.uploadId);
  const known = state.uploads[at];
  if (known === undefined) {
    state.uploads.push([row.uploadId, row.row]);
    if (state.uploads.length > REMEMBERED_UPLOADS) state.uploads.shift();
    return true;
  }
  if (row.row <= known[1]) return false;
  known[1] = row.row;
  return true;
}
