import { commonVariables, readEnvironment, wholeNumber } from "@slipway/runtime";
import { z } from "zod";
import { defaultLimits, type Limits } from "./limits.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const HOUR_MS = 3_600_000;

/** A bound of a request, with its default in limits.ts. */
const bound = (name: keyof Limits, min: number, max: number, means: string) =>
  wholeNumber({ min, max }).default(defaultLimits[name]).describe(means);

/** The variables of ingest. */
export const variables = z.object({
  ...commonVariables,
  MAX_BODY_BYTES: wholeNumber({ min: 1_024, max: 256 * MIB })
    .default(10 * MIB)
    .describe(
      "The largest body of a request that is read as a whole: JSON and forms. Files and lines are read in pieces.",
    ),
  MAX_QUEUED_RECORDS: wholeNumber({ min: 100, max: 10_000_000 })
    .default(20_000)
    .describe("Readings that may wait for the broker."),
  MAX_QUEUED_BYTES: wholeNumber({ min: 1024 * 1024, max: 4_096 * MIB })
    .default(32 * MIB)
    .describe("Bytes of readings that may wait for the broker."),
  LINGER_MS: wholeNumber({ min: 0, max: 1_000 })
    .default(3)
    .describe("How long a reading may wait for others that go to the broker with it."),
  DELIVERY_DEADLINE_MS: wholeNumber({ min: 1_000, max: 300_000 })
    .default(30_000)
    .describe("The longest time from accepting a reading to the broker's answer."),
  FUTURE_TOLERANCE_MS: wholeNumber({ min: 0, max: 366 * 86_400_000 })
    .default(86_400_000)
    .describe("How far in the future a reading may lie: clocks differ."),
  // The record of a reading must stay below the broker's limit of 1 MB, so a line may not be much longer.
  MAX_LINE_BYTES: bound("maxLineBytes", KIB, 512 * KIB, "A line of NDJSON or a row of CSV, in bytes."),
  MAX_CELL_CHARS: bound("maxCellChars", 100, 512 * KIB, "A cell of CSV, in characters."),
  MAX_COLUMNS: bound("maxColumns", 3, 100_000, "Columns of a CSV file."),
  MAX_JSON_DEPTH: bound("maxJsonDepth", 3, 1_000, "Lists and objects inside each other in a JSON document."),
  MAX_JSON_VALUES: bound(
    "maxJsonValues",
    1_000,
    10_000_000,
    "Values in a JSON document, each list and object counted.",
  ),
  MAX_UPLOAD_BYTES: bound(
    "maxUploadBytes",
    KIB,
    1_024 * 1_024 * MIB,
    "A file or a stream of lines, in bytes after unpacking.",
  ),
  MAX_UNPACK_RATIO: bound(
    "maxUnpackRatio",
    2,
    1_000_000,
    "How many times larger a packed body may become when it is unpacked.",
  ),
  MAX_OPEN_UPLOADS: bound("maxOpenUploads", 1, 10_000, "Files and streams of lines under way at once."),
  MAX_REQUEST_MEMORY_BYTES: bound(
    "maxRequestMemoryBytes",
    8 * MIB,
    65_536 * MIB,
    "Memory that all requests under way may use, in bytes: an upper estimate.",
  ),
  MAX_FORM_PARTS: bound("maxFormParts", 10, 1_000, "Parts or fields of a form."),
  BODY_IDLE_MS: bound("bodyIdleMs", 100, HOUR_MS, "How long a client may send nothing in the middle of a body."),
  BODY_TOTAL_MS: bound(
    "bodyTotalMs",
    1_000,
    HOUR_MS,
    "How long the sending of a body that is read as a whole may take.",
  ),
  UPLOAD_TOTAL_MS: bound("uploadTotalMs", 1_000, 24 * HOUR_MS, "How long a file or a stream of lines may take."),
  MAX_CONNECTIONS: wholeNumber({ min: 10, max: 1_000_000 })
    .default(2_000)
    .describe("Connections at once; more are closed as they come."),
});

export type Config = z.output<typeof variables>;

/** @throws EnvironmentError with every problem. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  return readEnvironment(variables, env);
}

/** The bounds of a request, by the names that the code has for them. */
export function limitsOf(config: Config): Limits {
  return {
    maxLineBytes: config.MAX_LINE_BYTES,
    maxCellChars: config.MAX_CELL_CHARS,
    maxColumns: config.MAX_COLUMNS,
    maxJsonDepth: config.MAX_JSON_DEPTH,
    maxJsonValues: config.MAX_JSON_VALUES,
    maxUploadBytes: config.MAX_UPLOAD_BYTES,
    maxUnpackRatio: config.MAX_UNPACK_RATIO,
    maxOpenUploads: config.MAX_OPEN_UPLOADS,
    maxRequestMemoryBytes: config.MAX_REQUEST_MEMORY_BYTES,
    maxFormParts: config.MAX_FORM_PARTS,
    bodyIdleMs: config.BODY_IDLE_MS,
    bodyTotalMs: config.BODY_TOTAL_MS,
    uploadTotalMs: config.UPLOAD_TOTAL_MS,
  };
}
