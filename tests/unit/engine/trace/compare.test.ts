import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compareRuns, tellWhy } from "../../../../engine/src/trace/compare.ts";
import { tracePage } from "../../../../engine/src/trace/page.ts";
import { runText } from "../../../../engine/src/trace/run-text.ts";
import type { Trace } from "../../../../engine/src/trace/trace.ts";
import { end, log, start, type Timed, traceOf } from "./runs.ts";

const compare = suite("a run beside the run before");

interface Given {
  readonly key?: string;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly outcome?: "done" | "cached" | "failed";
  readonly parent?: string;
}

function step(id: string, name: string, { key, inputs, outcome = "done", parent }: Given): readonly Timed[] {
  const given = {
    ...(key === undefined ? {} : { key }),
    ...(parent === undefined ? {} : { parent }),
    ...(inputs === undefined
      ? {}
      : { inputs: Object.entries(inputs).map(([input, digest]) => ({ name: input, digest })) }),
  };
  return [
    [1, start(id, name, given)],
    [100, end(id, outcome)],
  ];
}

const why = (now: Trace, before?: Trace): readonly string[] => compareRuns(now, before).map(tellWhy);

const reasons: readonly [name: string, now: Given, before: Given | undefined, sentence: string][] = [
  [
    "one that was known",
    { key: "k", outcome: "cached" },
    { key: "k" },
    "Not run: the result of the same work was known.",
  ],
  [
    "one of which an input changed",
    { key: "k2", inputs: { "/src": "2", FOO: "1" } },
    { key: "k1", inputs: { "/src": "1", FOO: "1" } },
    "It ran again because this changed: /src.",
  ],
  [
    "one with an input more and an input less",
    { key: "k2", inputs: { a: "1", new: "1" } },
    { key: "k1", inputs: { a: "1", gone: "1" } },
    "It ran again because this changed: new, gone.",
  ],
  [
    "one that failed before",
    { key: "k", inputs: { a: "1" } },
    { key: "k", inputs: { a: "1" }, outcome: "failed" },
    "It ran again: the previous run did not finish it.",
  ],
  [
    "one whose inputs are not told",
    { key: "k2" },
    { key: "k1" },
    "It ran again: something that it depends on changed.",
  ],
  [
    "one that was lost",
    { key: "k", inputs: { a: "1" } },
    { key: "k", inputs: { a: "1" } },
    "It ran again although nothing changed: its result was not kept, or is no longer in the store.",
  ],
  ["one that is never kept", {}, {}, "It runs in every command: nothing of it is kept."],
];

for (const [name, now, before, sentence] of reasons) {
  compare(`why a step ran: ${name}`, () => {
    const earlier = before === undefined ? undefined : traceOf(step("a", "withExec make", before));
    assert.equal(why(traceOf(step("a", "withExec make", now)), earlier), [sentence]);
  });
}

compare("a step that the run before had not is new, and without a run before nothing is said", () => {
  const now = traceOf(step("a", "withExec make", { key: "k" }));
  assert.equal(why(now, traceOf(step("b", "withExec other", { key: "o" }))), ["The previous run had no such step."]);
  assert.equal(why(now), ["There is no earlier run of the same command to compare with."]);
});

compare("steps of one name are told apart by their keys, then by their place", () => {
  const before = traceOf([...step("a", "make", { key: "1" }), ...step("b", "make", { key: "2" })]);
  const now = traceOf([...step("b", "make", { key: "2" }), ...step("c", "make", { key: "3" })]);
  assert.equal(
    compareRuns(now, before).map(({ before: same }) => same?.key),
    ["2", "2"],
  );
  const nested = (key: string): Trace =>
    traceOf([
      ...step("f", "Shop.one", {}),
      ...step("g", "Shop.two", {}),
      ...step(`x${key}`, "make", { parent: "g", key }),
    ]);
  assert.is(compareRuns(nested("9"), nested("8"))[2]?.before?.key, "8");
});

const BEFORE = traceOf([
  [1, start("a", "Shop.build", { key: "1", inputs: [{ name: "argument source", digest: "1" }] })],
  [500, end("a")],
]);
const NOW = traceOf([
  [1, start("a", "Shop.build", { key: "2", inputs: [{ name: "argument source", digest: "2" }] })],
  [700, end("a")],
  [1, start("b", "Shop.test")],
  [1, log("b", "\u001b[31mnot ok\u001b[0m\u001b]0;title\u0007\n")],
  [1, end("b", "failed")],
]);

compare("the page has the times of the run before, and marks what ran again and what is new", () => {
  const html = tracePage(NOW, BEFORE);
  assert.match(html, '<span class="time before">0.50 s</span>');
  assert.match(html, '<span class="chip">ran again</span>');
  assert.match(html, '<span class="chip">new</span>');
  assert.match(html, "<code>argument source</code> <code>2</code> <b>changed</b>");
  assert.match(html, "<dt>Run before</dt><dd>2026-11-28 11:17:09, 0.51 s</dd>");
  assert.not.match(tracePage(NOW), "ran again</span>");
});

compare(
  "in a terminal it is a tree with reasons and the output of what failed, and nothing that moves the cursor",
  () => {
    assert.is(
      runText({ ...NOW, outcome: "failed", exitCode: 3, error: "exit code: 3" }, BEFORE),
      `slipway call test
failed (3), 0.71 s, before: 0.51 s, 2026-11-28 11:17:09 in /shop

✔ Shop.build 0.70 s
  It ran again because this changed: argument source.
✘ Shop.test 0.00 s ERROR
  ┃ not ok

Error: exit code: 3
`,
    );
  },
);

compare("in a terminal steps stand below what they are a part of, whatever ran at the same time", () => {
  const text = runText(
    traceOf([
      [1, start("a", "one")],
      [1, start("b", "two")],
      [1, start("c", "of one", { parent: "a" })],
      [1, end("c", "cached")],
    ]),
    undefined,
  );
  assert.match(text, "■ one 0.01 s\n  $ of one 0.00 s CACHED\n■ two 0.01 s\n");
});

compare.run();
