/** How a step came to its end. `canceled`: the run ended before it did. */
export type StepOutcome = "done" | "cached" | "failed" | "canceled";

/** How a run came to its end. */
export type RunOutcome = "done" | "failed" | "canceled";

/** Something that the result of a step depends on, and a short digest of it: equal for equal content. */
export interface TraceInput {
  readonly name: string;
  readonly digest: string;
  /** Folders of the store that hold its files. */
  readonly folders?: readonly StoredFolder[];
  /** Which files changed against the run that `comparedWith` names; absent where that cannot be told. */
  readonly changed?: ChangedFiles;
}

/** A folder of one layer of the store. */
export interface StoredFolder {
  readonly layer: string;
  readonly path: string;
}

/** A file of a folder that is not what it was. */
export interface ChangedFile {
  readonly path: string;
  readonly how: "changed" | "new" | "gone";
}

/** Files of a folder that are not what they were. */
export interface ChangedFiles {
  /** In order of their paths. */
  readonly first: readonly ChangedFile[];
  /** How many there are beside these. */
  readonly more: number;
}

/** One step of a run, as it is kept. Times are milliseconds since the run began. */
export interface TraceStep {
  /** Counts from 1 in order of beginning. */
  readonly number: number;
  /** Number of the step that it is a part of; it is smaller. */
  readonly parent?: number;
  readonly name: string;
  /** The engine does it for itself, such as to load a module. */
  readonly ofEngine?: true;
  readonly startMs: number;
  readonly endMs: number;
  readonly outcome: StepOutcome;
  /** Names all that its outcome depends on; absent where nothing is ever used again. */
  readonly key?: string;
  readonly inputs?: readonly TraceInput[];
  /** The newest lines of its output, as printed. */
  readonly lines: readonly string[];
  /** When each of them was whole, in milliseconds since the run began. */
  readonly times: readonly number[];
  /** Places of those that were written to standard error, counted from 0. */
  readonly errors: readonly number[];
  /** How many lines were before those. */
  readonly droppedLines: number;
}

/** A line that the engine said, and when. */
export interface TraceNote {
  readonly atMs: number;
  readonly text: string;
}

/** What one run of a command did: all that a page shows. Nothing in it is a secret that the run has read. */
export interface Trace {
  readonly format: typeof TRACE_FORMAT;
  /** Name and version of the program. */
  readonly program: string;
  /** The words of the command, without the program's name. */
  readonly command: readonly string[];
  /** Where the command was given. */
  readonly folder: string;
  /** ISO 8601, in UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly outcome: RunOutcome;
  readonly exitCode: number;
  /** What the command said of its failure. */
  readonly error?: string;
  readonly notes: readonly TraceNote[];
  readonly steps: readonly TraceStep[];
  /** When the run began that this one was compared with, where one was. */
  readonly comparedWith?: string;
  /** Steps that were too many to be kept. */
  readonly droppedSteps: number;
}

/** Changes when an older program could not read what a newer one keeps, or the other way round. */
export const TRACE_FORMAT = 2;
