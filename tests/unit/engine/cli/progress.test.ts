import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { SessionEvent } from "../../../../engine/src/api/session.ts";
import { chooseFormat } from "../../../../engine/src/cli/progress/choose-renderer.ts";
import { LogsRenderer, PlainRenderer } from "../../../../engine/src/cli/progress/plain-renderer.ts";
import { type Drawing, type RendererOptions, YieldingRenderer } from "../../../../engine/src/cli/progress/renderer.ts";
import { DotsRenderer, ReportRenderer } from "../../../../engine/src/cli/progress/report-renderer.ts";
import { SlowEngineSteps } from "../../../../engine/src/cli/progress/slow-engine-steps.ts";
import { outsideSteps, scopedEvent, withinStep } from "../../../../engine/src/cli/progress/step-scope.ts";
import { durationText, StepTree } from "../../../../engine/src/cli/progress/step-tree.ts";
import { liveLines, TtyRenderer } from "../../../../engine/src/cli/progress/tty-renderer.ts";
import { columnsOf, fitColumns, wantsColour } from "../../../../engine/src/cli/terminal.ts";

const progress = suite("progress");

const start = (id: string, name: string, parent?: string): SessionEvent =>
  parent === undefined ? { kind: "start", id, name } : { kind: "start", id, name, parent };
const log = (id: string, text: string, stream: "stdout" | "stderr" = "stdout"): SessionEvent => ({
  kind: "log",
  id,
  stream,
  text,
});
const end = (id: string, outcome: "done" | "cached" | "failed" = "done"): SessionEvent => ({
  kind: "end",
  id,
  outcome,
});

/** Gives the events to a renderer, a tenth of a second apart, and returns all that it wrote. */
function draw(
  make: (options: RendererOptions) => Drawing,
  events: readonly SessionEvent[],
  failed = false,
  verbosity = 0,
): string {
  let text = "";
  let nowMs = 0;
  const renderer = make({
    write: (more) => {
      text += more;
    },
    colour: false,
    nowMs: () => nowMs,
    verbosity,
  });
  for (const event of events) {
    renderer.handle(event);
    nowMs += 100;
  }
  renderer.finish(failed);
  renderer.finish(failed);
  return text;
}

const RUN: readonly SessionEvent[] = [
  start("a", "from debian"),
  end("a", "cached"),
  start("b", "module:unit"),
  start("c", "exec npm test", "b"),
  log("c", "first li"),
  log("c", "ne\nsecond"),
  log("c", "to stderr\n", "stderr"),
  end("c", "failed"),
  end("b", "failed"),
  { kind: "note", text: "a note" },
];

progress("plain: whole lines with the step's number, indented by depth, outcome and time at the end", () => {
  assert.is(
    draw((options) => new PlainRenderer(options), RUN),
    [
      "1   : from debian CACHED [0.1s]",
      "",
      "3   : ┆ exec npm test",
      "3   : ┆ [0.2s] | first line",
      "3   : ┆ [0.3s] | to stderr",
      "3   : ┆ [0.4s] | second",
      "3   : ┆ exec npm test ERROR [0.4s]",
      "2   : module:unit ERROR [0.6s]",
      "a note",
      "",
    ].join("\n"),
  );
});

progress("plain: a script of many lines is named in one, which ends somewhere", () => {
  const script = `sh -c set -e\n  cd /x\n${"y".repeat(300)}`;
  const said = draw((options) => new PlainRenderer(options), [start("a", script), end("a", "done")]);
  assert.match(said, /^1 {3}: sh -c set -e cd \/x y{130,150}… DONE/);
});

progress("logs: the output alone", () => {
  assert.is(
    draw((options) => new LogsRenderer(options), RUN),
    "first line\nto stderr\nsecond\na note\n",
  );
});

progress("report: the tree at the end, with the output of what failed", () => {
  assert.is(
    draw((options) => new ReportRenderer(options), RUN, true),
    [
      "a note",
      "$ from debian 0.1s CACHED",
      "✘ module:unit 0.6s ERROR",
      "  ✘ exec npm test 0.4s ERROR",
      "    ┃ first line",
      "    ┃ to stderr",
      "    ┃ second",
      "",
    ].join("\n"),
  );
});

