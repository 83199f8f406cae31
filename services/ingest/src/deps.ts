import type { Reading, UploadRecord } from "@slipway/contracts";
import type { Lane, Stored } from "@slipway/kafka";
import type { Admission } from "./admission.ts";
import type { Limits } from "./limits.ts";
import type { Metrics } from "./metrics.ts";

/** What is known of uploads; `UploadLedger` is one. */
export interface Ledger {
  get(id: string): UploadRecord | undefined;
  note(record: UploadRecord): void;
  save(record: UploadRecord): Promise<void>;
}

/** What the HTTP face stands on. */
export interface Deps {
  /** Resolves once the broker has stored the reading; see Batcher.add for the errors. */
  readonly store: (
    reading: Reading,
    source: Buffer,
    options?: { lane?: Lane; traceparent?: string },
  ) => Promise<Stored>;
  /** Resolves when the queue to the broker has room. */
  readonly awaitRoom: () => Promise<void>;
  readonly ledger: Ledger;
  readonly metrics: Metrics;
  readonly now: () => number;
  readonly futureToleranceMs: number;
  /** Largest body that is read as a whole. */
  readonly maxBodyBytes: number;
  /** What differs from `defaultLimits`. */
  readonly limits?: Partial<Limits>;
  /** Who counts what is under way; one of its own when left out. */
  readonly admission?: Admission;
}
