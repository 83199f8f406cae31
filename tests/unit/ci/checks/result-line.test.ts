import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findResult, lastLine } from "../../../../ci/src/checks/result-line.ts";

const result = suite("the line that says how tests ended");

const outputs: readonly (readonly [string, string, string])[] = [
  [
    "Surefire's",
    `[INFO] Tests run: 2, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.1 s -- in com.acme.ATest
[INFO] Results:
[INFO]
[INFO] Tests run: 2, Failures: 0, Errors: 0, Skipped: 0
[INFO]
[INFO] ------------------------------------------------------------------------
[INFO] BUILD SUCCESS
[INFO] ------------------------------------------------------------------------`,
    "Tests run: 2, Failures: 0, Errors: 0, Skipped: 0",
  ],
  [
    "Surefire's over several modules",
    "[INFO] Tests run: 2, Failures: 0, Errors: 0, Skipped: 0\n[WARNING] Tests run: 3, Failures: 0, Errors: 0, Skipped: 1\n[ERROR] Tests run: 4, Failures: 1, Errors: 2, Skipped: 0\n[INFO] ---",
    "Tests run: 9, Failures: 1, Errors: 2, Skipped: 1",
  ],
  [
    "Node's",
    "✔ adds (0.5ms)\nℹ tests 6\nℹ suites 1\nℹ pass 5\nℹ fail 0\nℹ cancelled 0\nℹ skipped 1\nℹ todo 0\nℹ duration_ms 89.8",
    "pass 5, fail 0, skipped 1",
  ],
  [
    "Node's in TAP, over two packages",
    "# pass 5\n# fail 0\n# duration_ms 8\n# pass 2\n# fail 1\n# todo 3",
    "pass 7, fail 1, todo 3",
  ],
  ["pytest's", "....\n\n5 passed in 0.12s\n", "5 passed in 0.12s"],
  [
    "pytest's in its frame",
    "=========== 1 failed, 4 passed, 2 warnings in 62.10s (0:01:02) ===========\n",
    "1 failed, 4 passed, 2 warnings in 62.10s (0:01:02)",
  ],
  ["pytest's without tests", "no tests ran in 0.01s", "no tests ran in 0.01s"],
  ["Go's", "ok  \texample.org/math\t0.003s\n?   \texample.org/cmd\t[no test files]\n", "ok example.org/math 0.003s"],
  ["Go's with coverage", "ok  \tm\t0.003s\tcoverage: 80.0% of statements", "ok m 0.003s coverage: 80.0% of statements"],
  [
    "Go's over several packages",
    "ok  \ta\t(cached)\nFAIL\tb\t0.1s\nFAIL\tc [build failed]\nok  \td\t0.1s\nFAIL",
    "ok 2 packages, FAIL 2",
  ],
  ["gotestsum's", "DONE 4 tests, 1 skipped, 2 failures in 0.003s\n", "DONE 4 tests, 1 skipped, 2 failures in 0.003s"],
  ["Gradle's", "> Task :test\n\nBUILD SUCCESSFUL in 3s\n5 actionable tasks: 5 executed\n", "BUILD SUCCESSFUL in 3s"],
  [
    "Gradle's with counts",
    "4 tests completed, 1 failed, 2 skipped\n\nBUILD FAILED in 4s\n",
    "4 tests completed, 1 failed, 2 skipped",
  ],
  [
    "Jest's",
    "Test Suites: 1 passed, 1 total\nTests:       1 skipped, 3 passed, 4 total\nSnapshots:   0 total\nTime:        0.7 s\nRan all test suites.",
    "Tests: 1 skipped, 3 passed, 4 total",
  ],
  [
    "Jest's over two workspaces",
    "Tests:  3 passed, 3 total\nTests:  1 failed, 1 passed, 2 total",
    "4 passed, 5 total, 1 failed",
  ],
  [
    "Vitest's, in colours",
    "\u001B[2m Test Files \u001B[22m 1 passed\u001B[39m (1)\n\u001B[2m      Tests \u001B[22m \u001B[1m\u001B[31m1 failed\u001B[39m | \u001B[32m2 passed\u001B[39m\u001B[90m (3)\u001B[39m\n   Duration  519ms\n\nJUNIT report written to x",
    "Tests 1 failed | 2 passed (3)",
  ],
  ["Mocha's", "  5 passing (8ms)\n  1 pending\n  2 failing\n\n  1) math\n", "5 passing, 2 failing, 1 pending"],
  ["uvu's", "  Total:     5\n  Passed:    4\n  Skipped:   1\n  Duration:  0.58ms\n", "Total: 5, Passed: 4, Skipped: 1"],
  ["unittest's", "....\n----\nRan 5 tests in 0.001s\n\nOK\n", "Ran 5 tests in 0.001s"],
  ["AVA's", "  ✔ a\n  ─\n\n  3 tests passed\n", "3 tests passed"],
];
for (const [whose, output, line] of outputs)
  result(`is ${whose}`, () => {
    assert.is(findResult(output), line);
  });

result("is none where no program is known; a report has the last line then", () => {
  for (const output of [
    "",
    "ok 1 - adds\n1..1",
    "Checked 3 files. No fixes applied.",
    "12 passed, 0 failed",
    "Tests are fun",
  ])
    assert.is(findResult(output), undefined, output);
  assert.is(lastLine("one\n \u001B[32mtwo \u001B[39m\r\n\n"), "two");
  assert.is(lastLine(""), "");
});

// What grows with the square of the length would not end before the limit of this file.
result("is found in a moment, however long a line is", () => {
  for (const part of ["1 a", "1 a, ", "1 a | ", "=", " ", "Tests: 1 a1 "])
    findResult(`Tests: ${part.repeat(100_000)}!`);
});

result.run();
