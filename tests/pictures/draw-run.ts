import type { RunRecord, RunStep } from "./run-record.ts";
import { bar, label, picture, timeScale } from "./svg.ts";

const WIDTH = 860;
const LEFT = 330;
const ROW = 24;
const TOP = 56;

/** A picture of a run: each step that took a while as a bar on the time of the whole run. */
export function drawRun(record: RunRecord): string {
  const { steps, durationMs } = record;
  const area = { left: LEFT, top: TOP, width: WIDTH - LEFT - 70, height: steps.length * ROW + 8 };
  const x = (atMs: number) => area.left + (atMs / durationMs) * area.width;
  const rows = steps.flatMap((step, row) => drawStep(step, area.top + 6 + row * ROW, x));
  const { ran, known } = record;
  const told = `Steps: ${ran} ran, ${known} known already; those of a second and more are shown`;
  return picture({ width: WIDTH, height: area.top + area.height + 34 }, `The steps of ${record.command}`, [
    label(20, 24, `$ ${record.command}`, "mono"),
    timeScale(area, durationMs),
    ...rows,
    label(20, area.top + area.height + 22, told, "faint"),
  ]);
}

function drawStep({ name, startMs, endMs, depth }: RunStep, y: number, x: (atMs: number) => number): string[] {
  const isFunction = depth === 0;
  const seconds = ((endMs - startMs) / 1000).toFixed(1);
  const width = Math.max(x(endMs) - x(startMs), 2);
  return [
    label(20 + depth * 12, y + 12, shorten(name, 42 - depth * 2), isFunction ? "mono" : "mono faint"),
    bar(x(startMs), y, width, ROW - 8, isFunction ? "blue pale" : "blue"),
    label(x(endMs) + 6, y + 12, `${seconds} s`, "faint"),
  ];
}

function shorten(name: string, length: number): string {
  return name.length <= length ? name : `${name.slice(0, length - 1)}…`;
}
