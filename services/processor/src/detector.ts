/**
 * Says how unusual the next number of a series is. Constant state, whatever has been seen.
 *
 * Three parts, each a handful of exponentially weighted averages:
 *  1. a forecast: level of the series, and size of the usual error around it;
 *  2. the surprise: how many usual errors the new number lies away from the forecast;
 *  3. a likelihood in the manner of Numenta's: is the surprise of the last few numbers large against the surprise that
 *     this series has shown over a long time? A series that always jumps is not unusual when it jumps.
 *
 * After an alarm the detector keeps still for a while: one event is one alarm.
 */
export interface DetectorState {
  /** Numbers seen. */
  seen: number;
  level: number;
  /** Average squared error of the forecast. */
  errorSquare: number;
  /** Surprise, lately and for long: averages, and the variance of the latter. */
  recentSurprise: number;
  usualSurprise: number;
  surpriseVariance: number;
  /** Numbers until it may alarm again. */
  quietLeft: number;
}

export interface DetectorSettings {
  /** Weight of the newest number in the level. */
  readonly levelWeight: number;
  /** Weight of the newest error in its usual size. */
  readonly errorWeight: number;
  readonly recentWeight: number;
  readonly usualWeight: number;
  /** Numbers to learn from before the first alarm. */
  readonly warmUp: number;
  /** From this score on it alarms. */
  readonly threshold: number;
  /** Numbers to keep still after an alarm. */
  readonly quiet: number;
}

export interface Judgement {
  /** What was expected, before the number was known; `undefined` while there is nothing to go by. */
  readonly expected: { readonly low: number; readonly high: number } | undefined;
  /** 0 usual, 1 unheard of. */
  readonly score: number;
  readonly isAnomaly: boolean;
  /** Distance from the forecast in usual errors, with its sign. */
  readonly surprise: number;
}

export const defaultSettings: DetectorSettings = {
  levelWeight: 0.2,
  errorWeight: 0.02,
  recentWeight: 0.3,
  usualWeight: 0.004,
  warmUp: 48,
  threshold: 0.35,
  quiet: 48,
};

/** Half of the expected band, in usual errors. */
const BAND_ERRORS = 3;
/** Score 1 stands for one chance in ten to the power of this. */
const SCORE_DECADES = 20;
/** A surprise beyond this says nothing more, and would be remembered for too long. */
const GREATEST_SURPRISE = 12;

export function createDetector(): DetectorState {
  return {
    seen: 0,
    level: 0,
    errorSquare: 0,
    recentSurprise: 0,
    usualSurprise: 0,
    surpriseVariance: 0,
    quietLeft: 0,
  };
}

/** The band in which the next number is expected; `undefined` before there is something to go by. */
export function expectNext(state: DetectorState): { low: number; high: number } | undefined {
  if (state.seen < 3) return undefined;
  const half = BAND_ERRORS * usualError(state);
  return { low: state.level - half, high: state.level + half };
}

/** Judges `value` by what came before it, then learns from it. Changes `state`; the same state and value give the same. */
export function judgeNext(state: DetectorState, value: number, settings: DetectorSettings): Judgement {
  if (state.seen === 0) {
    state.seen = 1;
    state.level = value;
    return { expected: undefined, score: 0, isAnomaly: false, surprise: 0 };
  }
  const expected = expectNext(state);
  const error = value - state.level;
  const surprise = clamp(error / usualError(state));
  const size = Math.abs(surprise);

  state.seen += 1;
  // A plain mean while there are few, so that the first number does not weigh for ever.
  const weigh = (weight: number) => Math.max(weight, 1 / state.seen);
  state.level += weigh(settings.levelWeight) * error;
  state.errorSquare += weigh(settings.errorWeight) * (error * error - state.errorSquare);
  state.recentSurprise += settings.recentWeight * (size - state.recentSurprise);
  const fromUsual = size - state.usualSurprise;
  state.usualSurprise += weigh(settings.usualWeight) * fromUsual;
  state.surpriseVariance += weigh(settings.usualWeight) * (fromUsual * fromUsual - state.surpriseVariance);

  const deviations = (state.recentSurprise - state.usualSurprise) / Math.sqrt(state.surpriseVariance + 0.05);
  const score = Math.min(1, Math.max(0, tailDecades(deviations) / SCORE_DECADES));
  const mayAlarm = state.seen > settings.warmUp && state.quietLeft === 0;
  const isAnomaly = mayAlarm && score >= settings.threshold;
  state.quietLeft = isAnomaly ? settings.quiet : Math.max(0, state.quietLeft - 1);
  return { expected, score, isAnomaly, surprise };
}

function usualError({ errorSquare, level }: DetectorState): number {
  // A flat series has no error at all; a thousandth of its level is then the smallest step that counts.
  return Math.sqrt(errorSquare) + 1e-3 * Math.abs(level) + 1e-9;
}

function clamp(surprise: number): number {
  return Math.max(-GREATEST_SURPRISE, Math.min(GREATEST_SURPRISE, surprise));
}

/** -log10 of the upper tail of the normal distribution at `z`; asymptotic series from 2 on, 0 below the mean. */
function tailDecades(z: number): number {
  if (z <= 0) return 0;
  // Abramowitz and Stegun 26.2.17 would underflow for large z; Mills' ratio bound is within 10 percent everywhere here.
  const logTail = -0.5 * z * z - Math.log(0.5 * (z + Math.sqrt(z * z + 8 / Math.PI)) * Math.sqrt(2 * Math.PI));
  return -logTail / Math.LN10 - 0.30103;
}
