import { createHash } from "node:crypto";
import type { RowError, UploadRecord } from "@slipway/contracts";
import { FateUnknown } from "@slipway/kafka";
import { type BulkDeps, BulkWriter } from "./bulk-writer.ts";
import { type ColumnWishes, mapColumns } from "./csv-columns.ts";
import { readRow } from "./csv-reading.ts";
import { UnreadableCsv } from "./csv-row.ts";
import { readCsvRows } from "./csv-rows.ts";
import type { Limits } from "./limits.ts";
import { classifyFailure, type ProblemKind, Refused } from "./problem.ts";

export interface UploadWishes extends ColumnWishes {
  readonly delimiter: string | undefined;
  readonly zone: string | undefined;
  /** The sign before the fraction of a number. */
  readonly decimal: "." | ",";
}

export interface UploadJob {
  readonly id: string;
  readonly body: AsyncIterable<Uint8Array>;
  readonly wishes: UploadWishes;
  /** As the content type declares it. */
  readonly charset: string | undefined;
  readonly limits: Limits;
  readonly bulk: BulkDeps;
  readonly now: () => number;
  readonly futureToleranceMs: number;
  /** Told now and then how far it is. */
  readonly onProgress: (record: UploadRecord) => void;
}

export interface UploadOutcome {
  readonly record: UploadRecord;
  /** Why it was not read to its end. */
  readonly failed?: { readonly kind: ProblemKind; readonly detail: string };
  readonly ignoredColumns: readonly string[];
}

/** Row errors that an answer holds at most; more are counted only. */
const MAX_ERRORS = 10_000;
const ROWS_PER_PROGRESS = 5_000;

/** The id that belongs to an Idempotency-Key: the same in every process. */
export function uploadIdOf(idempotencyKey: string): string {
  return `up-${createHash("sha256").update(idempotencyKey).digest("hex").slice(0, 24)}`;
}

/**
 * Reads a CSV file and stores its good rows. Bad ones are reported with line and column; none vanishes.
 *
 * Never throws: what goes wrong is in the outcome. Repeating it with the same id and content changes nothing.
 */
export async function runUpload(job: UploadJob): Promise<UploadOutcome> {
  const writer = new BulkWriter(job.bulk);
  const hash = createHash("sha256");
  const startedAt = new Date(job.now()).toISOString();
  const errors: RowError[] = [];
  let ignoredColumns: readonly string[] = [];
  let bytes = 0;
  let rows = 0;
  let rejected = 0;

  const describe = (state: UploadRecord["state"], more: Partial<UploadRecord> = {}): UploadRecord => ({
    id: job.id,
    state,
    startedAt,
    bytes,
    rows,
    accepted: writer.stored,
    rejected,
    errors,
    ...more,
  });
  const measured = async function* () {
    for await (const chunk of job.body) {
      bytes += chunk.length;
      hash.update(chunk);
      yield chunk;
    }
  };

  const readAll = async () => {
    const { wishes, charset, limits } = job;
    const rowStream = readCsvRows(measured(), { delimiter: wishes.delimiter, charset, limits });
    const header = await rowStream.next();
    if (header.done === true) throw new UnreadableCsv(1, "the file is empty; expected a header");
    const mapped = mapColumns(header.value.cells, wishes, limits.maxColumns);
    if ("problems" in mapped) throw new UnreadableCsv(header.value.line, mapped.problems.join("; "));
    const { mapping } = mapped;
    ignoredColumns = mapping.ignored;
    const latestTs = job.now() + job.futureToleranceMs;
    const { zone, decimal } = wishes;
    const context = { uploadId: job.id, mapping, zone, decimal, latestTs, maxCellChars: limits.maxCellChars };
    for await (const row of rowStream) {
      rows += 1;
      const read = readRow(row, rows, context);
      if (Array.isArray(read)) {
        rejected += 1;
        if (errors.length < MAX_ERRORS) errors.push(...read);
      } else {
        await writer.put(read);
      }
      if (rows % ROWS_PER_PROGRESS === 0) job.onProgress(describe("running"));
    }
    await writer.finish();
  };

  try {
    await readAll();
    const fingerprint = hash.digest("hex");
    return { record: describe("done", { endedAt: new Date(job.now()).toISOString(), fingerprint }), ignoredColumns };
  } catch (error) {
    await writer.settle();
    const failed = classify(error);
    const record = describe("failed", { endedAt: new Date(job.now()).toISOString(), problem: failed.detail });
    return { record, failed, ignoredColumns };
  }
}

function classify(error: unknown): { kind: ProblemKind; detail: string } {
  if (error instanceof UnreadableCsv) return { kind: "invalid", detail: error.message };
  const { kind, detail } = classifyFailure(error);
  if (error instanceof Refused || kind === "malformed" || error instanceof FateUnknown) return { kind, detail };
  // A file is many readings: even when the last failure is certain, earlier ones may be stored.
  return { kind, detail: `${detail}. Some rows may be stored: repeat with the same Idempotency-Key` };
}
