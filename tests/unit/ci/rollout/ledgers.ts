import type { LedgerEvent } from "../../../../ci/src/rollout/ledger.ts";
import { RING, releaseOf } from "./fixtures.ts";

export const DAY_MS = 86_400_000;

/** Day 0 of ledgers. The commit of release N is of day N - 1. */
export const BEGIN_MS = Date.UTC(2025, 0, 1);

/** What happened, to the release of which commit, on which day, and what else the event says. */
export type Happening = readonly [
  kind: LedgerEvent["kind"],
  number: number,
  day: number,
  more?: Partial<LedgerEvent> & { readonly decided?: number },
];

export const timeOf = (day: number) => new Date(BEGIN_MS + day * DAY_MS).toISOString();

/** The ledger in which this happened. An event says when the traffic was moved to its release as Slipway's own events do. */
export function ledgerOf(...happenings: readonly Happening[]): LedgerEvent[] {
  const switched = new Map<number, string>();
  return happenings.map(([kind, number, day, { decided, ...more } = {}], index) => {
    if (kind === "started") switched.delete(number);
    if (kind === "switched") switched.set(number, timeOf(day));
    return {
      version: 1,
      seq: index + 1,
      ring: RING,
      kind,
      release: releaseOf(number),
      live: null,
      at: timeOf(day),
      switchedAt: kind === "started" ? null : (switched.get(number) ?? null),
      decidedAt: decided === undefined ? null : timeOf(decided),
      run: "run-1",
      actor: "tester",
      epoch: 1,
      reason: "",
      planned: kind !== "failed" && kind !== "rolled-back",
      approvals: [],
      approvalIds: [],
      ...more,
    };
  });
}

/** A release that passes its bake: started, switched and committed on these days. */
export function passing(number: number, started: number, switched: number, committed: number): Happening[] {
  return [
    ["started", number, started],
    ["switched", number, switched],
    ["committed", number, committed],
  ];
}

/** One that fails in its bake, and the way back to the release before. */
export function failing(number: number, started: number, switched: number, decided: number, back: number): Happening[] {
  return [
    ["started", number, started],
    ["switched", number, switched],
    ["rolled-back", number, back, { decided }],
  ];
}
