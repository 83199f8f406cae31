import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readUvuSummary } from "../../support/uvu-summary.ts";

const reading = suite("readUvuSummary");

reading("counts what passed, failed and was skipped, through the colours", () => {
  const output = "\n  Total:     14\u001b[32m\n  Passed:    11\u001b[39m\n  Skipped:   2\n  Duration:  4.85ms\n\n";
  assert.equal(readUvuSummary(output), { passed: 11, failed: 3, skipped: 2 });
});

reading("takes the last summary, because a test may print another run's", () => {
  const one = (passed: number) => `  Total:     9\n  Passed:    ${passed}\n  Skipped:   0\n`;
  assert.equal(readUvuSummary(`${one(9)}x\n${one(8)}`), { passed: 8, failed: 1, skipped: 0 });
});

reading("finds none in the output of a run that died", () => {
  assert.is(readUvuSummary("Exiting early before testing is finished.\n"), undefined);
});

reading.run();
