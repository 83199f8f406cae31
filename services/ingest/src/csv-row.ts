/** One row as texts. `line` is where it begins, counted from 1 with the header. */
export interface CsvRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/** The rest of the file cannot be read. */
export class UnreadableCsv extends Error {
  override readonly name = "UnreadableCsv";
  constructor(
    readonly line: number,
    reason: string,
  ) {
    super(`line ${line}: ${reason}`);
  }
}
