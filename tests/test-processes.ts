import { type ChildProcess, spawn } from "node:child_process";
import { readTestName } from "./chosen-tests.ts";
import { type Counts, readUvuSummary } from "./support/uvu-summary.ts";

export interface Outcome extends Counts {
  readonly suite: string;
  readonly durationMs: number;
  /** Why something did not run or did not pass. */
  readonly remark?: string;
}

interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  /** All that it printed, in the order in which it came. */
  readonly output: string;
  readonly durationMs: number;
}

export const withTsx = ["node", "--import", "tsx", "--import", "./tests/support/text-modules.mjs"];
// Into a pipe or a log file no colours; uvu would put them there.
const colours = process.stdout.isTTY ? [] : ["--no-color"];
export const { testName, words } = readTestName(process.argv.slice(2));
if (testName !== undefined) process.env["SLIPWAY_TEST_NAME"] = testName;
export const uvu = [...withTsx, "--import", "./tests/support/suites.mjs", "node_modules/uvu/bin.js", ...colours];
export const childEnv = process.stdout.isTTY ? process.env : { ...process.env, NO_COLOR: "1" };
const running = new Set<ChildProcess>();

interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Shows what it prints only at its end, because something else runs beside it. */
  readonly atEnd?: boolean;
}

/** Runs a program to its end, showing what it prints. After `limitMs` it and all that it started are killed. */
export function run(
  command: readonly string[],
  limitMs: number,
  { env = childEnv, atEnd = false }: RunOptions = {},
): Promise<Ended> {
  const startedAt = Date.now();
  const [program = "", ...args] = command;
  // A process group of its own, so that a hanging test's servers end with it.
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], detached: true, env });
  running.add(child);
  let output = "";
  let stdout = "";
  const show = (stream: NodeJS.WriteStream) => (text: string) => {
    output += text;
    if (!atEnd) stream.write(text);
  };
  child.stdout.setEncoding("utf8").on("data", show(process.stdout));
  child.stdout.on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", show(process.stderr));
  const limit = setTimeout(() => {
    output += `\nstopped after ${limitMs / 1000} s\n`;
    killGroup(child);
  }, limitMs);
  return new Promise((resolve) => {
    const end = (exitCode: number) => {
      clearTimeout(limit);
      running.delete(child);
      if (atEnd) process.stdout.write(output);
      resolve({ exitCode, stdout, output, durationMs: Date.now() - startedAt });
    };
    child.on("error", (error) => {
      output += error.message;
      end(127);
    });
    child.on("close", (code, signal) => {
      if (signal !== null) output += `\nended by ${signal}\n`;
      end(code ?? 1);
    });
  });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}

/** A run of uvu, as what it counted; a run that died before its end is one failure more. */
export async function runUvu(
  suite: string,
  command: readonly string[],
  limitMs: number,
  options?: RunOptions,
): Promise<Outcome> {
  const { exitCode, stdout, output, durationMs } = await run(command, limitMs, options);
  // Not among what it wrote to its other output: uvu writes the lines one by one, and something may come between them there.
  const counts = readUvuSummary(stdout);
  if (counts === undefined) {
    const remark = `ended with ${exitCode} before its end; last it printed\n${lastLines(output)}`;
    return { suite, passed: 0, failed: 1, skipped: 0, durationMs, remark };
  }
  if (testName !== undefined && counts.passed + counts.failed === 0) {
    const remark = `none of its tests has ${JSON.stringify(testName)} in its name`;
    return { suite, ...counts, failed: 1, durationMs, remark };
  }
  if (exitCode === 0 || counts.failed > 0) return { suite, ...counts, durationMs };
  const remark = `all tests passed, but it ended with ${exitCode}`;
  return { suite, ...counts, failed: 1, durationMs, remark };
}

/** Of what a run printed that died, so that the report says why: with many suites side by side its place in the log is hard to find. */
function lastLines(output: string): string {
  const lines = output.trimEnd().split("\n").slice(-LAST_LINES);
  return lines.map((line) => `            ${line}`).join("\n");
}

const LAST_LINES = 20;

/** Ends all that runs now, with what it has started. */
export function endAll(): void {
  for (const child of running) killGroup(child);
}

/** Pattern of uvu for these files and no others. */
export const only = (...files: readonly string[]) =>
  `^(${files.map((file) => file.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})$`;