progress("dots: a mark for each step, the output, and the tree of what failed", () => {
  const text = draw((options) => new DotsRenderer(options), RUN, true);
  assert.ok(text.startsWith(".\nfirst line\nto stderr\nsecond\nXX\na note\n✘ module:unit"), text);
  assert.is(
    draw((options) => new DotsRenderer(options), [start("a", "x"), end("a")]),
    ".\n",
  );
});

progress("a terminal gets its cursor back, and the output of what failed", () => {
  const text = draw((options) => new TtyRenderer({ ...options, size: () => ({ columns: 80, rows: 24 }) }), RUN, true);
  assert.ok(text.startsWith("\u001b[?25l"), "the cursor is not hidden");
  assert.is(text.split("\u001b[?25h").length, 2, "the cursor does not come back exactly once");
  assert.match(text, "    ┃ first line\n    ┃ to stderr\n    ┃ second\n");
});

progress("a terminal is left clean with -q when all went well", () => {
  const make = (options: RendererOptions) => new TtyRenderer({ ...options, size: () => ({ columns: 80, rows: 24 }) });
  assert.is(draw(make, [start("a", "x"), end("a")], false, -1), "\u001b[?25l\u001b[?25h");
});

function liveTree(): StepTree {
  const tree = new StepTree();
  for (const event of [
    start("a", "module:unit"),
    start("b", "exec one", "a"),
    end("b"),
    start("c", "exec two", "a"),
    ...[1, 2, 3, 4, 5, 6].map((n) => log("c", `line ${n}\n`)),
  ]) {
    tree.apply(event, 0);
  }
  return tree;
}

progress("what runs is shown with its newest lines, what is done is counted", () => {
  const lines = liveLines(liveTree().roots, { colour: false, nowMs: 1500, columns: 40, rows: 20, spinner: "*" });
  assert.equal(lines, [
    "* module:unit 1.5s  1 done",
    "  * exec two 1.5s",
    "    ┃ line 3",
    "    ┃ line 4",
    "    ┃ line 5",
    "    ┃ line 6",
  ]);
});

progress("a small window gets fewer lines, and never more than it has", () => {
  const options = { colour: false, nowMs: 0, columns: 40, spinner: "*" };
  assert.equal(liveLines(liveTree().roots, { ...options, rows: 3 }).length, 3);
  assert.equal(liveLines(liveTree().roots, { ...options, rows: 2 }), [
    "* module:unit 0.0s  1 done",
    "  * exec two 0.0s",
  ]);
  assert.equal(liveLines(liveTree().roots, { ...options, rows: 1 }), ["  * exec two 0.0s"]);
});

progress("what the engine does for itself is told once where it takes long, with what it is a part of", () => {
  const steps = new SlowEngineSteps();
  const engine = (id: string, parent?: string): SessionEvent =>
    ({ ...start(id, id, parent), ofEngine: true }) as SessionEvent;
  steps.apply(start("call", "call"), 0);
  steps.apply(engine("begin"), 0);
  steps.apply(engine("load"), 1000);
  steps.apply(engine("install", "load"), 2000);
  assert.equal(steps.lines(6900), []);
  assert.equal(steps.lines(7000), ["load: install, 5 s so far"]);
  assert.equal(steps.lines(9000), []);
  steps.apply({ kind: "end", id: "install", outcome: "done" }, 9000);
  steps.apply({ kind: "end", id: "load", outcome: "done" }, 9000);
  assert.equal(steps.lines(9500), ["begin, 9 s so far"]);
});

progress("nothing is drawn while another program has the terminal, and afterwards what came meanwhile", () => {
  let text = "";
  const common = { colour: false, nowMs: () => 0, verbosity: 0 };
  const renderer = new YieldingRenderer(
    (more) => {
      text += more;
    },
    (write) => new PlainRenderer({ ...common, write }),
  );
  renderer.handle({ kind: "note", text: "before" });
  const takeBack = renderer.yieldTerminal();
  renderer.handle({ kind: "note", text: "meanwhile" });
  assert.is(text, "before\n");
  takeBack();
  assert.is(text, "before\nmeanwhile\n");
  renderer.yieldTerminal();
  renderer.handle({ kind: "note", text: "at the end" });
  renderer.finish(false);
  assert.is(text, "before\nmeanwhile\nat the end\n");
});

