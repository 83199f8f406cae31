import type { Head, Phase } from "./head.ts";
import type { LedgerEvent, SignedApproval } from "./ledger.ts";
import { act, type Step } from "./next-step.ts";
import { tellTime } from "./objects.ts";
import type { Release } from "./release.ts";
import type { HeldInput } from "./request.ts";
import { recordHead } from "./writes.ts";

/** What the ledger is told about a change of the record. The rest follows from the record and the run. */
export interface Happening {
  readonly kind: LedgerEvent["kind"];
  readonly release: Release;
  readonly reason: string;
  readonly short?: boolean;
  readonly planned: boolean;
  readonly approvals?: readonly SignedApproval[];
  readonly approvalIds?: readonly string[];
  readonly switchedAt?: string | null;
  readonly decidedAt?: string | null;
}

/** The record of a ring in which nothing has happened yet. */
export function emptyHead(ring: string, nowMs: number): Head {
  return {
    version: 1,
    ring,
    phase: "STABLE",
    since: tellTime(nowMs),
    epoch: 1,
    claiming: false,
    seq: 0,
    event: null,
    live: null,
    want: null,
    prev: null,
    attempt: null,
    switchedAt: null,
    rollback: null,
    frozen: null,
  };
}

/** Writes the record's next state, with the run's epoch, and the event that the ledger gets for it next. */
export function move(
  input: HeldInput,
  head: Head,
  to: { readonly phase: Phase } & Partial<Omit<Head, "event" | "seq" | "epoch" | "phase">>,
  happening?: Happening,
): Step {
  const { nowMs, ring, run, seen } = input;
  const { epoch } = run;
  const now = tellTime(nowMs);
  const seq = happening === undefined ? head.seq : head.seq + 1;
  const event: LedgerEvent | null =
    happening === undefined
      ? head.event
      : {
          version: 1,
          seq,
          ring,
          kind: happening.kind,
          release: happening.release,
          live: head.live?.release.id ?? null,
          at: now,
          switchedAt: happening.switchedAt ?? null,
          decidedAt: happening.decidedAt ?? null,
          run: run.id,
          actor: run.actor,
          epoch,
          reason: happening.reason,
          ...(happening.short ? { short: true } : {}),
          planned: happening.planned,
          approvals: [...(happening.approvals ?? [])],
          approvalIds: [...(happening.approvalIds ?? [])],
        };
  const next: Head = { ...head, since: now, claiming: false, ...to, epoch, seq, event };
  return act(recordHead(seen.head, { from: head.phase, next, happening: happening === undefined ? null : event }));
}
