import { storeDir } from "../../store/system-words.ts";
import { keptRuns, runBefore } from "../../trace/kept-runs.ts";
import { tracePage } from "../../trace/page.ts";
import { lengthText, timeText } from "../../trace/page-summary.ts";
import { commandText, outcomeText, runText } from "../../trace/run-text.ts";
import type { Trace } from "../../trace/trace.ts";
import { readCommand } from "../command-flags.ts";
import { type Console, PROGRAM, writeOut } from "../console.ts";
import { UsageError } from "../errors.ts";
import type { CommonFlags } from "../global-flags.ts";
import { writableFile, writeTraceFile } from "../trace-file.ts";

/**
 * `trace` lists the runs that are kept, `trace NUMBER` shows one of them, and `-o FILE.html` writes its page.
 *
 * @throws UsageError
 * @throws Error when there is no such run, or the file cannot be written
 */
export async function runTrace(
  words: readonly string[],
  { flags, console }: { flags: CommonFlags; console: Console },
): Promise<void> {
  const { options, words: given } = readCommand("trace", words, flags);
  const number = numberOf(given, options.last);
  const runs = [...keptRuns(storeDir(console.env))];
  if (number === undefined) {
    const needless = options.output !== "" ? "-o" : options.with !== "" ? "--with" : undefined;
    if (needless !== undefined)
      throw new UsageError(`${needless} needs one run: name it, or give --last`, `${PROGRAM} trace`);
    return await writeOut(console.stdout, listText(runs));
  }
  const run = runOf(number, runs);
  const before = options.with === "" ? runBefore(run, runs) : runOf(readNumber(options.with), runs);
  if (before === run) throw new UsageError("a run cannot be compared with itself", `${PROGRAM} trace`);
  if (options.output === "") return await writeOut(console.stdout, runText(run, before));
  const path = writableFile(options.output, console.cwd, "-o");
  try {
    writeTraceFile(path, tracePage(run, before));
  } catch (error) {
    const words = `${path} cannot be written: ${(error as Error).message}`;
    throw new Error(`${words}\n  to do: name a file in a writable folder with enough space`, { cause: error });
  }
  if (!flags.options.silent) console.stderr.write(`Saved the page about the run to ${JSON.stringify(path)}.\n`);
}

/** @throws UsageError */
function numberOf(words: readonly string[], isLast: boolean): number | undefined {
  const [word, ...more] = isLast ? ["1", ...words] : words;
  if (word === undefined) return undefined;
  if (more.length > 0) throw new UsageError("name one run: a number, or --last", `${PROGRAM} trace`);
  return readNumber(word);
}

/** @throws UsageError */
function readNumber(word: string): number {
  if (/^[1-9]\d{0,8}$/.test(word)) return Number(word);
  throw new UsageError(`${JSON.stringify(word)} is not the number of a run: 1 is the newest`, `${PROGRAM} trace`);
}

/** @throws Error when there is no such run */
function runOf(number: number, runs: readonly Trace[]): Trace {
  const run = runs[number - 1];
  if (run !== undefined) return run;
  throw new Error(`there is no run ${number}: ${runs.length} are kept\n  to do: ${PROGRAM} trace lists them`);
}

function listText(runs: readonly Trace[]): string {
  if (runs.length === 0) return "No runs are kept yet.\n";
  const head = ["", "Started (UTC)", "Took", "Ended", "Steps", "Command"];
  const rows = runs.map((run, place) => [
    String(place + 1),
    timeText(run.startedAt),
    lengthText(run.durationMs),
    outcomeText(run),
    String(run.steps.filter(({ ofEngine }) => ofEngine !== true).length + run.droppedSteps),
    commandText(run),
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => (column === 5 ? cell : cell.padEnd(widths[column] ?? 0))).join("  ");
  return `${[head, ...rows].map(line).join("\n")}\n`;
}
