/** A place in the repository. */
export interface Place {
  /** From the top of the repository. */
  readonly path: string;
  /** From 1. */
  readonly line?: number;
  /** From 1. */
  readonly column?: number;
}

/** One test, and how it ended. */
export interface TestCase {
  /** The suites that it is in, and its class, as far as its program names any. */
  readonly suite: string;
  readonly name: string;
  readonly state: "passed" | "failed" | "skipped";
  readonly seconds?: number;
  /** What it said in one line; empty when it has said nothing. */
  readonly message: string;
  /** What it said in full, with the lines that led there. */
  readonly text: string;
  /** Where it failed, as far as the repository has that file. */
  readonly place?: Place;
}

/** What a tool says of a line. */
export interface Finding {
  readonly level: "error" | "warning" | "note";
  readonly message: string;
  /** The tool's own name for what it looks for. */
  readonly rule?: string;
  readonly place: Place;
}

/** How often tests ran through each line, by file and number. */
export type LineHits = ReadonlyMap<string, ReadonlyMap<number, number>>;

/** What one check came to, with what its files say: every place is one of the repository. */
export interface CheckResult {
  readonly name: string;
  readonly seconds: number;
  /** Of the command that failed; absent when the check passed. */
  readonly exitCode?: number;
  /** How it ended, in one line. */
  readonly summary: string;
  /** The end of what it printed. */
  readonly output: string;
  readonly cases: readonly TestCase[];
  readonly findings: readonly Finding[];
  readonly hits: LineHits;
  /** Runs of SARIF, as a tool has written them. */
  readonly runs: readonly object[];
  /** What is wrong with its files, a sentence each. */
  readonly problems: readonly string[];
}

/** Whether the check itself failed, whatever its files say. */
export function hasFailed({ exitCode }: CheckResult): boolean {
  return exitCode !== undefined;
}
