import type { SessionEvent } from "../../api/session.ts";
import { cyan, faint, green, red } from "../terminal.ts";
import type { Drawing, RendererOptions } from "./renderer.ts";
import { SlowEngineSteps } from "./slow-engine-steps.ts";
import { type Change, depthOf, durationText, elapsedMs, StepTree, type StepView } from "./step-tree.ts";

/** A step that runs that long is announced, so that a log shows where it hangs. */
const ANNOUNCE_AFTER_MS = 1000;
const LOOK_EVERY_MS = 500;

/**
 * A log that only grows: `12 : [0.3s] | output`, `12 : exec npm test DONE [2.1s]`. A blank line stands before
 * a step whose output begins.
 */
export class PlainRenderer implements Drawing {
  readonly showsFailedOutput = false;
  readonly #tree = new StepTree();
  readonly #announced = new Set<StepView>();
  readonly #running = new Set<StepView>();
  readonly #timer: NodeJS.Timeout;
  readonly #ofEngine = new SlowEngineSteps();
  #last: StepView | undefined;

  constructor(readonly options: RendererOptions) {
    this.#timer = setInterval(() => this.#announceSlow(), LOOK_EVERY_MS).unref();
  }

  handle(event: SessionEvent): void {
    const nowMs = this.options.nowMs();
    this.#ofEngine.apply(event, nowMs);
    const change = this.#tree.apply(event, nowMs);
    if (change !== undefined) this.#show(change);
  }

  #show(change: Change): void {
    switch (change.kind) {
      case "note":
        this.options.write(`${change.text}\n`);
        return;
      case "started":
        this.#running.add(change.step);
        return;
      case "lines":
        this.#lines(change.step, change.lines);
        return;
      case "ended":
        this.#running.delete(change.step);
        if (change.lines.length > 0) this.#lines(change.step, change.lines);
        this.#line(change.step, `${change.step.name} ${this.#outcome(change.step)}`);
        return;
    }
  }

  #announceSlow(): void {
    const now = this.options.nowMs();
    for (const step of this.#running) {
      if (now - step.startedMs >= ANNOUNCE_AFTER_MS) this.#announce(step);
    }
    for (const line of this.#ofEngine.lines(now)) this.options.write(`${line}\n`);
  }

  #announce(step: StepView): void {
    if (this.#announced.has(step)) return;
    this.#announced.add(step);
    if (this.#last !== undefined && this.#last !== step) this.options.write("\n");
    this.#line(step, step.name);
  }

  #lines(step: StepView, lines: readonly string[]): void {
    this.#announce(step);
    const time = faint(`[${durationText(elapsedMs(step, this.options.nowMs()))}] |`, this.options.colour);
    for (const line of lines) this.#line(step, `${time} ${line}`);
  }

  #line(step: StepView, text: string): void {
    const { colour, write } = this.options;
    this.#last = step;
    write(`${cyan(String(step.number).padEnd(3), colour)} : ${"┆ ".repeat(depthOf(step))}${text}\n`);
  }

  #outcome(step: StepView): string {
    const { colour } = this.options;
    const time = `[${durationText(elapsedMs(step, this.options.nowMs()))}]`;
    if (step.outcome === "failed") return red(`ERROR ${time}`, colour);
    return step.outcome === "cached" ? cyan(`CACHED ${time}`, colour) : green(`DONE ${time}`, colour);
  }

  finish(): void {
    clearInterval(this.#timer);
  }
}

/** The output of what runs and nothing else. */
export class LogsRenderer implements Drawing {
  readonly showsFailedOutput = false;
  readonly #tree = new StepTree();

  constructor(readonly options: RendererOptions) {}

  handle(event: SessionEvent): void {
    const change = this.#tree.apply(event, this.options.nowMs());
    if (change?.kind === "note") this.options.write(`${change.text}\n`);
    if (change?.kind === "lines" || change?.kind === "ended") {
      for (const line of change.lines) this.options.write(`${line}\n`);
    }
  }

  finish(): void {}
}
