import type { ChangedFiles, Trace, TraceStep } from "./trace.ts";

/** A step beside that of an earlier run. */
export interface ComparedStep {
  readonly step: TraceStep;
  /** The same step of the run before; undefined where it had none. */
  readonly before: TraceStep | undefined;
  readonly mark: Mark;
  /** Names of inputs that are not what they were. Undefined where either run does not say what it depended on. */
  readonly changed: readonly string[] | undefined;
  /** By name of an input: which of its files are not what they were. */
  readonly files: ReadonlyMap<string, ChangedFiles>;
}

/**
 * `reused`: nothing had to run. `again`: it ran in the run before too, or was known there. `new`: the run before had no
 * such step. `alone`: there is no run to compare with.
 */
export type Mark = "reused" | "again" | "new" | "alone";

/** All steps of a run in order of beginning, each with the same step of the run before. */
export function compareRuns(now: Trace, before: Trace | undefined): readonly ComparedStep[] {
  const find = before === undefined ? () => undefined : finder(before.steps);
  const paths = pathsOf(now.steps);
  return now.steps.map((step) => {
    const same = find(step, paths.get(step.number) ?? "");
    const files = before !== undefined && now.comparedWith === before.startedAt ? filesOf(step) : NO_FILES;
    return { step, before: same, mark: markOf(step, same, before), changed: changedInputs(step, same), files };
  });
}

function markOf(step: TraceStep, same: TraceStep | undefined, before: Trace | undefined): Mark {
  if (step.outcome === "cached") return "reused";
  if (before === undefined) return "alone";
  return same === undefined ? "new" : "again";
}

/** A step is the same when its key is; else when it has the same place: the same names above it, as the n-th of them. */
function finder(steps: readonly TraceStep[]): (step: TraceStep, path: string) => TraceStep | undefined {
  const byKey = new Map<string, TraceStep>();
  const byPath = new Map<string, TraceStep>();
  const paths = pathsOf(steps);
  for (const step of steps) {
    if (step.key !== undefined && !byKey.has(step.key)) byKey.set(step.key, step);
    byPath.set(paths.get(step.number) ?? "", step);
  }
  return (step, path) => (step.key === undefined ? undefined : byKey.get(step.key)) ?? byPath.get(path);
}

/** By number of the step: where it stands in the tree. */
function pathsOf(steps: readonly TraceStep[]): ReadonlyMap<number, string> {
  const paths = new Map<number, string>();
  const counts = new Map<string, number>();
  for (const { number, parent, name } of steps) {
    const path = `${parent === undefined ? "" : (paths.get(parent) ?? "")}\n${name}`;
    const nth = (counts.get(path) ?? 0) + 1;
    counts.set(path, nth);
    paths.set(number, `${path}\t${nth}`);
  }
  return paths;
}

function changedInputs({ inputs }: TraceStep, before: TraceStep | undefined): readonly string[] | undefined {
  if (inputs === undefined || before?.inputs === undefined) return undefined;
  const [was, is] = [digestsByName(before.inputs), digestsByName(inputs)];
  return [...new Set([...is.keys(), ...was.keys()])].filter((name) => is.get(name) !== was.get(name));
}

const NO_FILES: ReadonlyMap<string, ChangedFiles> = new Map();

function filesOf({ inputs = [] }: TraceStep): ReadonlyMap<string, ChangedFiles> {
  return new Map(inputs.flatMap(({ name, changed }) => (changed === undefined ? [] : [[name, changed] as const])));
}

/** Inputs of one name are one: which of two environment variables of a name came first counts as well. */
function digestsByName(inputs: NonNullable<TraceStep["inputs"]>): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { name, digest } of inputs) found.set(name, `${found.get(name) ?? ""} ${digest}`);
  return found;
}

/** Why a step ran or did not, in a sentence. */
export function tellWhy({ step, before, mark, changed, files }: ComparedStep): string {
  if (mark === "reused") return "Not run: the result of the same work was known.";
  if (mark === "alone") return "There is no earlier run of the same command to compare with.";
  if (mark === "new") return "The previous run had no such step.";
  if (step.key === undefined) return "It runs in every command: nothing of it is kept.";
  if (changed !== undefined && changed.length > 0) {
    const told = changed.map((name) => {
      const which = files.get(name);
      return which === undefined ? name : `${name} (${tellFiles(which, FILES_IN_SENTENCE)})`;
    });
    return `It ran again because this changed: ${told.join(", ")}.`;
  }
  if (before?.outcome === "failed" || before?.outcome === "canceled") {
    return "It ran again: the previous run did not finish it.";
  }
  if (step.key !== before?.key) return "It ran again: something that it depends on changed.";
  return "It ran again although nothing changed: its result was not kept, or is no longer in the store.";
}

/** In a sentence; a list may have all. */
const FILES_IN_SENTENCE = 3;

/** `src/a.ts, new src/b.ts and 3 more`. */
function tellFiles({ first, more }: ChangedFiles, most: number): string {
  const named = first.slice(0, most).map(({ path, how }) => (how === "changed" ? path : `${how} ${path}`));
  const left = first.length - named.length + more;
  return `${named.join(", ")}${left === 0 ? "" : ` and ${left} more`}`;
}
