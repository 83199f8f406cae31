import { randomBytes } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SecretIndex } from "../../../../engine/src/run/secret-index.ts";
import { TraceRecorder } from "../../../../engine/src/trace/recorder.ts";
import { end, log, start, type Timed, traceOf } from "./runs.ts";

const recorder = suite("what is kept of a run");

recorder("the tree of its steps with their times, outcomes and output", () => {
  const trace = traceOf([
    [5, start("a", "Shop.test")],
    [10, start("b", "withExec npm test", { parent: "a", key: "sha256:1" })],
    [20, log("b", "one\ntw")],
    [0, log("b", "to stderr\n", "stderr")],
    [1, log("b", "o")],
    [4, end("b", "failed")],
    [1, end("a", "failed")],
    [1, { kind: "note", text: "a note" }],
  ]);
  assert.equal(trace.steps, [
    {
      number: 1,
      name: "Shop.test",
      startMs: 5,
      endMs: 41,
      outcome: "failed",
      lines: [],
      times: [],
      errors: [],
      droppedLines: 0,
    },
    {
      number: 2,
      parent: 1,
      name: "withExec npm test",
      startMs: 15,
      endMs: 40,
      outcome: "failed",
      key: "sha256:1",
      lines: ["one", "to stderr", "two"],
      times: [35, 35, 36],
      errors: [1],
      droppedLines: 0,
    },
  ]);
  assert.equal(
    [trace.startedAt, trace.durationMs, trace.notes],
    ["2026-11-28T11:17:09.000Z", 52, [{ atMs: 42, text: "a note" }]],
  );
});

recorder(
  "what the engine does for itself is marked, and alone is no run that anybody wants to see, unless it fails",
  () => {
    const events: readonly Timed[] = [
      [1, start("a", "load module shop", { ofEngine: true })],
      [1, end("a", "cached")],
    ];
    const hasSteps = (more: readonly Timed[]): boolean => {
      const made = new TraceRecorder(() => 0, new Date(0));
      for (const [, event] of [...events, ...more]) if (event !== "work ends") made.handle(event);
      return made.hasSteps;
    };
    assert.is(traceOf(events).steps[0]?.ofEngine, true);
    assert.equal(
      [
        hasSteps([]),
        hasSteps([[1, start("b", "Shop.test")]]),
        hasSteps([
          [1, start("b", "pull node:24", { ofEngine: true })],
          [1, end("b", "failed")],
        ]),
      ],
      [false, true, true],
    );
  },
);

recorder("what was still running when the command ended is canceled, a service that ended well is done", () => {
  const { steps } = traceOf([
    [1, start("a", "withExec sleep")],
    [1, start("b", "service db")],
    [1, start("c", "withExec killed")],
    [1, "work ends"],
    [5, end("b", "done")],
    [1, end("c", "failed")],
  ]);
  assert.equal(
    steps.map(({ outcome, endMs }) => [outcome, endMs]),
    [
      ["canceled", 20],
      ["done", 9],
      ["canceled", 10],
    ],
  );
});

recorder("what is only used again is one step, what failed and is tried again is another", () => {
  const { steps } = traceOf([
    [1, start("a", "withExec make")],
    [1, end("a", "failed")],
    [1, start("a", "withExec make")],
    [1, log("a", "second try\n")],
    [1, end("a")],
    [1, start("a", "withExec make")],
    [1, end("a", "cached")],
  ]);
  assert.equal(
    steps.map(({ outcome, lines }) => [outcome, lines]),
    [
      ["failed", []],
      ["done", ["second try"]],
    ],
  );
});

