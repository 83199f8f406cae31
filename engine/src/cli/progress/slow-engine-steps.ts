import type { SessionEvent } from "../../api/session.ts";
import { inOneLine } from "../../trace/one-line.ts";

/** Work of the engine for itself that lasts that long gets a line, where the rest of it is not shown. */
const TELL_AFTER_MS = 5_000;
const NAME_LENGTH = 160;

interface EngineStep {
  readonly name: string;
  readonly parent: string | undefined;
  readonly startedMs: number;
  isTold: boolean;
}

/** What the engine does for itself and takes long over: each such step once, with what it is a part of. */
export class SlowEngineSteps {
  readonly #running = new Map<string, EngineStep>();

  apply(event: SessionEvent, nowMs: number): void {
    if (event.kind === "end") this.#running.delete(event.id);
    if (event.kind !== "start" || event.ofEngine !== true) return;
    const { id, name, parent } = event;
    this.#running.set(id, { name: inOneLine(name, NAME_LENGTH), parent, startedMs: nowMs, isTold: false });
  }

  /** Lines for those that have not been told: `load module app: install its packages by npm, 5 s so far`. */
  lines(nowMs: number): string[] {
    const parents = new Set(Array.from(this.#running.values(), ({ parent }) => parent));
    const lines: string[] = [];
    for (const [id, step] of this.#running) {
      const ranMs = nowMs - step.startedMs;
      if (step.isTold || ranMs < TELL_AFTER_MS || parents.has(id)) continue;
      // The start of all says nothing beside a part of it.
      if (step.parent === undefined && this.#running.size > 1) continue;
      step.isTold = true;
      const above = step.parent === undefined ? undefined : this.#running.get(step.parent);
      lines.push(`${above === undefined ? "" : `${above.name}: `}${step.name}, ${Math.floor(ranMs / 1000)} s so far`);
    }
    return lines;
  }
}
