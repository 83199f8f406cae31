import { type ComparedStep, compareRuns, tellWhy } from "./compare.ts";
import { lengthText, OUTCOMES, timeText } from "./page-summary.ts";
import type { StepOutcome, Trace } from "./trace.ts";
import { causesOf, endOfOutput, stepsBelow } from "./tree.ts";
import { withoutEscapes } from "./without-escapes.ts";

const MARKS: Readonly<Record<StepOutcome, string>> = { done: "✔", cached: "$", failed: "✘", canceled: "■" };

/** How a run ended: `succeeded`, `failed (3)`. */
export function outcomeText({ outcome, exitCode }: Trace): string {
  return `${OUTCOMES[outcome].toLowerCase()}${outcome === "failed" ? ` (${exitCode})` : ""}`;
}

/** The command as it was given, on one line and without what would move a cursor. */
export function commandText({ command }: Trace): string {
  const words = command.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`));
  return withoutEscapes(`slipway ${words.join(" ")}`).replace(/\s+/g, " ");
}

/** A run as a tree for a terminal; below what failed by itself the end of its output. */
export function runText(trace: Trace, before: Trace | undefined): string {
  const steps = compareRuns(trace, before);
  const tree: Tree = { below: stepsBelow(steps), causes: causesOf(steps) };
  const compared = before === undefined ? "" : `, before: ${lengthText(before.durationMs)}`;
  const error = trace.error === undefined ? "" : `\nError: ${withoutEscapes(trace.error)}\n`;
  return `${commandText(trace)}
${outcomeText(trace)}, ${lengthText(trace.durationMs)}${compared}, ${timeText(trace.startedAt)} in ${withoutEscapes(trace.folder)}

${textBelow(0, "", tree)}${error}`;
}

interface Tree {
  readonly below: ReturnType<typeof stepsBelow>;
  readonly causes: ReturnType<typeof causesOf>;
}

/** Steps come in order of beginning: each has to stand below the one that it is a part of. */
function textBelow(parent: number, indent: string, tree: Tree): string {
  const steps = tree.below.get(parent) ?? [];
  return steps
    .map((one) => stepText(one, indent, tree.causes) + textBelow(one.step.number, `${indent}  `, tree))
    .join("");
}

function stepText(one: ComparedStep, indent: string, causes: Tree["causes"]): string {
  const { step, mark } = one;
  const note = mark === "reused" ? "CACHED" : step.outcome === "failed" ? "ERROR" : "";
  const why =
    mark === "again" && (step.ofEngine !== true || step.key !== undefined)
      ? `${indent}  ${withoutEscapes(tellWhy(one))}\n`
      : "";
  const line =
    `${indent}${MARKS[step.outcome]} ${withoutEscapes(step.name)} ${lengthText(step.endMs - step.startMs)} ${note}`.trimEnd();
  if (!causes.has(step)) return `${line}\n${why}`;
  const output = endOfOutput(step);
  const dropped = output.before === 0 ? "" : `${indent}  ┃ … ${output.before} lines before\n`;
  return `${line}\n${why}${dropped}${output.shown.map((text) => `${indent}  ┃ ${withoutEscapes(text)}\n`).join("")}`;
}
