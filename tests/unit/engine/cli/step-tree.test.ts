import { suite } from "uvu";
import * as assert from "uvu/assert";
import { StepTree } from "../../../../engine/src/cli/progress/step-tree.ts";

const steps = suite("output of a step");

function start(): StepTree {
  const tree = new StepTree();
  tree.apply({ kind: "start", id: "one", name: "withExec yes" }, 0);
  return tree;
}

/** Lines that are shown when the text comes. */
function shown(tree: StepTree, text: string): readonly string[] {
  const change = tree.apply({ kind: "log", id: "one", stream: "stdout", text }, 1);
  return change?.kind === "lines" ? change.lines : [];
}

steps("is shown in whole lines", () => {
  const tree = start();
  assert.equal([shown(tree, "a\nb"), shown(tree, "c\n"), shown(tree, "d")], [["a"], ["bc"], []]);
  assert.equal(tree.apply({ kind: "end", id: "one", outcome: "done" }, 2)?.kind, "ended");
  assert.equal(tree.roots[0]?.lines, ["a", "bc", "d"]);
});

steps("without an end of line is shown in pieces, and all of it", () => {
  const tree = start();
  const part = "x".repeat(40_000);
  let length = 0;
  for (let n = 0; n < 500; n += 1) for (const line of shown(tree, part)) length += line.length;
  assert.ok(length > 490 * part.length, String(length));
  const [step] = tree.roots;
  assert.ok(step !== undefined && step.partial.stdout.length <= 1 << 16);
  const kept = step.lines.reduce((sum, line) => sum + line.length, 0);
  assert.is(kept, step.keptLength);
  assert.ok(kept <= 4 << 20, String(kept));
  assert.is(step.lines.length + step.droppedLines, length / (2 * part.length));
});

steps("is kept by its newest lines, however short", () => {
  const tree = start();
  for (let n = 0; n < 30; n += 1) shown(tree, `${n}\n`.repeat(100));
  const [step] = tree.roots;
  assert.equal([step?.lines.length, step?.droppedLines, step?.lines.at(-1)], [2000, 1000, "29"]);
});

steps.run();
