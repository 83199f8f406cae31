/** How one check ended. `summary` is the last line that it printed, which by habit has the counts. */
export interface Outcome {
  readonly name: string;
  readonly durationMs: number;
  readonly summary: string;
  /** What the check threw; absent when it passed. */
  readonly error?: unknown;
}

/** Runs a check to its end, whatever that is. `now` is in milliseconds. */
export async function watchCheck(name: string, run: () => Promise<string>, now = Date.now): Promise<Outcome> {
  const startedAt = now();
  try {
    const output = await run();
    return { name, durationMs: now() - startedAt, summary: lastLine(output) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { name, durationMs: now() - startedAt, summary: reason.split("\n")[0] ?? "", error };
  }
}

/** What ran, stage by stage, and what did not because a stage before had failed. */
export interface Stages {
  readonly stages: readonly (readonly Outcome[])[];
  readonly left: readonly string[];
}

/** The report that a person reads: one line a check, the time of each stage when there are two, and the sum. */
export function writeReport({ stages, left }: Stages): string {
  const outcomes = stages.flat();
  const width = Math.max(...[...outcomes.map(({ name }) => name), ...left].map((name) => name.length));
  const lines = outcomes.map(({ name, durationMs, summary, error }) => {
    const verdict = error === undefined ? "passed" : "failed";
    return `${name.padEnd(width)}  ${verdict}  ${seconds(durationMs)}  ${summary}`;
  });
  const leftLines = left.map((name) => `${name.padEnd(width)}  not run           a check of the fast stage has failed`);
  const failed = outcomes.filter(({ error }) => error !== undefined).length;
  const times = stages.filter((stage) => stage.length > 0).map(durationOf);
  const total = outcomes.length + left.length;
  const parts =
    times.length > 1
      ? ` (fast stage ${seconds(times[0] ?? 0).trim()}, slow stage ${seconds(times[1] ?? 0).trim()})`
      : "";
  const sum = `${outcomes.length - failed} of ${total} checks passed in ${seconds(times.reduce((all, one) => all + one, 0)).trim()}${parts}`;
  return `${[...lines, ...leftLines, "", sum].join("\n")}\n`;
}

/** Its checks run side by side: a stage takes as long as its longest. */
function durationOf(stage: readonly Outcome[]): number {
  return Math.max(...stage.map(({ durationMs }) => durationMs));
}

function seconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(1)} s`.padStart(8);
}

function lastLine(output: string): string {
  return output.trimEnd().split("\n").at(-1)?.trim() ?? "";
}
