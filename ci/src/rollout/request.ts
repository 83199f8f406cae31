import type { Ended } from "./ended.ts";
import type { Evidence } from "./gate.ts";
import type { LedgerEvent, SignedApproval } from "./ledger.ts";
import type { RingManifests } from "./manifests.ts";
import type { RingPolicy } from "./policy.ts";
import type { Release } from "./release.ts";
import type { Snapshot } from "./snapshot.ts";

export interface DeployRequest {
  readonly verb: "deploy";
  readonly release: Release;
  readonly manifests: RingManifests;
  /** Those commits of the ring's record that the release's commit contains. A commit that is not named is not contained. */
  readonly ancestors: readonly string[];
  readonly approvals: readonly SignedApproval[];
  /** `allowed_signers` of the protected base commit. Needed when the ring's quorum is above 0. */
  readonly signers?: string;
  /** The ring before, when the policy names one in `after`. */
  readonly source?: { readonly ring: string; readonly ledger: readonly LedgerEvent[] };
  readonly reason: string;
}

export type Request =
  | DeployRequest
  | { readonly verb: "rollback"; readonly reason: string }
  | { readonly verb: "freeze"; readonly reason: string }
  | { readonly verb: "thaw"; readonly reason: string };

/** One process that carries out steps. */
export interface Run {
  /** Never used twice, not even by a retry of the same CI job. */
  readonly id: string;
  readonly actor: string;
  /** The epoch it got with the lease; `null` before that. Never another one: who loses it has to start again. */
  readonly epoch: number | null;
  /** What it came to before it let the ring go. Nothing that happens to the ring after that changes it. */
  readonly ending?: Ended;
}

/** A run that has the ring, or asks what it would do with it. */
export interface HeldRun extends Run {
  readonly epoch: number;
}

export interface StepInput {
  readonly nowMs: number;
  readonly ring: string;
  readonly policy: RingPolicy;
  readonly request: Request;
  readonly run: Run;
  readonly seen: Snapshot;
  readonly evidence: Evidence;
}

/** What every decision about a ring is made from: nothing is written without an epoch. */
export interface HeldInput extends StepInput {
  readonly run: HeldRun;
}

/** The run had the ring and has let go of it: what there is to do from then on is for the next one. */
export function hasLetGo({ seen, run }: HeldInput): boolean {
  return seen.lease?.epoch === run.epoch && seen.lease.holder !== run.id;
}
