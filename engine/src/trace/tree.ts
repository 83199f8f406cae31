import type { ComparedStep } from "./compare.ts";
import type { TraceStep } from "./trace.ts";

/** Steps by the number of the one that they are a part of; 0: at the top. Each list in order of beginning. */
export function stepsBelow(steps: readonly ComparedStep[]): ReadonlyMap<number, readonly ComparedStep[]> {
  const below = new Map<number, ComparedStep[]>();
  for (const one of steps) {
    const parent = one.step.parent ?? 0;
    const siblings = below.get(parent);
    if (siblings === undefined) below.set(parent, [one]);
    else siblings.push(one);
  }
  return below;
}

/** Where it failed first: the steps that failed by themselves, and not by a part of them. */
export function causesOf(steps: readonly ComparedStep[]): ReadonlySet<TraceStep> {
  const failed = steps.map(({ step }) => step).filter(({ outcome }) => outcome === "failed");
  const above = new Set(failed.map(({ parent }) => parent));
  return new Set(failed.filter(({ number }) => !above.has(number)));
}

/** The end of the output is where programs say what went wrong. */
const SHOWN_LINES = 60;

/** The end of a step's output, and how many lines were before that. */
export function endOfOutput({ lines, droppedLines }: TraceStep): { shown: readonly string[]; before: number } {
  const shown = lines.slice(-SHOWN_LINES);
  return { shown, before: lines.length - shown.length + droppedLines };
}
