import type { SessionEvent } from "../../api/session.ts";
import { withoutEscapes } from "../../trace/without-escapes.ts";
import { columnsOf, cyan, faint, fitColumns, yellow } from "../terminal.ts";
import type { Drawing, RendererOptions } from "./renderer.ts";
import { hasFailed, reportText, stepLine } from "./report-renderer.ts";
import { durationText, elapsedMs, StepTree, type StepView } from "./step-tree.ts";

const REDRAW_EVERY_MS = 100;
/** Lines of output that are shown below a step that runs. */
const TAIL_LINES = 4;
/** A finished step that took less is left out of the closing tree, unless more is asked for. */
const WORTH_SHOWING_MS = 100;
const SPINNER = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const [HIDE_CURSOR, SHOW_CURSOR, CLEAR_BELOW, CLEAR_LINE] = ["\u001b[?25l", "\u001b[?25h", "\u001b[0J", "\u001b[K"];

export interface TerminalOptions extends RendererOptions {
  /** Asked at every redraw: windows change their size. */
  readonly size: () => { readonly columns: number; readonly rows: number };
}

/** A tree of what runs at the bottom of a terminal, drawn again and again; at the end the tree of what ran. */
export class TtyRenderer implements Drawing {
  readonly showsFailedOutput = true;
  readonly #tree = new StepTree(true);
  readonly #timer: NodeJS.Timeout;
  #drawnRows = 0;
  #frame = 0;
  #finished = false;
  #paused = false;

  constructor(readonly options: TerminalOptions) {
    options.write(HIDE_CURSOR);
    this.#timer = setInterval(() => this.#redraw(), REDRAW_EVERY_MS).unref();
  }

  handle(event: SessionEvent): void {
    const change = this.#tree.apply(event, this.options.nowMs());
    if (change?.kind !== "note") return;
    this.options.write(`${this.#erasing()}${change.text}\n`);
    this.#drawnRows = 0;
    this.#redraw();
  }

  #erasing(): string {
    return this.#drawnRows === 0 ? "" : `\r\u001b[${this.#drawnRows}A${CLEAR_BELOW}`;
  }

  pause(): void {
    if (this.#finished) return;
    this.#paused = true;
    this.options.write(`${this.#erasing()}${SHOW_CURSOR}`);
    this.#drawnRows = 0;
  }

  resume(): void {
    if (this.#finished) return;
    this.#paused = false;
    this.options.write(HIDE_CURSOR);
  }

  #redraw(): void {
    if (this.#finished || this.#paused) return;
    this.#frame++;
    const { columns, rows } = this.options.size();
    const lines = liveLines(this.#tree.roots, {
      colour: this.options.colour,
      nowMs: this.options.nowMs(),
      columns,
      rows: Math.max(1, rows - 1),
      spinner: SPINNER[this.#frame % SPINNER.length] ?? "",
    });
    const up = this.#drawnRows === 0 ? "" : `\r\u001b[${this.#drawnRows}A`;
    this.options.write(`${up}${lines.map((line) => `${line}${CLEAR_LINE}\n`).join("")}${CLEAR_BELOW}`);
    this.#drawnRows = lines.length;
  }

  finish(failed: boolean): void {
    if (this.#finished) return;
    this.#finished = true;
    clearInterval(this.#timer);
    const roots = this.options.verbosity > 0 ? this.#tree.roots : this.#tree.roots.filter(({ ofEngine }) => !ofEngine);
    const kept = this.options.verbosity < 0 ? [] : roots.filter((step) => this.#isWorthKeeping(step));
    const shown = failed ? [...new Set([...kept, ...roots.filter(hasFailed)])] : kept;
    const ordered = roots.filter((step) => shown.includes(step));
    const pruned = this.options.verbosity > 0 ? ordered : ordered.map(withoutTrifles);
    this.options.write(`${this.#erasing()}${SHOW_CURSOR}${reportText(pruned, this.options)}`);
    this.#drawnRows = 0;
  }

  #isWorthKeeping(step: StepView): boolean {
    return this.options.verbosity > 0 || !isTrifle(step);
  }
}

function isTrifle(step: StepView): boolean {
  if (step.ofEngine) return true;
  const isShort = elapsedMs(step, step.endedMs ?? step.startedMs) < WORTH_SHOWING_MS;
  return isShort && step.outcome !== "failed" && step.children.every(isTrifle);
}

function withoutTrifles(step: StepView): StepView {
  return { ...step, children: step.children.filter((child) => !isTrifle(child)).map(withoutTrifles) };
}

export interface LiveOptions {
  readonly colour: boolean;
  readonly nowMs: number;
  readonly columns: number;
  /** Lines that there is room for. */
  readonly rows: number;
  readonly spinner: string;
}

/** What is seen while it runs: the steps that run, below those that wait for them; the rest is counted. */
export function liveLines(roots: readonly StepView[], options: LiveOptions): string[] {
  const tails = [TAIL_LINES, 1, 0];
  for (const tail of tails) {
    const lines = roots.flatMap((step) => liveBranch(step, 0, tail, options));
    if (lines.length <= options.rows) return lines;
    if (tail === 0) return lines.slice(lines.length - options.rows);
  }
  return [];
}

function liveBranch(step: StepView, depth: number, tail: number, options: LiveOptions): string[] {
  const indent = "  ".repeat(depth);
  if (step.outcome !== "running") return depth === 0 && !step.ofEngine ? [fitLine(indent, step, options)] : [];
  const running = step.children.filter((child) => child.outcome === "running");
  const done = step.children.length - running.length;
  const time = durationText(elapsedMs(step, options.nowMs));
  const counted = done === 0 ? "" : `  ${done} done`;
  const name = fitColumns(
    withoutEscapes(step.name),
    Math.max(8, options.columns - columnsOf(`${indent}  ${time}${counted}`) - 2),
  );
  const head = `${indent}${yellow(options.spinner, options.colour)} ${name} ${cyan(time, options.colour)}${faint(counted, options.colour)}`;
  const lines = running.flatMap((child) => liveBranch(child, depth + 1, tail, options));
  if (running.length > 0 || tail === 0) return [head, ...lines];
  return [head, ...step.lines.slice(-tail).map((line) => tailLine(indent, line, options))];
}

function tailLine(indent: string, line: string, options: LiveOptions): string {
  const room = Math.max(8, options.columns - columnsOf(indent) - 5);
  return `${indent}  ${faint(`┃ ${fitColumns(withoutEscapes(line).replaceAll("\t", "  "), room)}`, options.colour)}`;
}

function fitLine(indent: string, step: StepView, options: LiveOptions): string {
  const room = Math.max(8, options.columns - columnsOf(indent) - 18);
  const fitted = { ...step, name: fitColumns(withoutEscapes(step.name), room) };
  return `${indent}${stepLine(fitted, { colour: options.colour, nowMs: () => options.nowMs })}`;
}
