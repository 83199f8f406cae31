import type { ReleaseRecord, Sample } from "./release-record.ts";
import { bar, label, picture, round, timeScale } from "./svg.ts";

const WIDTH = 860;
const LEFT = 120;
const AREA = { left: LEFT, top: 56, width: WIDTH - LEFT - 20, height: 196 };
const ROWS = { phase: 64, blue: 104, green: 152, live: 196, requests: 224 };
const POD = 12;

/** What a state of the rollout is called in the picture; those that pass in an instant have no place for a name. */
const TOLD: Readonly<Record<string, string>> = {
  PREPARED: "comes up",
  BAKING: "is watched",
  ROLLBACK: "goes back",
};

/** A picture of a ring while releases come and go: pods of both colours, who serves, and what requests were answered. */
export function drawRelease(record: ReleaseRecord): string {
  const { samples } = record;
  const durationMs = samples.at(-1)?.atMs ?? 1;
  const x = (atMs: number) => AREA.left + (atMs / durationMs) * AREA.width;
  const answered = samples.filter((sample) => sample.answered !== null);
  const failed = answered.filter((sample) => sample.answered === false).length;
  const names = ["", "blue pods", "green pods", "serves", "requests"];
  const places = [ROWS.phase, ROWS.blue, ROWS.green, ROWS.live, ROWS.requests];
  return picture({ width: WIDTH, height: AREA.top + AREA.height + 34 }, "Releases in a ring, one of them bad", [
    label(20, 24, "Releases in one ring, as recorded in the cluster"),
    timeScale(AREA, durationMs),
    ...names.map((name, row) => label(AREA.left - 12, (places[row] ?? 0) + 16, name, "end faint")),
    ...runs(samples, ({ phase }) => phase).flatMap((run) => drawPhase(run, x)),
    ...(["blue", "green"] as const).flatMap((colour) =>
      runs(samples, (sample) => String(sample[colour])).flatMap(({ value, from, to }) =>
        drawPods(Number(value), { from: x(from), to: x(to), colour }),
      ),
    ),
    ...runs(samples, ({ live }) => live)
      .filter(({ value }) => value !== "")
      .map(({ value, from, to }) => bar(x(from), ROWS.live, x(to) - x(from), 20, value)),
    ...answered.map(({ atMs, answered: good }) => drawRequest(x(atMs), good === true)),
    label(20, AREA.top + AREA.height + 22, `${answered.length} requests, ${failed} answered with an error`, "faint"),
  ]);
}

interface Run {
  readonly value: string;
  readonly from: number;
  readonly to: number;
}

/** Times during which something was the same. */
function runs(samples: readonly Sample[], read: (sample: Sample) => string): Run[] {
  const found: { value: string; from: number; to: number }[] = [];
  for (const sample of samples) {
    const value = read(sample);
    const last = found.at(-1);
    if (last !== undefined) last.to = sample.atMs;
    if (last?.value !== value) found.push({ value, from: sample.atMs, to: sample.atMs });
  }
  return found;
}

function drawPhase({ value, from, to }: Run, x: (atMs: number) => number): string[] {
  const name = TOLD[value];
  if (name === undefined) return [];
  const colour = value === "ROLLBACK" ? "red" : "known";
  const width = Math.max(x(to) - x(from), 2);
  const text = width > 60 || value === "ROLLBACK" ? [label(x(from) + 5, ROWS.phase + 16, name)] : [];
  return [bar(x(from), ROWS.phase, width, 24, `${colour} pale`), ...text];
}

function drawPods(count: number, place: { from: number; to: number; colour: "blue" | "green" }): string[] {
  const { from, to, colour } = place;
  return Array.from({ length: count }, (_, pod) =>
    bar(from, ROWS[colour] + pod * (POD + 2), Math.max(to - from, 1), POD, colour),
  );
}

function drawRequest(x: number, good: boolean): string {
  return `<path d="M${round(x)} ${ROWS.requests + (good ? 6 : 0)}v${good ? 8 : 20}" stroke="var(--${good ? "faint" : "red"})" stroke-width="${good ? 1 : 2}"/>`;
}
