const KIB = 1024;
const MIB = 1024 * KIB;

/** What a request may cost at most. Each has a variable of the same meaning, see config.ts. */
export interface Limits {
  /** A line of NDJSON or a row of CSV, in bytes. */
  readonly maxLineBytes: number;
  /** A cell of CSV, in characters. */
  readonly maxCellChars: number;
  /** Columns of a CSV file. */
  readonly maxColumns: number;
  /** Lists and objects inside each other in a JSON document. */
  readonly maxJsonDepth: number;
  /** Values in a JSON document, counting each list and object. */
  readonly maxJsonValues: number;
  /** A file or stream of lines, in bytes after unpacking. */
  readonly maxUploadBytes: number;
  /** How many times larger a packed body may become when it is unpacked. */
  readonly maxUnpackRatio: number;
  /** Files and streams of lines under way at once. */
  readonly maxOpenUploads: number;
  /** Memory that all requests under way may use, in bytes: an upper estimate. */
  readonly maxRequestMemoryBytes: number;
  /** Parts or fields of a form. */
  readonly maxFormParts: number;
  /** How long a client may send nothing in the middle of a body. */
  readonly bodyIdleMs: number;
  /** How long the sending of a body that is read as a whole may take. */
  readonly bodyTotalMs: number;
  /** How long a file or a stream of lines may take. */
  readonly uploadTotalMs: number;
}

/** Fit for the 512 MiB that the manifests give a pod. */
export const defaultLimits: Limits = {
  maxLineBytes: 256 * KIB,
  maxCellChars: 64 * KIB,
  maxColumns: 1_000,
  maxJsonDepth: 16,
  maxJsonValues: 200_000,
  maxUploadBytes: 4_096 * MIB,
  maxUnpackRatio: 500,
  maxOpenUploads: 32,
  maxRequestMemoryBytes: 128 * MIB,
  maxFormParts: 20,
  bodyIdleMs: 30_000,
  bodyTotalMs: 120_000,
  uploadTotalMs: 3_600_000,
};
