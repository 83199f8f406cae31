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

/**
 * Where it failed first: the steps that failed by themselves, and not by a part of them. Those that said something come
 * first; the others may have failed since the run ended.
 */
export function causesOf(steps: readonly ComparedStep[]): ReadonlySet<TraceStep> {
  const failed = steps.map(({ step }) => step).filter(({ outcome }) => outcome === "failed");
  const above = new Set(failed.map(({ parent }) => parent));
  const causes = failed.filter(({ number }) => !above.has(number));
  const [silent, said] = [true, false].map((isSilent) =>
    causes.filter(({ lines }) => (lines.length === 0) === isSilent),
  );
  return new Set([...(said ?? []), ...(silent ?? [])]);
}

/** By number: the steps that one is a part of, the one at the top first. */
export function pathTo({ parent }: TraceStep, byNumber: ReadonlyMap<number, TraceStep>): readonly TraceStep[] {
  const above = parent === undefined ? undefined : byNumber.get(parent);
  return above === undefined ? [] : [...pathTo(above, byNumber), above];
}

const LONGEST = 5;
/** Of the time of the whole run; who looks for time does not look for less. */
const LEAST_SHARE = 0.05;

/** The steps with nothing below them that took longest, the longest first. */
export function longestSteps(steps: readonly ComparedStep[], durationMs: number): readonly ComparedStep[] {
  const above = new Set(steps.map(({ step }) => step.parent));
  const took = ({ step }: ComparedStep): number => step.endMs - step.startMs;
  return steps
    .filter((one) => !above.has(one.step.number) && one.step.outcome !== "cached")
    .filter((one) => took(one) >= durationMs * LEAST_SHARE)
    .sort((left, right) => took(right) - took(left))
    .slice(0, LONGEST);
}

/** The end of the output is where programs say what went wrong. */
const SHOWN_LINES = 60;

/** The end of a step's output, and how many lines were before that. */
export function endOfOutput({ lines, droppedLines }: TraceStep): { shown: readonly string[]; before: number } {
  const shown = lines.slice(-SHOWN_LINES);
  return { shown, before: lines.length - shown.length + droppedLines };
}
