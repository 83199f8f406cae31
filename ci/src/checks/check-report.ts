import type { Ran } from "./check.ts";
import { findResult, lastLine } from "./result-line.ts";
import { listDetails, tellCounts } from "./tell-written.ts";

/** How one check ended. */
export interface Outcome {
  readonly name: string;
  readonly durationMs: number;
  /** The counts of its reports; without any, the line by which its program says how it ended, or its last one. */
  readonly summary: string;
  /** Of its reports: the failed tests, and what is wrong with the files. A line each. */
  readonly details?: readonly string[];
  /** What the check threw; absent when it passed. */
  readonly error?: unknown;
}

/** Runs a check to its end, whatever that is. `now` is in milliseconds. */
export async function watchCheck(name: string, run: () => Promise<Ran>, now = Date.now): Promise<Outcome> {
  const startedAt = now();
  try {
    const ran = await run();
    const durationMs = now() - startedAt;
    const error = await catchFailure(ran);
    const summary = summarise(ran, error);
    const details = ran.written === undefined ? [] : listDetails(ran.written);
    return {
      name,
      durationMs,
      summary,
      ...(details.length === 0 ? {} : { details }),
      ...(error === undefined ? {} : { error }),
    };
  } catch (error) {
    return { name, durationMs: now() - startedAt, summary: summarise(outputOf(error), error), error };
  }
}

async function catchFailure({ fail }: Ran): Promise<unknown> {
  try {
    await fail?.();
    return undefined;
  } catch (error) {
    return error;
  }
}

function summarise({ stdout, stderr, written }: Ran, error: unknown): string {
  const counts = written === undefined ? "" : tellCounts(written);
  const result = counts === "" ? findResult(`${stdout}\n${stderr}`) : counts;
  if (result !== undefined) return result;
  if (error === undefined) return lastLine(stdout);
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}

/** What a command that failed had printed: engines give it with the error. */
function outputOf(error: unknown): Ran {
  const given = (key: "stdout" | "stderr") => {
    const value = typeof error === "object" && error !== null ? Reflect.get(error, key) : undefined;
    return typeof value === "string" ? value : "";
  };
  return { stdout: given("stdout"), stderr: given("stderr") };
}

/** What ran, stage by stage, and what did not because a stage before had failed. */
export interface Stages {
  readonly stages: readonly (readonly Outcome[])[];
  readonly left: readonly string[];
}

/** The report that a person reads: one line a check and what belongs to it, the time of each stage when there are two, and the sum. */
export function writeReport({ stages, left }: Stages): string {
  const outcomes = stages.flat();
  const width = Math.max(...[...outcomes.map(({ name }) => name), ...left].map((name) => name.length));
  const lines = outcomes.flatMap(({ name, durationMs, summary, details = [], error }) => {
    const verdict = error === undefined ? "passed" : "failed";
    const line = `${name.padEnd(width)}  ${verdict}  ${seconds(durationMs)}  ${summary}`.trimEnd();
    return [line, ...details.map((detail) => `${" ".repeat(width)}  ${detail}`)];
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