progress("the tree leaves no rows and no hidden cursor to another program", () => {
  let text = "";
  const size = () => ({ columns: 80, rows: 24 });
  const common = { colour: false, nowMs: () => 0, verbosity: 0, size };
  const renderer = new YieldingRenderer(
    (more) => {
      text += more;
    },
    (write) => new TtyRenderer({ ...common, write }),
  );
  renderer.handle(start("a", "exec"));
  renderer.handle({ kind: "note", text: "before" });
  text = "";
  const takeBack = renderer.yieldTerminal();
  assert.is(text, "\r\u001b[1A\u001b[0J\u001b[?25h");
  text = "";
  renderer.handle({ kind: "note", text: "meanwhile" });
  assert.is(text, "");
  takeBack();
  assert.is(text, "meanwhile\n\u001b[?25l");
  renderer.finish(false);
});

progress("no line of the tree is wider than the window, whatever a program prints", () => {
  const tree = new StepTree();
  tree.apply(start("a", "a name that is much too long for a window of thirty columns"), 0);
  tree.apply(
    log("a", `\u001b[31m${"wide 日本語 ".repeat(9)}\u001b[0m\n\ttab\tand\rreturn\n\u0007bell\b\b and \u009b2Jback\n`),
    0,
  );
  for (const line of liveLines(tree.roots, { colour: false, nowMs: 0, columns: 30, rows: 20, spinner: "*" })) {
    assert.ok(columnsOf(line) <= 30, `${columnsOf(line)} columns: ${line}`);
    assert.not.ok(/\p{Cc}/u.test(line), JSON.stringify(line));
  }
});

progress("what begins inside of a step is shown below it", async () => {
  const seen: SessionEvent[] = [];
  const renderer: Drawing = { handle: (event) => void seen.push(event), finish: () => {}, showsFailedOutput: false };
  await withinStep("check", renderer, async () => {
    await Promise.resolve();
    renderer.handle(scopedEvent(start("x", "exec")));
    renderer.handle(scopedEvent(start("y", "child", "x")));
    outsideSteps(() => renderer.handle(scopedEvent(start("z", "served"))));
  });
  assert.equal(
    seen.map((event) => (event.kind === "start" ? [event.name, event.parent] : event.kind)),
    [["check", undefined], ["exec", "step:check"], ["child", "x"], ["served", undefined], "end"],
  );
  assert.equal(scopedEvent(start("z", "outside")), start("z", "outside"));
});

progress("a step keeps its newest lines and counts the others", () => {
  const tree = new StepTree();
  tree.apply(start("a", "x"), 0);
  tree.apply(log("a", "line\n".repeat(2005)), 0);
  assert.equal([tree.roots[0]?.lines.length, tree.roots[0]?.droppedLines], [2000, 5]);
});

progress("the format: flag, then environment, then the terminal", () => {
  const around = (isTTY: boolean, env: NodeJS.ProcessEnv = {}) => ({ env, stderr: { isTTY, write: () => true } });
  const options = { progress: "auto", silent: false };
  assert.is(chooseFormat(options, around(false)), "plain");
  assert.is(chooseFormat(options, around(true)), "tty");
  assert.is(chooseFormat(options, around(true, { DAGGER_PROGRESS: "report" })), "report");
  assert.is(chooseFormat({ progress: "logs", silent: false }, around(true, { DAGGER_PROGRESS: "report" })), "logs");
  assert.is(chooseFormat({ progress: "plain", silent: true }, around(true)), "silent");
  assert.throws(
    () => chooseFormat({ progress: "fancy", silent: false }, around(true)),
    /unknown progress type "fancy"/,
  );
  assert.throws(
    () => chooseFormat({ progress: "tty", silent: false }, around(false)),
    /no tty available for progress "tty"/,
  );
});

progress("colours: only on a terminal, not with NO_COLOR or TERM=dumb", () => {
  assert.is(wantsColour({ isTTY: true }, {}), true);
  assert.is(wantsColour({ isTTY: true }, { NO_COLOR: "1" }), false);
  assert.is(wantsColour({ isTTY: true }, { NO_COLOR: "" }), true);
  assert.is(wantsColour({ isTTY: true }, { TERM: "dumb" }), false);
  assert.is(wantsColour({}, {}), false);
});

progress("texts for people", () => {
  assert.equal([0, 940, 59_940, 125_000].map(durationText), ["0.0s", "0.9s", "59.9s", "2m05s"]);
  assert.equal([fitColumns("short", 5), fitColumns("longer", 5), fitColumns("日本語", 5)], ["short", "long…", "日本…"]);
});

progress.run();
