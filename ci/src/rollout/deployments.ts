import type { LedgerEvent } from "./ledger.ts";
import type { Release } from "./release.ts";

/**
 * What became of a deployment.
 *
 * - `baking`: it has the traffic, and its bake is not over.
 * - `verified`: it passed its bake.
 * - `failed`: a gate failed in its bake, or a person called `rollback`, then or later.
 * - `replaced`: a newer release took its place before its bake was over. That is no failure.
 */
export type Outcome = "baking" | "verified" | "failed" | "replaced";

/** A release that got traffic in a ring. One to which the ring goes back is not deployed again. */
export interface Deployment {
  readonly release: Release;
  /** When the whole traffic was at the release; of one that never got all of it, when it was decided to go back. */
  readonly atMs: number;
  /** Did it ever get the whole traffic? */
  readonly isWhole: boolean;
  readonly outcome: Outcome;
  /** When it was decided that it failed: the first failing signal, or the call of a person. */
  readonly failedAtMs: number | undefined;
  /** When a healthy release had the traffic again; `undefined` as long as none has. */
  readonly restoredAtMs: number | undefined;
}

/** What a ledger says about deployments. */
export interface Deployments {
  /** In the order in which they got the traffic. */
  readonly all: readonly Deployment[];
  /** When attempts ended whose release never got the whole traffic. */
  readonly stoppedMs: readonly number[];
  readonly missing: MissingEvents;
}

/** Events that are not there although later ones are: somebody has deleted them. */
export interface MissingEvents {
  readonly count: number;
  /** The number of the first of them; `undefined` when there is none. */
  readonly first: number | undefined;
}

interface Draft extends Deployment {
  /** What had the traffic before. `undefined`: nothing that Slipway had brought. */
  readonly before: Draft | undefined;
  outcome: Outcome;
  failedAtMs: number | undefined;
  restoredAtMs: number | undefined;
}

/**
 * Reads the deployments of a ring from its ledger. The order in which the events come does not matter.
 *
 * A deployment begins when the ledger says `switched`. A release that is rolled back in the middle of its switch had a part of
 * the traffic, and counts too. A deployment failed when the ring went back because of the release or because a person said so
 * (`planned` is false), or when its gate failed and there was no earlier release.
 *
 * It is restored as soon as the traffic is at a healthy release: back at one that had passed its bake, back at what was there
 * before Slipway, or at a newer one that then passes its bake.
 */
export function readDeployments(events: readonly LedgerEvent[]): Deployments {
  const ledger = [...events].sort((left, right) => left.seq - right.seq);
  const reading = new Reading();
  for (const event of ledger) reading.take(event);
  return { all: reading.all, stoppedMs: reading.stoppedMs, missing: findMissing(ledger) };
}

/** By the numbers alone: the last of them may be far above how many there are. */
function findMissing(ledger: readonly LedgerEvent[]): MissingEvents {
  const numbers = new Set(ledger.map(({ seq }) => seq));
  const count = (ledger.at(-1)?.seq ?? 0) - numbers.size;
  let first = 1;
  while (numbers.has(first)) first += 1;
  return { count, first: count === 0 ? undefined : first };
}

class Reading {
  readonly all: Draft[] = [];
  readonly stoppedMs: number[] = [];
  private serving: Draft | undefined;
  /** Those that failed and are not restored yet. */
  private open: Draft[] = [];

  take(event: LedgerEvent): void {
    switch (event.kind) {
      case "switched":
        this.begin(event);
        break;
      case "committed":
        this.commit(this.served(event));
        break;
      case "failed":
        if (event.switchedAt === null) this.stoppedMs.push(Date.parse(event.at));
        else this.fail(this.served(event), event);
        break;
      case "rolled-back":
        this.goBack(this.served(event), event);
        break;
      default:
        break;
    }
  }

  private begin({ release, at, switchedAt, decidedAt, kind }: LedgerEvent): Draft {
    const draft: Draft = {
      release,
      atMs: Date.parse(switchedAt ?? decidedAt ?? at),
      isWhole: switchedAt !== null || kind === "switched",
      before: this.serving,
      outcome: "baking",
      failedAtMs: undefined,
      restoredAtMs: undefined,
    };
    this.all.push(draft);
    this.serving = draft;
    return draft;
  }

  /** The deployment that the event is about; one whose `switched` is not there begins with it. */
  private served(event: LedgerEvent): Draft {
    return this.serving?.release.id === event.release.id ? this.serving : this.begin(event);
  }

  private commit(draft: Draft): void {
    draft.outcome = "verified";
    this.restore(draft.atMs);
  }

  private fail(draft: Draft, { decidedAt, at }: LedgerEvent): void {
    draft.outcome = "failed";
    draft.failedAtMs = Date.parse(decidedAt ?? at);
    draft.restoredAtMs = undefined;
    this.open.push(draft);
  }

  private goBack(draft: Draft, event: LedgerEvent): void {
    if (event.planned) draft.outcome = "replaced";
    else this.fail(draft, event);
    this.serving = draft.before;
    const isHealthy = draft.before === undefined ? event.short !== true : draft.before.outcome === "verified";
    if (isHealthy) this.restore(Date.parse(event.at));
  }

  private restore(atMs: number): void {
    for (const draft of this.open) draft.restoredAtMs = Math.max(atMs, draft.failedAtMs ?? atMs);
    this.open = [];
  }
}
