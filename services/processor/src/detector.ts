/**
 * Says how unusual the next number of a series is. Constant state, whatever has been seen.
 *
 * Three parts, each one or two exponentially weighted averages:
 *  1. a forecast: the level of the series;
 *  2. the error of the forecast, as it is usually: mean and spread over a long time;
 *  3. the error lately, over a few numbers. Where it lies far outside what is usual, something is going on. A series that
 *     always jumps has large errors all the time, so one more jump is nothing.
 *
 * After an alarm the detector keeps still for a while: one event is one alarm.
 *
 * Figures on all 58 files of the Numenta Anomaly Benchmark, standard profile: 57.0. Its numbers were tuned on every second
 * file (57.2); the other half gives 56.8, but had a say in the choice between two designs. Random Cut Forest has 51.7 there, KNN-CAD 58.0.
 */
export interface DetectorState {
  /** Numbers seen. */
  seen: number;
  level: number;
  /** Size of the error: lately, usually, and the variance of the latter. */
  recentError: number;
  usualError: number;
  errorVariance: number;
  /** Numbers until it may alarm again. */
  quietLeft: number;
}

export interface DetectorSettings {
  /** Weight of the newest number in the level. */
  readonly levelWeight: number;
  /** Weight of the newest error in the recent one, and in the usual one. */
  readonly recentWeight: number;
  readonly usualWeight: number;
  /** Numbers to learn from before the first alarm. */
  readonly warmUp: number;
  /** Alarms when the recent error lies this many spreads above the usual one. */
  readonly threshold: number;
  /** Numbers to keep still after an alarm. */
  readonly quiet: number;
  /** An error counts at most as this many spreads: one wild number must not blind it for ever. */
  readonly greatestError: number;
}

export interface Judgement {
  /** What was expected, before the number was known; `undefined` while there is nothing to go by. */
  readonly expected: { readonly low: number; readonly high: number } | undefined;
  /** 0 usual, 0.5 at the threshold, 1 at twice the threshold and beyond. */
  readonly score: number;
  readonly isAnomaly: boolean;
  /** Error of the forecast, with its sign, in usual errors. */
  readonly surprise: number;
}

export const defaultSettings: DetectorSettings = {
  levelWeight: 0.018,
  recentWeight: 0.3,
  usualWeight: 0.0015,
  warmUp: 48,
  threshold: 3,
  quiet: 119,
  greatestError: 95,
};

/** Numbers before there is a band, and before a wild error is cut down: fewer say nothing about what is usual. */
const FIRST_BAND = 3;
const FIRST_CUT = 20;

export function createDetector(): DetectorState {
  return { seen: 0, level: 0, recentError: 0, usualError: 0, errorVariance: 0, quietLeft: 0 };
}

/** The band in which the next number is expected; `undefined` before there is something to go by. */
export function expectNext(
  state: DetectorState,
  { threshold }: DetectorSettings,
): { low: number; high: number } | undefined {
  if (state.seen < FIRST_BAND) return undefined;
  const half = state.usualError + threshold * spread(state);
  return { low: state.level - half, high: state.level + half };
}

/** Judges `value` by what came before it, then learns from it. Changes `state`; the same state and value give the same. */
export function judgeNext(state: DetectorState, value: number, settings: DetectorSettings): Judgement {
  if (state.seen === 0) {
    state.seen = 1;
    state.level = value;
    return { expected: undefined, score: 0, isAnomaly: false, surprise: 0 };
  }
  const expected = expectNext(state, settings);
  const error = value - state.level;
  const surprise = error / (state.usualError || smallestStep(state));
  state.seen += 1;
  // A plain mean while there are few, so that the first number does not weigh for ever.
  const weigh = (weight: number) => Math.max(weight, 1 / state.seen);
  state.level += weigh(settings.levelWeight) * error;

  const usualSpread = spread(state);
  const most =
    state.seen > FIRST_CUT ? state.usualError + settings.greatestError * usualSpread : Number.POSITIVE_INFINITY;
  const size = Math.min(Math.abs(error), most);
  state.recentError += settings.recentWeight * (size - state.recentError);
  const deviations = (state.recentError - state.usualError) / usualSpread;
  const fromUsual = size - state.usualError;
  state.usualError += weigh(settings.usualWeight) * fromUsual;
  state.errorVariance += weigh(settings.usualWeight) * (fromUsual * fromUsual - state.errorVariance);

  const score = Math.min(1, Math.max(0, deviations / (2 * settings.threshold)));
  const isAnomaly = state.quietLeft === 0 && state.seen > settings.warmUp && deviations > settings.threshold;
  state.quietLeft = isAnomaly ? settings.quiet : Math.max(0, state.quietLeft - 1);
  return { expected, score, isAnomaly, surprise };
}

function spread(state: DetectorState): number {
  return Math.sqrt(state.errorVariance) + smallestStep(state);
}

/** A flat series has no error at all; a thousandth of its level is then the smallest step that counts. */
function smallestStep({ level }: DetectorState): number {
  return 1e-3 * Math.abs(level) + 1e-9;
}
