import type { SessionEvent } from "../../api/session.ts";
import { inOneLine } from "../../trace/one-line.ts";

export type Outcome = "running" | "done" | "cached" | "failed";

/** A named piece of work, as long as somebody may want to see it. */
export interface StepView {
  readonly id: string;
  /** Counts from 1 in order of beginning. */
  readonly number: number;
  readonly name: string;
  readonly ofEngine: boolean;
  readonly parent: StepView | undefined;
  readonly children: StepView[];
  readonly startedMs: number;
  endedMs: number | undefined;
  outcome: Outcome;
  /** Whole lines, in order of arrival. */
  readonly lines: string[];
  /** Characters of these lines. */
  keptLength: number;
  /** Lines that are no longer kept. */
  droppedLines: number;
  readonly partial: { stdout: string; stderr: string };
}

/** Lines that are kept of a step, the newest. */
const KEPT_LINES = 2000;
/** Characters of them. */
const KEPT_LENGTH = 4 << 20;
/** A line without an end is shown in pieces of about this length. */
const LONGEST_LINE = 1 << 16;
/** A name is a line of the progress, also that of a script of many lines. */
const NAME_LENGTH = 160;

/** What changed by one event. */
export type Change =
  | { readonly kind: "started"; readonly step: StepView }
  | { readonly kind: "lines"; readonly step: StepView; readonly lines: readonly string[] }
  | { readonly kind: "ended"; readonly step: StepView; readonly lines: readonly string[] }
  | { readonly kind: "note"; readonly text: string };

/** Keeps all steps of a run as a tree and cuts their output into lines. */
export class StepTree {
  readonly roots: StepView[] = [];
  readonly #steps = new Map<string, StepView>();
  #count = 0;

  /** @param showsEngine whether what the engine does for itself is worth a line while it lasts */
  constructor(readonly showsEngine = false) {}

  /** Takes one event in; undefined when it says nothing new. */
  apply(event: SessionEvent, nowMs: number): Change | undefined {
    switch (event.kind) {
      case "note":
        return { kind: "note", text: event.text };
      case "start":
        return this.#start(event, nowMs);
      case "log": {
        const step = this.#steps.get(event.id);
        if (step === undefined) return undefined;
        const lines = takeLines(step, event.stream, event.text);
        return lines.length === 0 ? undefined : { kind: "lines", step, lines };
      }
      case "end": {
        const step = this.#steps.get(event.id);
        if (step === undefined || step.outcome !== "running") return undefined;
        const lines = [...flushLine(step, "stdout"), ...flushLine(step, "stderr")];
        step.outcome = event.outcome;
        step.endedMs = nowMs;
        return { kind: "ended", step, lines };
      }
    }
  }

  #start(event: SessionEvent & { readonly kind: "start" }, nowMs: number): Change | undefined {
    const { id, name, ofEngine = false } = event;
    if (this.#steps.has(id) || (ofEngine && !this.showsEngine)) return undefined;
    const parent = event.parent === undefined ? undefined : this.#steps.get(event.parent);
    this.#count++;
    const step: StepView = {
      id,
      number: this.#count,
      name: inOneLine(name, NAME_LENGTH),
      ofEngine,
      parent,
      children: [],
      startedMs: nowMs,
      endedMs: undefined,
      outcome: "running",
      lines: [],
      keptLength: 0,
      droppedLines: 0,
      partial: { stdout: "", stderr: "" },
    };
    this.#steps.set(id, step);
    (parent?.children ?? this.roots).push(step);
    return { kind: "started", step };
  }

  all(): Iterable<StepView> {
    return this.#steps.values();
  }
}

function takeLines(step: StepView, stream: "stdout" | "stderr", text: string): string[] {
  const pieces = (step.partial[stream] + text).split("\n");
  const last = pieces.pop() ?? "";
  const isLong = last.length > LONGEST_LINE;
  step.partial[stream] = isLong ? "" : last;
  return keep(step, isLong ? [...pieces, last] : pieces);
}

function flushLine(step: StepView, stream: "stdout" | "stderr"): string[] {
  const rest = step.partial[stream];
  step.partial[stream] = "";
  return rest === "" ? [] : keep(step, [rest]);
}

function keep(step: StepView, lines: string[]): string[] {
  for (const line of lines) {
    step.lines.push(line);
    step.keptLength += line.length;
  }
  let dropped = 0;
  while (step.lines.length - dropped > KEPT_LINES || (step.keptLength > KEPT_LENGTH && dropped < step.lines.length)) {
    step.keptLength -= step.lines[dropped]?.length ?? 0;
    dropped += 1;
  }
  if (dropped > 0) step.droppedLines += step.lines.splice(0, dropped).length;
  return lines;
}

export function depthOf(step: StepView): number {
  let depth = 0;
  for (let up = step.parent; up !== undefined; up = up.parent) depth++;
  return depth;
}

/** `0.3s`, `12.0s`, `2m05s`. */
export function durationText(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)}s`;
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, "0")}s`;
}

export function elapsedMs(step: StepView, nowMs: number): number {
  return (step.endedMs ?? nowMs) - step.startedMs;
}
