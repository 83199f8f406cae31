import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findHiddenTests, guard } from "../../guard.ts";

const guarding = suite("guard");

const good = 'import { suite } from "uvu";\nconst plan = suite("plan");\nplan("adds", () => {});\nplan.run();\n';

guarding("finds nothing in a file whose suite runs", () => {
  assert.equal(findHiddenTests(good), []);
});

guarding("names the suite that is never run, also beside one that is", () => {
  const text = `${good}const other = suite<Context>("other");\nother("is", () => {});\n`;
  assert.equal(findHiddenTests(text), ["the suite other is never run"]);
});

guarding("sees suites that are made in a loop", () => {
  const text = good.replace(/^(?!import)/gm, "  ");
  assert.equal(findHiddenTests(text), []);
  assert.equal(findHiddenTests(text.replace("plan.run();", "")), ["the suite plan is never run"]);
});

guarding("does not take a run() in a comment for a run", () => {
  assert.equal(findHiddenTests(good.replace("plan.run();", "// plan.run();\n/*\nplan.run();\n*/")), [
    "the suite plan is never run",
  ]);
});

guarding("does not take the run of another suite for a run", () => {
  assert.equal(findHiddenTests(good.replace("plan.run();", "plan2.run();")), ["the suite plan is never run"]);
});

guarding("finds tests that hide others, and tests that are left out", () => {
  assert.equal(findHiddenTests(good.replace('plan("adds"', 'plan.only("adds"')), ["plan.only() hides the other tests"]);
  assert.equal(findHiddenTests(good.replace('plan("adds"', 'plan.skip("adds"')), ["plan.skip() leaves a test out"]);
});

guarding("finds a bare test without its run", () => {
  assert.equal(findHiddenTests('import { test } from "uvu";\ntest("a", () => {});\n'), ["the suite test is never run"]);
});

guarding("refuses a test file that holds no suite", () => {
  assert.equal(findHiddenTests("export {};\n"), ["holds no suite"]);
});

guarding("reads folders below, names the file, and refuses a folder without tests", () => {
  const folder = mkdtempSync(join(tmpdir(), "guard-"));
  try {
    assert.equal(guard(folder), [`${folder}: no *.test.ts file found`]);
    mkdirSync(join(folder, "deep"));
    writeFileSync(join(folder, "deep", "a.test.ts"), good.replace("plan.run();\n", ""));
    writeFileSync(join(folder, "b.test.ts"), good);
    writeFileSync(join(folder, "not-a-test.ts"), "");
    assert.equal(guard(folder), [`${join(folder, "deep", "a.test.ts")}: the suite plan is never run`]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

guarding.run();
