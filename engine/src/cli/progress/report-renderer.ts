import type { SessionEvent } from "../../api/session.ts";
import { cyan, faint, green, red } from "../terminal.ts";
import type { Drawing, RendererOptions } from "./renderer.ts";
import { durationText, elapsedMs, StepTree, type StepView } from "./step-tree.ts";

/** Nothing while it runs; at the end the tree of what ran, with the output of what failed. */
export class ReportRenderer implements Drawing {
  readonly showsFailedOutput = true;
  readonly #tree = new StepTree();
  #finished = false;

  constructor(readonly options: RendererOptions) {}

  handle(event: SessionEvent): void {
    const change = this.#tree.apply(event, this.options.nowMs());
    if (change?.kind === "note") this.options.write(`${change.text}\n`);
  }

  finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.options.write(reportText(this.#tree.roots, this.options));
  }
}

/** A mark for each step, and for each that is over the whole tree when something in it failed. */
export class DotsRenderer implements Drawing {
  readonly showsFailedOutput = true;
  readonly #tree = new StepTree();
  #column = 0;
  #finished = false;

  constructor(readonly options: RendererOptions) {}

  handle(event: SessionEvent): void {
    const change = this.#tree.apply(event, this.options.nowMs());
    const { colour } = this.options;
    if (change?.kind === "note") this.#ownLine(change.text);
    if (change?.kind === "lines") for (const line of change.lines) this.#ownLine(line);
    if (change?.kind !== "ended") return;
    for (const line of change.lines) this.#ownLine(line);
    const failed = change.step.outcome === "failed";
    this.#mark(failed ? red("X", colour) : green(".", colour));
  }

  #ownLine(line: string): void {
    this.options.write(`${this.#column > 0 ? "\n" : ""}${line}\n`);
    this.#column = 0;
  }

  #mark(mark: string): void {
    this.options.write(mark);
    this.#column++;
    if (this.#column === 80) this.#ownLine("");
  }

  finish(failed: boolean): void {
    if (this.#finished) return;
    this.#finished = true;
    if (this.#column > 0) this.options.write("\n");
    if (failed) this.options.write(reportText(this.#tree.roots.filter(hasFailed), this.options));
  }
}

export function hasFailed(step: StepView): boolean {
  return step.outcome === "failed" || step.children.some(hasFailed);
}

/** The steps as a tree; below each that failed by itself all that it printed. */
export function reportText(
  roots: readonly StepView[],
  options: Pick<RendererOptions, "colour" | "nowMs"> & { readonly verbosity: number },
): string {
  return roots.map((step) => branch(step, "", options)).join("");
}

function branch(
  step: StepView,
  indent: string,
  options: Pick<RendererOptions, "colour" | "nowMs"> & { readonly verbosity: number },
): string {
  let text = `${indent}${stepLine(step, options)}\n`;
  const inner = `${indent}  `;
  for (const child of step.children) text += branch(child, inner, options);
  const isCause = step.outcome === "failed" && !step.children.some(hasFailed);
  if (!isCause && options.verbosity <= 0) return text;
  if (step.droppedLines > 0) text += `${inner}${faint(`┃ … ${step.droppedLines} lines before`, options.colour)}\n`;
  for (const line of step.lines) text += `${inner}${faint("┃", options.colour)} ${line}\n`;
  return text;
}

export function stepLine(step: StepView, options: Pick<RendererOptions, "colour" | "nowMs">): string {
  const { colour } = options;
  const time = durationText(elapsedMs(step, options.nowMs()));
  switch (step.outcome) {
    case "failed":
      return `${red("✘", colour)} ${step.name} ${faint(time, colour)} ${red("ERROR", colour)}`;
    case "cached":
      return `${cyan("$", colour)} ${step.name} ${faint(time, colour)} ${cyan("CACHED", colour)}`;
    case "done":
      return `${green("✔", colour)} ${step.name} ${faint(time, colour)}`;
    case "running":
      return `${faint("○", colour)} ${step.name} ${faint(time, colour)}`;
  }
}