recorder("a secret that was read late is hidden in what was said early, everywhere", () => {
  const secret = "hunter2-hunter2";
  const trace = traceOf(
    [
      [1, start("a", `withExec login ${secret}`, { inputs: [{ name: secret, digest: "1" }] })],
      [1, log("a", `says ${secret}\n`)],
      [1, end("a", "failed")],
      [1, { kind: "note", text: secret }],
    ],
    { command: ["call", secret], error: `wrong: ${secret}`, hide: (text) => text.replaceAll(secret, "***") },
  );
  assert.not.match(JSON.stringify(trace), secret);
  assert.equal([trace.command, trace.error, trace.steps[0]?.lines], [["call", "***"], "wrong: ***", ["says ***"]]);
});

recorder("a secret is hidden before a long name is cut, and no part of one stays at its end", () => {
  const secret = "hunter2-hunter2";
  const name = `withExec ${"x".repeat(1980)} ${secret}`;
  const { steps } = traceOf([[1, start("a", name)]], { hide: (text) => text.replaceAll(secret, "***") });
  assert.is(steps[0]?.name, name.replace(secret, "***"));
});

recorder("a secret that was read late leaves no part of itself at the end of a line that is cut", () => {
  const secret = randomBytes(30).toString("hex");
  const index = new SecretIndex();
  index.add(Buffer.from(secret));
  const hide = (text: string, isCut?: boolean) => index.hide(text, isCut);
  for (let before = 3900; before <= 4010; before += 1) {
    const text = `${"-".repeat(before - 70)}${secret}${"-".repeat(10)}${secret}${"-".repeat(100)}\n`;
    const { steps } = traceOf(
      [
        [1, start("a", "withExec cat")],
        [1, log("a", text)],
      ],
      { hide },
    );
    const line = steps[0]?.lines[0] ?? "";
    assert.match(line, /^-+\*\*\*.*…$/);
    assert.not.match(line, /[0-9a-f]/, `${before} characters before it`);
  }
});

recorder("a step keeps its newest lines, and says how many are not there", () => {
  const { steps } = traceOf([
    [1, start("a", "withExec yes")],
    ...Array.from({ length: 50 }, (_, nth) => [0, log("a", `line ${nth}\n`.repeat(100))] as const),
  ]);
  const [step] = steps;
  assert.is((step?.lines.length ?? 0) + (step?.droppedLines ?? 0), 5000);
  assert.ok((step?.lines.length ?? 0) >= 1000 && (step?.lines.length ?? 0) <= 2000, String(step?.lines.length));
  assert.is(step?.lines.at(-1), "line 49");
});

recorder("a line without end is cut, however it comes", () => {
  const { steps } = traceOf([
    [1, start("a", "withExec cat")],
    ...Array.from({ length: 100 }, () => [0, log("a", "x".repeat(1000))] as const),
    [0, log("a", "\nnext\n")],
  ]);
  assert.equal(
    steps[0]?.lines.map((line) => [line.length, line.at(-1)]),
    [
      [4000, "…"],
      [4, "t"],
    ],
  );
});

recorder("all output together is bounded: small ones are kept whole, large ones share the rest", () => {
  const { steps } = traceOf([
    [1, start("small", "withExec small")],
    [1, log("small", "all of it\n")],
    ...Array.from({ length: 40 }, (_, nth) => [
      [0, start(`s${nth}`, "withExec large")] as const,
      [0, log(`s${nth}`, `${"y".repeat(250)}\n`.repeat(1000))] as const,
    ]).flat(),
  ]);
  const characters = steps.flatMap(({ lines }) => lines).join("\n").length;
  assert.ok(characters <= 4 << 20, `${characters} characters`);
  assert.equal(steps[0]?.lines, ["all of it"]);
  assert.ok(
    steps.slice(1).every(({ lines, droppedLines }) => lines.length > 300 && lines.length + droppedLines === 1000),
  );
});

recorder("steps that are too many are counted, and their parts stand at the top", () => {
  const trace = traceOf(Array.from({ length: 5010 }, (_, nth) => [0, start(`s${nth}`, `step ${nth}`)] as const));
  assert.equal([trace.steps.length, trace.droppedSteps], [5000, 10]);
});

recorder.run();
