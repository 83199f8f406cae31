import { type Deployment, type MissingEvents, type Outcome, readDeployments } from "./deployments.ts";
import type { LedgerEvent } from "./ledger.ts";

/** How a set of durations is spread. Each figure is one of them: the least that half, or nine tenths, do not exceed. */
export interface Spread {
  readonly count: number;
  readonly sumMs: number;
  readonly medianMs: number | undefined;
  readonly p90Ms: number | undefined;
}

/**
 * The delivery performance of one ring, as DORA defines it (https://dora.dev/guides/dora-metrics/), counted from the ledger
 * alone. What the ledger does not know is left out and counted apart.
 */
export interface DeliveryMetrics {
  readonly sinceMs: number;
  readonly untilMs: number;
  /** Deployments of the window, by what became of them. */
  readonly deployments: Readonly<Record<Outcome, number>>;
  /** Deployments a day; `undefined` when the window is shorter than a day. */
  readonly perDay: number | undefined;
  /** From one deployment to the next. */
  readonly gaps: Spread;
  /** Change lead time: from the time of a release's commit to the first time that it had the whole traffic of the ring. */
  readonly leadTime: Spread;
  /** Releases left out of it because their commit is later than their traffic: clocks that disagree. */
  readonly withoutLeadTime: number;
  /** Change fail rate: failed deployments of all that have ended their bake, from 0 to 1; `undefined` without any. */
  readonly failRatio: number | undefined;
  /** Failed deployment recovery time: from the decision that it failed to the traffic at a healthy release. */
  readonly recoveryTime: Spread;
  /** Failed deployments after which no healthy release has had the traffic yet. */
  readonly unrestored: number;
  /** Attempts whose release never got the whole traffic: no deployments. */
  readonly stopped: number;
  /** Of all times. */
  readonly missing: MissingEvents;
}

const DAY_MS = 86_400_000;

/**
 * Counts the deployments that got the traffic in a window, and what became of them later.
 *
 * @param window `sinceMs` is included, `untilMs` is not; without `sinceMs` it begins with the ledger
 */
export function measureDelivery(
  events: readonly LedgerEvent[],
  { sinceMs, untilMs }: { readonly sinceMs?: number | undefined; readonly untilMs: number },
): DeliveryMetrics {
  const { all, stoppedMs, missing } = readDeployments(events);
  const beginMs = sinceMs ?? events.reduce((first, { at }) => Math.min(first, Date.parse(at)), untilMs);
  const isWithin = (ms: number) => ms >= beginMs && ms < untilMs;
  const within = all.filter(({ atMs }) => isWithin(atMs));
  const leadTimes = listFirsts(all)
    .filter(({ atMs }) => isWithin(atMs))
    .map(({ atMs, release }) => atMs - Date.parse(release.commitTime));
  const deployments = countOutcomes(within);
  const ended = within.length - deployments.baking;
  const windowMs = untilMs - beginMs;
  return {
    sinceMs: beginMs,
    untilMs,
    deployments,
    perDay: windowMs < DAY_MS ? undefined : within.length / (windowMs / DAY_MS),
    gaps: spreadOf(within.slice(1).map(({ atMs }, index) => atMs - (within[index]?.atMs ?? atMs))),
    leadTime: spreadOf(leadTimes.filter((ms) => ms >= 0)),
    withoutLeadTime: leadTimes.filter((ms) => ms < 0).length,
    failRatio: ended === 0 ? undefined : deployments.failed / ended,
    recoveryTime: spreadOf(
      within.flatMap(({ failedAtMs, restoredAtMs }) =>
        failedAtMs === undefined || restoredAtMs === undefined ? [] : [restoredAtMs - failedAtMs],
      ),
    ),
    unrestored: within.filter(({ failedAtMs, restoredAtMs }) => failedAtMs !== undefined && restoredAtMs === undefined)
      .length,
    stopped: stoppedMs.filter(isWithin).length,
    missing,
  };
}

/** Of each release the first deployment that got the whole traffic: a change reaches its users once. */
function listFirsts(all: readonly Deployment[]): Deployment[] {
  const firsts = new Map<string, Deployment>();
  for (const one of all) if (one.isWhole && !firsts.has(one.release.id)) firsts.set(one.release.id, one);
  return [...firsts.values()];
}

function countOutcomes(deployments: readonly Deployment[]): Record<Outcome, number> {
  const counts = { baking: 0, verified: 0, failed: 0, replaced: 0 };
  for (const { outcome } of deployments) counts[outcome] += 1;
  return counts;
}

/** By nearest rank, so that each figure is a duration that was really seen. */
function spreadOf(durations: readonly number[]): Spread {
  const sorted = [...durations].sort((left, right) => left - right);
  const atRank = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  return {
    count: sorted.length,
    sumMs: sorted.reduce((sum, one) => sum + one, 0),
    medianMs: atRank(0.5),
    p90Ms: atRank(0.9),
  };
}
