import { totalmem } from "node:os";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { boundsOf } from "../../../../engine/src/run/bounds.ts";

const bounds = suite("what containers may use");

bounds("is nine tenths of the memory that there is, and as much of the rest as large builds need", () => {
  const own = process.constrainedMemory();
  const there = own > 0 ? Math.min(own, totalmem()) : totalmem();
  assert.equal(boundsOf({}), { memoryBytes: Math.floor(there * 0.9), processes: 8192, openFiles: 1_048_576 });
  assert.equal(boundsOf({ SLIPWAY_MEMORY: "", SLIPWAY_PROCESSES: "", SLIPWAY_OPEN_FILES: "" }), boundsOf({}));
});

bounds("is of the memory of the container that this runs in, where that is less than the machine's", () => {
  const { constrainedMemory } = process;
  process.constrainedMemory = () => 1_000_000_000;
  try {
    assert.is(boundsOf({}).memoryBytes, 900_000_000);
  } finally {
    process.constrainedMemory = constrainedMemory;
  }
});

bounds("is what the person says", () => {
  const env = { SLIPWAY_MEMORY: "2g", SLIPWAY_PROCESSES: "100", SLIPWAY_OPEN_FILES: "4096" };
  assert.equal(boundsOf(env), { memoryBytes: 2 ** 31, processes: 100, openFiles: 4096 });
});

for (const [name, value, wanted] of [
  ["SLIPWAY_MEMORY", "much", "a size such as 512m or 8g"],
  ["SLIPWAY_MEMORY", "0", "a size such as 512m or 8g"],
  ["SLIPWAY_PROCESSES", "-1", "a number of processes such as 4096"],
  ["SLIPWAY_PROCESSES", "0", "a number of processes such as 4096"],
  ["SLIPWAY_OPEN_FILES", "1e3", "a number of open files such as 4096"],
] as const) {
  bounds(`is refused when ${name} is ${value}`, () => {
    assert.throws(
      () => boundsOf({ [name]: value }),
      (error: Error) => error.message === `${name} is "${value}": write ${wanted}`,
    );
  });
}

bounds.run();
