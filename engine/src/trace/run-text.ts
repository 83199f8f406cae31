import { stripVTControlCharacters } from "node:util";
import { type ComparedStep, compareRuns, tellWhy } from "./compare.ts";
import { lengthText, OUTCOMES, timeText } from "./page-summary.ts";
import type { StepOutcome, Trace } from "./trace.ts";

const MARKS: Readonly<Record<StepOutcome, string>> = { done: "✔", cached: "$", failed: "✘", canceled: "■" };

/** The end of the output of what failed. */
const SHOWN_LINES = 60;

/** How a run ended: `succeeded`, `failed (3)`. */
export function outcomeText({ outcome, exitCode }: Trace): string {
  return `${OUTCOMES[outcome].toLowerCase()}${outcome === "failed" ? ` (${exitCode})` : ""}`;
}

/** The command as it was given, on one line and without what would move a cursor. */
export function commandText({ command }: Trace): string {
  const words = command.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`));
  return shown(`slipway ${words.join(" ")}`).replace(/\s+/g, " ");
}

/** A run as a tree for a terminal; below what failed by itself the end of its output. */
export function runText(trace: Trace, before: Trace | undefined): string {
  const steps = compareRuns(trace, before);
  const failedBelow = new Set(steps.flatMap(({ step }) => (step.outcome === "failed" ? [step.parent] : [])));
  const depths = new Map<number, number>();
  const lines = steps.map((one) => {
    const { step } = one;
    const depth = step.parent === undefined ? 0 : (depths.get(step.parent) ?? 0) + 1;
    depths.set(step.number, depth);
    return { one, depth };
  });
  const body = inTreeOrder(lines).map(({ one, depth }) => stepText(one, depth, failedBelow, before));
  const compared = before === undefined ? "" : `, before: ${lengthText(before.durationMs)}`;
  const error = trace.error === undefined ? "" : `\nError: ${shown(trace.error)}\n`;
  return `${commandText(trace)}
${outcomeText(trace)}, ${lengthText(trace.durationMs)}${compared}, ${timeText(trace.startedAt)} in ${shown(trace.folder)}

${body.join("")}${error}`;
}

interface Placed {
  readonly one: ComparedStep;
  readonly depth: number;
}

/** Steps come in order of beginning: each has to stand below the one that it is a part of. */
function inTreeOrder(steps: readonly Placed[]): readonly Placed[] {
  const below = new Map<number, Placed[]>();
  for (const placed of steps) {
    const parent = placed.one.step.parent ?? 0;
    below.set(parent, [...(below.get(parent) ?? []), placed]);
  }
  const from = (parent: number): Placed[] =>
    (below.get(parent) ?? []).flatMap((placed) => [placed, ...from(placed.one.step.number)]);
  return from(0);
}

function stepText(
  one: ComparedStep,
  depth: number,
  failedBelow: ReadonlySet<number | undefined>,
  before: Trace | undefined,
): string {
  const { step, mark } = one;
  const indent = "  ".repeat(depth);
  const note = mark === "reused" ? "CACHED" : step.outcome === "failed" ? "ERROR" : "";
  const why = before !== undefined && mark === "again" ? `${indent}  ${shown(tellWhy(one))}\n` : "";
  const line =
    `${indent}${MARKS[step.outcome]} ${shown(step.name)} ${lengthText(step.endMs - step.startMs)} ${note}`.trimEnd();
  if (step.outcome !== "failed" || failedBelow.has(step.number)) return `${line}\n${why}`;
  const lines = step.lines.slice(-SHOWN_LINES);
  const more = step.lines.length + step.droppedLines - lines.length;
  const dropped = more === 0 ? "" : `${indent}  ┃ … ${more} lines before\n`;
  return `${line}\n${why}${dropped}${lines.map((text) => `${indent}  ┃ ${shown(text)}\n`).join("")}`;
}

/** A terminal must not be made to do anything by what a program printed some time ago. */
function shown(text: string): string {
  return stripVTControlCharacters(text).replace(/[^\P{Cc}\t\n]/gu, "");
}
