import type { SessionEvent } from "../api/session.ts";
import { type Hide, type LogLine, LogTail, shownLine } from "./log-tail.ts";
import { inOneLine } from "./one-line.ts";
import { type RunOutcome, TRACE_FORMAT, type Trace, type TraceNote, type TraceStep } from "./trace.ts";

/** More steps are counted and not kept. */
const KEPT_STEPS = 5000;
const KEPT_NOTES = 500;
const NAME_LENGTH = 2000;
/** All output of a run together; where there is more, every step keeps as much of its end as there is room for. */
const ALL_CHARACTERS = 4 << 20;

type StartEvent = SessionEvent & { readonly kind: "start" };

type EndEvent = SessionEvent & { readonly kind: "end" };

interface OpenStep {
  readonly number: number;
  readonly parent: number | undefined;
  readonly event: StartEvent;
  readonly startMs: number;
  readonly log: LogTail;
  end?: { readonly atMs: number; readonly event: EndEvent };
}

/** How a run ended, and what of it is not told by events. */
export interface RunEnd {
  readonly program: string;
  readonly command: readonly string[];
  readonly folder: string;
  readonly outcome: RunOutcome;
  readonly exitCode: number;
  readonly error?: string;
  /** A text without what is secret in it. Secrets that were read late are hidden in what was said early as well. */
  readonly hide: Hide;
}

/** Keeps what the events of a run tell, within bounds. */
export class TraceRecorder {
  readonly #steps: OpenStep[] = [];
  /** The last one of each id. */
  readonly #byId = new Map<string, OpenStep>();
  readonly #notes: TraceNote[] = [];
  readonly #begunMs: number;
  readonly #startedAt: Date;
  #dropped = 0;
  #workEndedMs = Number.POSITIVE_INFINITY;

  /** @param nowMs a clock that only goes forward */
  constructor(
    readonly nowMs: () => number,
    startedAt: Date,
  ) {
    this.#begunMs = nowMs();
    this.#startedAt = startedAt;
  }

  handle(event: SessionEvent): void {
    switch (event.kind) {
      case "start":
        this.#start(event);
        return;
      case "log":
        this.#byId.get(event.id)?.log.push(event.stream, event.text, this.#now());
        return;
      case "end": {
        const step = this.#byId.get(event.id);
        if (step !== undefined && step.end === undefined) step.end = { atMs: this.#now(), event };
        return;
      }
      case "note":
        if (this.#notes.length < KEPT_NOTES) this.#notes.push({ atMs: this.#now(), text: event.text });
    }
  }

  /** Whether something ran that a person has asked for, or the engine could not do what it needs for that. */
  get hasSteps(): boolean {
    return this.hasWork || this.#steps.some(({ end }) => end?.event.outcome === "failed");
  }

  /** Did anything begin but what the engine does for itself? */
  get hasWork(): boolean {
    return this.#steps.some(({ event }) => event.ofEngine !== true);
  }

  /** What ends from now on was ended by the end of the run. */
  endWork(): void {
    this.#workEndedMs = Math.min(this.#workEndedMs, this.#now());
  }

  /** All that was told until now. What has not ended by itself counts as canceled, but services that ended well as done. */
  finish({ hide, error, ...end }: RunEnd): Trace {
    const durationMs = this.#now();
    const share = this.#share();
    return {
      format: TRACE_FORMAT,
      ...end,
      command: end.command.map((word) => hide(word)),
      startedAt: this.#startedAt.toISOString(),
      durationMs,
      ...(error === undefined ? {} : { error: hide(error) }),
      notes: this.#notes.map(({ atMs, text }) => ({ atMs, text: hide(text) })),
      steps: this.#steps.map((step) => this.#closed(step, { durationMs, share, hide })),
      droppedSteps: this.#dropped,
    };
  }

  #now(): number {
    return Math.max(0, Math.round(this.nowMs() - this.#begunMs));
  }

  #start(event: StartEvent): void {
    const known = this.#byId.get(event.id);
    // What was made in this run and is only used again is one step; what failed and is tried again is another.
    if (known !== undefined && known.end?.event.outcome !== "failed") return;
    if (this.#steps.length >= KEPT_STEPS) {
      this.#dropped++;
      return;
    }
    const step: OpenStep = {
      number: this.#steps.length + 1,
      parent: event.parent === undefined ? undefined : this.#byId.get(event.parent)?.number,
      event,
      startMs: this.#now(),
      log: new LogTail(),
    };
    this.#steps.push(step);
    this.#byId.set(event.id, step);
  }

  /** Characters that each step may keep of its output. */
  #share(): number {
    const sizes = this.#steps.map(({ log }) => sizeOf(log.lines())).sort((a, b) => a - b);
    let [left, share] = [ALL_CHARACTERS, Number.POSITIVE_INFINITY];
    for (const [place, size] of sizes.entries()) {
      const fair = left / (sizes.length - place);
      if (size > fair) {
        share = fair;
        break;
      }
      left -= size;
    }
    return share;
  }

  #closed(step: OpenStep, { durationMs, share, hide }: Closing): TraceStep {
    const { number, parent, startMs, log, event, end } = step;
    const lines = log.lines();
    const kept = endOf(lines, share);
    const wasEnded = end !== undefined && (end.atMs <= this.#workEndedMs || end.event.outcome !== "failed");
    const inputs = [...(event.inputs ?? []), ...(end?.event.inputs ?? [])];
    return {
      number,
      ...(parent === undefined ? {} : { parent }),
      name: inOneLine(hide(event.name), NAME_LENGTH),
      ...(event.ofEngine === true ? { ofEngine: true } : {}),
      startMs,
      endMs: end?.atMs ?? durationMs,
      outcome: wasEnded ? end.event.outcome : "canceled",
      ...(event.key === undefined ? {} : { key: event.key }),
      ...(inputs.length === 0 ? {} : { inputs: inputs.map((one) => ({ ...one, name: hide(one.name) })) }),
      lines: kept.map((line) => shownLine(line, hide)),
      times: kept.map(({ atMs }) => atMs),
      errors: kept.flatMap(({ stream }, place) => (stream === "stderr" ? [place] : [])),
      droppedLines: log.dropped + lines.length - kept.length,
    };
  }
}

interface Closing {
  readonly durationMs: number;
  readonly share: number;
  readonly hide: Hide;
}

function sizeOf(lines: readonly LogLine[]): number {
  return lines.reduce((sum, { text }) => sum + text.length + 1, 0);
}

function endOf(lines: readonly LogLine[], characters: number): readonly LogLine[] {
  let [from, size] = [lines.length, 0];
  while (from > 0) {
    size += (lines[from - 1]?.text.length ?? 0) + 1;
    if (size > characters) break;
    from--;
  }
  return lines.slice(from);
}
