import { commonVariables, readEnvironment, wholeNumber } from "@slipway/runtime";
import { z } from "zod";
import { defaultLimits, type Limits } from "./limits.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const HOUR_MS = 3_600_000;

/** A bound of a request, with its default in limits.ts. */
const bound = (name: keyof Limits, min: number, max: number) => wholeNumber({ min, max }).default(defaultLimits[name]);

const schema = z.object({
  ...commonVariables,
  /** Largest body of a request that is read as a whole: JSON and forms. Files and lines are read piece by piece. */
  MAX_BODY_BYTES: wholeNumber({ min: 1_024, max: 256 * MIB }).default(10 * MIB),
  /** Readings that may wait for the broker, and their bytes. */
  MAX_QUEUED_RECORDS: wholeNumber({ min: 100, max: 10_000_000 }).default(20_000),
  MAX_QUEUED_BYTES: wholeNumber({ min: 1024 * 1024, max: 4_096 * MIB }).default(32 * MIB),
  LINGER_MS: wholeNumber({ min: 0, max: 1_000 }).default(3),
  /** Longest time from taking a reading to the broker's answer. */
  DELIVERY_DEADLINE_MS: wholeNumber({ min: 1_000, max: 300_000 }).default(30_000),
  /** How far in the future a reading may lie: clocks differ. */
  FUTURE_TOLERANCE_MS: wholeNumber({ min: 0, max: 366 * 86_400_000 }).default(86_400_000),
  // The record of a reading must stay below the broker's limit of 1 MB, so a line may not be much longer.
  MAX_LINE_BYTES: bound("maxLineBytes", KIB, 512 * KIB),
  MAX_CELL_CHARS: bound("maxCellChars", 100, 512 * KIB),
  MAX_COLUMNS: bound("maxColumns", 3, 100_000),
  MAX_JSON_DEPTH: bound("maxJsonDepth", 3, 1_000),
  MAX_JSON_VALUES: bound("maxJsonValues", 1_000, 10_000_000),
  MAX_UPLOAD_BYTES: bound("maxUploadBytes", KIB, 1_024 * 1_024 * MIB),
  MAX_UNPACK_RATIO: bound("maxUnpackRatio", 2, 1_000_000),
  MAX_OPEN_UPLOADS: bound("maxOpenUploads", 1, 10_000),
  MAX_REQUEST_MEMORY_BYTES: bound("maxRequestMemoryBytes", 8 * MIB, 65_536 * MIB),
  MAX_FORM_PARTS: bound("maxFormParts", 10, 1_000),
  BODY_IDLE_MS: bound("bodyIdleMs", 100, HOUR_MS),
  BODY_TOTAL_MS: bound("bodyTotalMs", 1_000, HOUR_MS),
  UPLOAD_TOTAL_MS: bound("uploadTotalMs", 1_000, 24 * HOUR_MS),
  /** Connections at once; more are closed as they come. */
  MAX_CONNECTIONS: wholeNumber({ min: 10, max: 1_000_000 }).default(2_000),
});

export type Config = z.output<typeof schema>;

/** @throws EnvironmentError with every problem. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  return readEnvironment(schema, env);
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
