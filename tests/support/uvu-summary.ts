/** What a run of uvu counted. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Reads the closing lines of uvu 0.5.6 (`Total:`, `Passed:`, `Skipped:`) out of what it printed, colours included.
 *
 * `undefined` when there are none: then the run ended before its end. Uses the last ones, because a test may print
 * the output of another run.
 */
export function readUvuSummary(output: string): Counts | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what colours begin with
  const plain = output.replace(/\u001b\[[0-9;]*m/g, "");
  const last = [...plain.matchAll(/^ {2}Total: +(\d+)\n {2}Passed: +(\d+)\n {2}Skipped: +(\d+)$/gm)].at(-1);
  if (last === undefined) return undefined;
  const [total, passed, skipped] = [Number(last[1]), Number(last[2]), Number(last[3])];
  return { passed, failed: total - passed, skipped };
}
