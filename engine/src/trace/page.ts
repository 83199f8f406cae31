import { createHash } from "node:crypto";
import { type ComparedStep, compareRuns, tellWhy } from "./compare.ts";
import { PAGE_SCRIPT } from "./page-script.ts";
import { PAGE_STYLE } from "./page-style.ts";
import { failures, headOfPage, lengthText, longest } from "./page-summary.ts";
import { logHtml, plain } from "./text.ts";
import type { StepOutcome, Trace, TraceStep } from "./trace.ts";
import { causesOf, pathTo, stepsBelow } from "./tree.ts";

/** Larger trees begin closed: a browser has to lay out what is open. */
const OPEN_STEPS = 300;

const MARKS: Readonly<Record<StepOutcome, string>> = { done: "✓", cached: "=", failed: "✕", canceled: "■" };

/**
 * One page that shows a run, for a browser: complete in itself, so that nothing is loaded from anywhere, and the same bytes
 * for the same runs.
 *
 * @param before an earlier run to compare with
 */
export function tracePage(trace: Trace, before?: Trace): string {
  const steps = compareRuns(trace, before);
  const title = plain(`${trace.outcome === "failed" ? `${MARKS.failed} ` : ""}slipway ${trace.command.join(" ")}`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${sha256(PAGE_SCRIPT)}'">
<title>${title}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
${headOfPage(trace, before)}
<main>
${failures(steps)}
${longest(steps, trace.durationMs)}
${stepsHtml(trace, steps, before)}
${notesHtml(trace)}
</main>
<footer>Written by ${plain(trace.program)}. Times are in UTC.</footer>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}

function stepsHtml(trace: Trace, steps: readonly ComparedStep[], before: Trace | undefined): string {
  if (steps.length === 0) return "<h2>Steps</h2>\n<p>Nothing ran: no function was called and no command was run.</p>";
  const below = stepsBelow(steps);
  const page: Page = {
    durationMs: Math.max(1, trace.durationMs),
    below,
    open: steps.length <= OPEN_STEPS ? "all" : waysToCauses(steps),
    hasBefore: before !== undefined,
  };
  const dropped =
    trace.droppedSteps === 0 ? "" : `<p>${trace.droppedSteps} more steps were not kept: there were too many.</p>\n`;
  return `<h2 id="steps">Steps</h2>
${TOOLS}
<div class="head" aria-hidden="true"><span>Step</span><span class="time">Time</span><span class="time">${page.hasBefore ? "Before" : ""}</span>${axis(page.durationMs)}</div>
${listOf(below.get(0) ?? [], 0, page)}
${dropped}`;
}

const TOOLS = `<div class="tools" role="toolbar" aria-label="Steps" hidden>
<button type="button" data-show="all" aria-pressed="true">All</button>
<button type="button" data-show="ran" aria-pressed="false">Ran</button>
<button type="button" data-show="failed" aria-pressed="false">Failed</button>
<button type="button" data-show="cached" aria-pressed="false">Cached</button>
<input id="search" type="search" placeholder="Find a step ( / )" aria-label="Find a step by its name">
<button type="button" id="open">Open all</button>
<button type="button" id="close">Close all</button>
<span role="status"></span>
</div>`;

/** All that has to be open so that what failed first can be seen. */
function waysToCauses(steps: readonly ComparedStep[]): ReadonlySet<TraceStep> {
  const byNumber = new Map(steps.map(({ step }) => [step.number, step]));
  return new Set([...causesOf(steps)].flatMap((step) => pathTo(step, byNumber)));
}

interface Page {
  readonly durationMs: number;
  /** Steps by the number of the one above; 0: at the top. */
  readonly below: ReadonlyMap<number, readonly ComparedStep[]>;
  /** Which steps are open at first. */
  readonly open: "all" | ReadonlySet<TraceStep>;
  readonly hasBefore: boolean;
}

function axis(durationMs: number): string {
  const marks = [0, 25, 50, 75, 100].map(
    (percent) => `<span style="--at:${percent}">${lengthText((durationMs * percent) / 100)}</span>`,
  );
  return `<span class="axis">${marks.join("")}</span>`;
}

function listOf(steps: readonly ComparedStep[], depth: number, page: Page): string {
  return `<ol class="steps">\n${steps.map((one) => stepHtml(one, depth, page)).join("\n")}\n</ol>`;
}

function stepHtml(one: ComparedStep, depth: number, page: Page): string {
  const { step } = one;
  const children = page.below.get(step.number) ?? [];
  const open = children.length > 0 && (page.open === "all" || page.open.has(step)) ? " open" : "";
  const about = aboutHtml(one, page);
  const inside =
    children.length === 0
      ? `<div class="about">${about}</div>`
      : `<details class="about"><summary>About<span class="unseen"> ${plain(step.name)}</span></summary>${about}</details>\n${listOf(children, depth + 1, page)}`;
  return `<li><details class="step ${step.outcome}" id="s${step.number}" data-outcome="${step.outcome}" style="--depth:${depth}"${open}>
${rowHtml(one, page)}
${inside}
</details></li>`;
}

function rowHtml(one: ComparedStep, { durationMs, hasBefore }: Page): string {
  const { step, before } = one;
  const took = step.endMs - step.startMs;
  const share = (ms: number): string => ((ms / durationMs) * 100).toFixed(2);
  const earlier = hasBefore ? beforeText(before) : "";
  return `<summary class="row"><span class="title"><span class="mark" aria-hidden="true">${MARKS[step.outcome]}</span><span class="name">${plain(step.name)}</span>${chip(one)}</span><span class="time">${lengthText(took)}</span><span class="time before">${earlier}</span><span class="lane" aria-hidden="true"><span class="bar" style="--at:${share(step.startMs)};--for:${share(took)}"></span></span></summary>`;
}

function chip({ step, mark }: ComparedStep): string {
  const texts = [
    ...(step.outcome === "done" ? [] : [step.outcome]),
    ...(step.ofEngine === true ? ["engine"] : mark === "again" ? ["ran again"] : mark === "new" ? ["new"] : []),
  ];
  return texts.map((text) => `<span class="chip">${text}</span>`).join("");
}

function beforeText(before: ComparedStep["before"]): string {
  if (before === undefined) return '<span class="unseen">not </span>–';
  return before.outcome === "cached" ? "cached" : lengthText(before.endMs - before.startMs);
}

function aboutHtml(one: ComparedStep, { hasBefore }: Page): string {
  const { step, before } = one;
  const from = `${lengthText(step.startMs)} to ${lengthText(step.endMs)}`;
  const earlier = hasBefore && before !== undefined ? `, before: ${beforeText(before)}` : "";
  const key = step.key === undefined ? "" : `<p>Content key: <code>${plain(step.key.slice(0, 16))}</code></p>`;
  return [
    `<p class="whole"><code>${plain(step.name)}</code></p>`,
    `<p>${plain(tellWhy(one))}</p>`,
    `<p>From ${from}, it took ${lengthText(step.endMs - step.startMs)}${earlier}.</p>`,
    key,
    filesHtml(one),
    inputsHtml(one),
    logOf(one),
  ].join("");
}

/** What changed comes before the other things: it is what somebody looks for. */
function filesHtml({ files }: ComparedStep): string {
  return [...files]
    .map(([name, { first, more }]) => {
      const rows = first.map(({ path, how }) => `<li><b>${how}</b> <code>${plain(path)}</code></li>`);
      if (more > 0) rows.push(`<li>and ${more} more</li>`);
      return `<p>Files of <code>${plain(name)}</code>:</p><ul class="files">${rows.join("")}</ul>`;
    })
    .join("");
}

function inputsHtml({ step: { inputs }, changed }: ComparedStep): string {
  if (inputs === undefined || inputs.length === 0) return "";
  const rows = inputs.map(({ name, digest }) => {
    const mark = changed?.includes(name) === true ? " <b>changed</b>" : "";
    return `<li><code>${plain(name)}</code> <code>${plain(digest)}</code>${mark}</li>`;
  });
  return `<details><summary>What it depends on (${inputs.length})</summary><ul>${rows.join("")}</ul></details>`;
}

const PAUSE_MS = 1000;

/** By place of a line: how long nothing was printed before it. */
function pausesIn(times: readonly number[]): ReadonlyMap<number, string> {
  const pauses = times.map((atMs, place) => [place, atMs - (times[place - 1] ?? atMs)] as const);
  return new Map(pauses.filter(([, ms]) => ms >= PAUSE_MS).map(([place, ms]) => [place, `+${lengthText(ms)}`]));
}

function logOf({ step: { lines, times, droppedLines, outcome } }: ComparedStep): string {
  const dropped = droppedLines === 0 ? "" : `<p>${droppedLines} lines before these are not kept.</p>`;
  if (lines.length === 0)
    return `${dropped}<p>${outcome === "cached" ? "It did not run, so there is no output." : "No output."}</p>`;
  return `${dropped}<pre tabindex="0" aria-label="Output">${logHtml(lines, pausesIn(times))}</pre>`;
}

function notesHtml({ notes }: Trace): string {
  if (notes.length === 0) return "";
  const rows = notes.map(
    ({ atMs, text }) =>
      `<li><span class="time">${lengthText(atMs)}</span><span>${logHtml(text.split("\n"))}</span></li>`,
  );
  return `<h2>What the engine said</h2>\n<ul class="notes">\n${rows.join("\n")}\n</ul>`;
}
