import { Readable } from "node:stream";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { collectOutput, wholeStream } from "../../../../engine/src/api/exec-output.ts";

const output = suite("the output of an exec");
const limit = 134_217_728;

output("is kept up to a limit, read to its end, and refused in the real engine's words beyond it", async () => {
  const piece = Buffer.alloc(1 << 20, "x");
  let given = 0;
  const endless = new Readable({
    read() {
      given += 1;
      this.push(given <= 140 ? piece : null);
    },
  });
  let shown = 0;
  const running = {
    stdout: endless,
    stderr: Readable.from([]),
    exit: Promise.resolve({ code: 0 }),
    kill: () => undefined,
  };
  const collected = await collectOutput(running, [], (_stream, text) => (shown += text.length));
  assert.is(shown, 140 << 20);
  for (const stream of [collected.stdout, collected.combined]) {
    assert.ok(stream.length <= limit + piece.length, String(stream.length));
    assert.throws(
      () => wholeStream(stream),
      (error: Error) => error.message === `file size ${stream.length} exceeds limit ${limit}`,
    );
  }
});

output("is told whole when it is not too long", () => assert.is(wholeStream("x".repeat(10)), "x".repeat(10)));

output.run();
