import { problemDocument, rowError, uploadRecord } from "@slipway/contracts";
import { z } from "zod";
import type { ItemResult } from "./events.ts";
import { PROBLEM_KINDS } from "./problem.ts";

/** What ingest answers, as schemas: docs/reference/ingest.openapi.json is printed from them, and tests hold answers to it. */

const fieldProblem = z.object({
  field: z.string().describe("Where: series, attrs.x; empty for the whole."),
  detail: z.string().describe("What is wrong."),
});

const index = z.int().describe("The place of the reading in the request, from 0.");
const id = z.string().describe("The reading's own id, or the one that it was given.");

/** What became of one reading of a request. */
export const itemResult = z.discriminatedUnion("status", [
  z.object({
    index,
    status: z.literal("stored"),
    id,
    partition: z.int().describe("Its place in readings.v1."),
    offset: z.int(),
  }),
  z.object({ index, status: z.literal("refused"), problems: z.array(fieldProblem) }),
  z.object({ index, status: z.literal("failed"), id, kind: z.enum(PROBLEM_KINDS), detail: z.string() }),
]) satisfies z.ZodType<ItemResult>;

/** The answer to readings of which at least one is stored. */
export const eventsAnswer = z.object({
  accepted: z.int().describe("How many are stored."),
  results: z.array(itemResult).describe("One for each reading, in the order of the request."),
});

/** One line of the answer to a stream of readings. The last one has `done` or `problem`. */
export const streamReport = z.object({
  ackedThrough: z.int().describe("Every line up to this one is stored, or in a list of rejected ones."),
  rejected: z.array(
    z.object({
      line: z.int().describe("From 1."),
      code: z.enum(["not-json", "invalid", "too-long", "not-text"]),
      detail: z.string(),
    }),
  ),
  done: z.literal(true).optional(),
  accepted: z.int().optional(),
  rejectedTotal: z.int().optional(),
  problem: z
    .object({ kind: z.enum(PROBLEM_KINDS), detail: z.string() })
    .optional()
    .describe("Why reading or storing has failed behind ackedThrough."),
});

/** The answer to a file that was read to its end. */
export const uploadAnswer = uploadRecord.extend({
  ignoredColumns: z.array(z.string()).describe("Columns that were not asked for."),
});

/** A problem, with what is wrong with each reading or row. */
export const ingestProblem = problemDocument.extend({
  errors: z
    .array(z.union([itemResult, rowError]))
    .optional()
    .describe("What is wrong with each reading, or row of a file."),
});
