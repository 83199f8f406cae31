import { suite } from "uvu";
import * as assert from "uvu/assert";
import { watchCheck, writeReport } from "../../../../ci/src/checks/check-report.ts";

/** A clock that advances by `stepMs` each time somebody looks. */
function clock(stepMs: number): () => number {
  let nowMs = 0;
  return () => {
    nowMs += stepMs;
    return nowMs;
  };
}

const report = suite("report");

report("takes the last line of a check's output as its summary", async () => {
  const outcome = await watchCheck(
    "unit",
    async () => ({ stdout: "much\n  12 passed, 0 failed  \n\n", stderr: "" }),
    clock(1500),
  );
  assert.equal(outcome, { name: "unit", durationMs: 1500, summary: "12 passed, 0 failed" });
});

report("keeps what a failing check threw, as it came", async () => {
  const error = new Error("exit code: 1\nmore");
  const outcome = await watchCheck("unit", () => Promise.reject(error), clock(10));
  assert.is(outcome.error, error);
  assert.is(outcome.summary, "exit code: 1");
});

report("shows one line a check and the sum", () => {
  const text = writeReport({
    stages: [
      [
        { name: "lint", durationMs: 12_340, summary: "4 passed, 0 failed" },
        { name: "integration", durationMs: 61_000, summary: "exit code: 1", error: new Error("exit code: 1") },
      ],
      [],
    ],
    left: [],
  });
  assert.is(
    text,
    [
      "lint         passed    12.3 s  4 passed, 0 failed",
      "integration  failed    61.0 s  exit code: 1",
      "",
      "1 of 2 checks passed in 61.0 s",
      "",
    ].join("\n"),
  );
});

report("has the counts of a check's reports instead, and below them the failed tests", async () => {
  const error = new Error("exit code: 1");
  const outcome = await watchCheck(
    "unit",
    async () => ({
      stdout: "5 passing",
      stderr: "",
      written: {
        tests: { passed: 4, failed: 1, skipped: 0, failures: [{ name: "math > adds", message: "2 == 1" }] },
        coverage: { lcov: { covered: 5, lines: 8 } },
        problems: ["b.xml is empty"],
      },
      fail: () => Promise.reject(error),
    }),
    clock(500),
  );
  assert.is(outcome.error, error);
  assert.is(
    writeReport({ stages: [[outcome], []], left: [] }),
    [
      "unit  failed     0.5 s  4 passed, 1 failed, coverage 62.5%",
      "      math > adds: 2 == 1",
      "      b.xml is empty",
      "",
      "0 of 1 checks passed in 0.5 s",
      "",
    ].join("\n"),
  );
});

report("finds how a check ended that failed in what it had printed, also on standard error", async () => {
  const error = Object.assign(new Error("exit code: 1"), {
    stdout: "much",
    stderr: "Tests:  1 failed, 2 passed, 3 total\nend",
  });
  assert.is((await watchCheck("unit", () => Promise.reject(error))).summary, "Tests: 1 failed, 2 passed, 3 total");
});

report("tells the time of each stage", () => {
  const stage = (name: string, durationMs: number) => [{ name, durationMs, summary: "1 passed" }];
  assert.is(
    writeReport({ stages: [stage("unit", 2_000), stage("integration", 30_000)], left: [] }),
    [
      "unit         passed     2.0 s  1 passed",
      "integration  passed    30.0 s  1 passed",
      "",
      "2 of 2 checks passed in 32.0 s (fast stage 2.0 s, slow stage 30.0 s)",
      "",
    ].join("\n"),
  );
});

report("says which checks did not run, because one of the fast stage had failed", () => {
  const failed = { name: "unit", durationMs: 2_000, summary: "exit code: 1", error: new Error("exit code: 1") };
  assert.is(
    writeReport({ stages: [[failed], []], left: ["integration"] }),
    [
      "unit         failed     2.0 s  exit code: 1",
      "integration  not run           a check of the fast stage has failed",
      "",
      "0 of 2 checks passed in 2.0 s",
      "",
    ].join("\n"),
  );
});

report.run();
