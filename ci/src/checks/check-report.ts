/** How one check ended. `summary` is the last line that it printed, which by habit has the counts. */
export interface Outcome {
  readonly name: string;
  readonly durationMs: number;
  readonly summary: string;
  /** What the check threw; absent when it passed. */
  readonly error?: unknown;
}

/** Runs a check to its end, whatever that is. `now` is in milliseconds. */
export async function runCheck(name: string, run: () => Promise<string>, now = Date.now): Promise<Outcome> {
  const startedAt = now();
  try {
    const output = await run();
    return { name, durationMs: now() - startedAt, summary: lastLine(output) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { name, durationMs: now() - startedAt, summary: reason.split("\n")[0] ?? "", error };
  }
}

/** The report that a person reads: one line a check, and the sum. */
export function writeReport(outcomes: readonly Outcome[]): string {
  const width = Math.max(...outcomes.map(({ name }) => name.length));
  const lines = outcomes.map(({ name, durationMs, summary, error }) => {
    const verdict = error === undefined ? "passed" : "failed";
    return `${name.padEnd(width)}  ${verdict}  ${seconds(durationMs)}  ${summary}`;
  });
  const failed = outcomes.filter(({ error }) => error !== undefined).length;
  const slowestMs = Math.max(...outcomes.map(({ durationMs }) => durationMs));
  const sum = `${outcomes.length - failed} of ${outcomes.length} checks passed in ${seconds(slowestMs).trim()}`;
  return `${[...lines, "", sum].join("\n")}\n`;
}

function seconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(1)} s`.padStart(8);
}

function lastLine(output: string): string {
  return output.trimEnd().split("\n").at(-1)?.trim() ?? "";
}
