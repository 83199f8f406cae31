import { z } from "zod";

/** What is wrong with one row of a file. `line` counts from 1 and includes the header; `column` is the header's name. */
export const rowError = z.object({ line: z.int(), column: z.string(), reason: z.string() });

/**
 * One entry of the ledger `uploads.v1`: the newest state of an upload.
 *
 * `fingerprint` is the SHA-256 of the file, known when all of it has been read. `errors` holds the first ones only;
 * `rejected` counts them all. `rows = accepted + rejected` once `state` is `done`.
 */
export const uploadRecord = z.looseObject({
  id: z.string(),
  state: z.enum(["running", "done", "failed"]),
  startedAt: z.string(),
  endedAt: z.string().optional(),
  fingerprint: z.string().optional(),
  bytes: z.int(),
  rows: z.int(),
  accepted: z.int(),
  rejected: z.int(),
  errors: z.array(rowError),
  problem: z.string().optional(),
});

export type RowError = z.output<typeof rowError>;
export type UploadRecord = z.output<typeof uploadRecord>;
