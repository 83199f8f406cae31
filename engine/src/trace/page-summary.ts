import { type ComparedStep, tellWhy } from "./compare.ts";
import { logHtml, plain } from "./text.ts";
import type { RunOutcome, Trace, TraceStep } from "./trace.ts";
import { causesOf, endOfOutput, longestSteps, pathTo } from "./tree.ts";

/** How a run ended, in a word. */
export const OUTCOMES: Readonly<Record<RunOutcome, string>> = {
  done: "Succeeded",
  failed: "Failed",
  canceled: "Canceled",
};

/** `0.35 s`, `12.3 s`, `2 min 05 s`. */
export function lengthText(ms: number): string {
  if (ms < 9995) return `${(ms / 1000).toFixed(2)} s`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** `2026-11-28 11:17:09`, in UTC. */
export function timeText(iso: string): string {
  return iso.slice(0, 19).replace("T", " ");
}

/** What the run was, how it ended, and how that compares. */
export function headOfPage(trace: Trace, before: Trace | undefined): string {
  const facts: [string, string][] = [
    ["Started", timeText(trace.startedAt)],
    ["Took", lengthText(trace.durationMs)],
    ["Steps", countsText(trace.steps)],
    ["In", trace.folder],
  ];
  if (before !== undefined) {
    const how = before.outcome === "done" ? "" : `, ${OUTCOMES[before.outcome].toLowerCase()}`;
    facts.push(["Run before", `${timeText(before.startedAt)}, ${lengthText(before.durationMs)}${how}`]);
  }
  const rows = facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${plain(value)}</dd></div>`);
  const error =
    trace.error === undefined ? "" : `\n<pre class="error" tabindex="0">${logHtml(trace.error.split("\n"))}</pre>`;
  const code = trace.outcome === "done" ? "" : ` with exit code ${trace.exitCode}`;
  return `<header>
<h1><span class="outcome ${trace.outcome}">${OUTCOMES[trace.outcome]}${code}:</span> <code>${plain(`slipway ${trace.command.join(" ")}`)}</code></h1>
<dl class="facts">${rows.join("")}</dl>${error}
</header>`;
}

function countsText(all: readonly TraceStep[]): string {
  const steps = all.filter(({ ofEngine }) => ofEngine !== true);
  const count = (outcome: TraceStep["outcome"]): number => steps.filter((step) => step.outcome === outcome).length;
  const parts = [
    `${count("done")} ran`,
    `${count("cached")} cached`,
    ...(["failed", "canceled"] as const).flatMap((outcome) =>
      count(outcome) === 0 ? [] : [`${count(outcome)} ${outcome}`],
    ),
  ];
  return `${steps.length} (${parts.join(", ")})`;
}

/** Where it failed first. */
export function failures(steps: readonly ComparedStep[]): string {
  const causes = [...causesOf(steps)];
  if (causes.length === 0) return "";
  const byNumber = new Map(steps.map(({ step }) => [step.number, step]));
  const whole = new Map(steps.map((one) => [one.step, one]));
  const sections = causes.map((step) => failureHtml(step, byNumber, whyHtml(whole.get(step))));
  return `<h2>What failed</h2>\n${sections.join("\n")}`;
}

/** Why it ran is a part of why it failed, when something changed. */
function whyHtml(one: ComparedStep | undefined): string {
  return one?.mark === "again" || one?.mark === "new" ? `<p>${plain(tellWhy(one))}</p>` : "";
}

function failureHtml(step: TraceStep, byNumber: ReadonlyMap<number, TraceStep>, why: string): string {
  const { shown, before } = endOfOutput(step);
  const log =
    shown.length === 0
      ? "<p>No output.</p>"
      : `${before === 0 ? "" : `<p>The last ${shown.length} of ${shown.length + before} lines:</p>`}<pre tabindex="0" aria-label="Output">${logHtml(shown)}</pre>`;
  const path = pathTo(step, byNumber).map(({ name }) => `${plain(name)} › `);
  return `<section class="failure"><h3>${path.join("")}<a href="#s${step.number}">${plain(step.name)}</a> <small>${lengthText(step.endMs - step.startMs)}</small></h3>${why}${log}</section>`;
}

/** Where the time went. */
export function longest(steps: readonly ComparedStep[], durationMs: number): string {
  const rows = longestSteps(steps, durationMs).map(({ step, before }) => {
    const took = step.endMs - step.startMs;
    const earlier =
      before === undefined || before.outcome === "cached"
        ? ""
        : `, before: ${lengthText(before.endMs - before.startMs)}`;
    return `<li><span class="time">${lengthText(took)}</span> <a href="#s${step.number}">${plain(step.name)}</a> <small>${Math.round((took / durationMs) * 100)} % of the run${earlier}</small></li>`;
  });
  return rows.length === 0 ? "" : `<h2>What took longest</h2>\n<ol class="longest">\n${rows.join("\n")}\n</ol>`;
}
