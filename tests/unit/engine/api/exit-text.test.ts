import { suite } from "uvu";
import * as assert from "uvu/assert";
import { exitText } from "../../../../engine/src/api/exit-text.ts";

const text = suite("how a process ended");

text("is told by its exit code, as the real engine does", () => {
  assert.is(exitText({ code: 3 }), "exit code: 3");
});

text("is told to be for want of memory, with whose it was", () => {
  assert.is(
    exitText({ code: 137, outOfMemory: "containers" }),
    "exit code: 137: cannot allocate memory (the containers used up what SLIPWAY_MEMORY allows, by default nine tenths of this machine's memory)",
  );
  assert.is(
    exitText({ code: 1, outOfMemory: "machine" }),
    "exit code: 1: cannot allocate memory (this machine had no memory left)",
  );
  assert.is(
    exitText({ code: 137, outOfMemory: "perhaps" }),
    "exit code: 137: cannot allocate memory (most likely: the kernel ended a process of this machine for that reason while it ran)",
  );
});

text.run();
