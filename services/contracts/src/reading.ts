import { z } from "zod";
import { EARLIEST_TS, LATEST_TS, readTimestamp } from "./timestamp.ts";

/**
 * Version of what lies in `readings.v1`. Rule: backward-transitive. A new version may add optional fields and nothing
 * else; whoever reads keeps fields it does not know. Anything else is a new topic (`readings.v2`) that is read beside
 * the old one until nobody needs that. tests/data/events holds one event of every version ever written,
 * and a test reads them all.
 */
export const READING_SCHEMA = "reading/2";

/** Name of a series: what is measured, and the unit of order, windows and anomaly state. */
export const seriesName = z
  .string("expected the name of a series")
  .min(1, "is missing")
  .max(200, "is longer than 200 characters")
  // Control characters would tear log lines and file names apart.
  .refine((name) => !/[\p{Cc}]/u.test(name), "holds a control character")
  .refine((name) => name.trim() === name, "begins or ends with a space");

/** An id given by a client. `#` is kept for rows of uploads (see identity.ts). */
const clientId = z
  .string()
  .min(1, "is empty")
  .max(200, "is longer than 200 characters")
  .refine((id) => !id.includes("#"), "must not hold #, which is kept for rows of uploads");

const timestamp = z
  .union([z.number(), z.string()], "expected ISO 8601 text or milliseconds")
  .transform((raw, context) => {
    const read = readTimestamp(String(raw));
    if (read.ok) return read.ts;
    context.addIssue({ code: "custom", message: read.problem });
    return z.NEVER;
  });

/** JavaScript takes it for no name of a member: nobody who copies attributes would keep it. */
export const LOST_NAME = "__proto__";

function holdsLostName(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.hasOwn(value, LOST_NAME);
}

const optionalParts = {
  unit: z.string().max(50, "is longer than 50 characters").optional().describe("The unit of the value."),
  attrs: z
    .unknown()
    // The record below would lose it without a word.
    .refine((attrs) => !holdsLostName(attrs), `must not hold the name ${LOST_NAME}`)
    .pipe(
      z
        .record(z.string().max(100), z.union([z.string().max(1_000), z.number(), z.boolean()]))
        .refine((attrs) => Object.keys(attrs).length <= 50, "holds more than 50 entries"),
    )
    // The check before the record says nothing of the form.
    .meta({
      type: "object",
      maxProperties: 50,
      additionalProperties: { type: ["string", "number", "boolean"] },
      description: "More about the reading, by name.",
    })
    .optional(),
};

/** A reading as clients send it. Unknown fields are refused: a misspelt `valeu` must not vanish. */
export const readingInput = z.strictObject({
  id: clientId
    .optional()
    .describe("Identifies the event: the same id again is the same event. Without an id it gets a random one."),
  series: seriesName.describe("What is measured."),
  ts: timestamp.describe("When: ISO 8601 with a zone, or milliseconds since 1970; from 1980 to 2199."),
  value: z.number("expected a finite number").describe("What was measured."),
  ...optionalParts,
});

/**
 * A reading as it lies in `readings.v1`. `ts` in milliseconds since 1970, and `nanos` what the client's time says beyond
 * them, left out when that is nothing. Unknown fields are kept: see READING_SCHEMA.
 */
export const reading = z.looseObject({
  id: z.string().min(1).max(300),
  series: seriesName,
  ts: z.int().min(EARLIEST_TS).lt(LATEST_TS),
  nanos: z.int().min(1).max(999_999).optional(),
  value: z.number(),
  ...optionalParts,
});

export type ReadingInput = z.output<typeof readingInput>;
export type Reading = z.output<typeof reading>;

/** One thing that is wrong with a value: where (`series`, `attrs.x`; empty for the whole) and what. */
export interface FieldProblem {
  readonly field: string;
  readonly detail: string;
}

/** All problems of a value that a schema refused. */
export function listProblems(error: z.ZodError): FieldProblem[] {
  return error.issues.map((issue) => ({ field: issue.path.join("."), detail: issue.message }));
}
