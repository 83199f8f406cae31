import { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { collectOutput } from "../../../../engine/src/api/exec-output.ts";
import { Printed, wholeStream } from "../../../../engine/src/api/printed.ts";

const output = suite("the output of an exec");
const limit = 134_217_728;
const shownInError = 102_400;

/** Streams of a process that prints these parts. */
function printing(stdout: Iterable<Buffer>, stderr: Iterable<Buffer> = []) {
  const options = { objectMode: false };
  return { stdout: Readable.from(stdout, options), stderr: Readable.from(stderr, options) };
}

function* times(count: number, part: Buffer): Iterable<Buffer> {
  for (let n = 0; n < count; n += 1) yield part;
}

output("is read to its end beyond the limit, and only its length and its end are kept", async () => {
  let shown = 0;
  const parts = times(140, Buffer.alloc(1 << 20, "x"));
  const { stdout, stderr, combined } = await collectOutput(
    printing(parts),
    [],
    (_stream, text) => (shown += text.length),
  );
  assert.is(shown, 140 << 20);
  assert.equal([stdout.kept(), combined.kept(), stderr.kept()], [140 << 20, 140 << 20, ""]);
  const note = `[omitting ${(140 << 20) - shownInError} bytes]...`;
  assert.is(stdout.end(), note + "x".repeat(shownInError - note.length));
});

output("is counted in bytes, and whole up to the last of them", () => {
  const printed = new Printed();
  for (let n = 0; n < 128; n += 1) printed.add(Buffer.alloc(1 << 20, "é"));
  const whole = printed.kept();
  assert.is(typeof whole === "string" ? whole.length : whole, limit / 2);
  printed.add(Buffer.from("."));
  assert.is(printed.kept(), limit + 1);
});

output("takes no memory beyond what is kept of it and shown", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const heldBytes = () => {
    collect();
    return process.memoryUsage().arrayBuffers;
  };
  const printed = new Printed(1 << 20);
  const before = heldBytes();
  for (let n = 0; n < 64; n += 1) printed.add(Buffer.alloc(1 << 20, "x"));
  let held = heldBytes() - before;
  // What the collector has found is given back by another thread.
  for (const until = performance.now() + 5_000; held >= 8 << 20 && performance.now() < until; await setImmediate())
    held = heldBytes() - before;
  assert.ok(held < 8 << 20, `${held} bytes are held`);
  assert.is(printed.kept(), 64 << 20);
});

output("is refused when it is too long, with what to do", () => {
  assert.is(wholeStream("stdout", "x".repeat(10)), "x".repeat(10));
  assert.throws(
    () => wholeStream("stdout", 4_294_967_296),
    (error: Error) =>
      error.message ===
      "stdout of 4294967296 bytes is not supported by the embedded engine yet, which keeps 134217728: let the command write a file, or use redirectStdout or redirectStderr",
  );
});

output("that is no text has one mark for each byte of it, as Go writes it", async () => {
  const broken = Buffer.from([0x61, 0xe2, 0x82, 0x62, 0xff, 0xc3]);
  const { stdout } = await collectOutput(printing([broken]), [], () => undefined);
  assert.is(stdout.kept(), "a\ufffd\ufffdb\ufffd\ufffd");
});

output("is passed on byte for byte, without the secrets in it", async () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  const got: Buffer[] = [];
  const parts = [bytes, Buffer.from("pässwö"), Buffer.from("rt\n"), bytes];
  const onPart = (_stream: string, part: Buffer) => got.push(part);
  const { stdout } = await collectOutput(printing(parts), ["pässwört"], () => undefined, { onPart });
  assert.equal(Buffer.concat(got), Buffer.concat([bytes, Buffer.from("***\n"), bytes]));
  assert.is(stdout.bytes, 2 * 256 + 4);
});

output("holds back no more than some of a line without an end, whatever is secret", async () => {
  let shown = 0;
  let [most, given] = [0, 0];
  function* line(): Iterable<Buffer> {
    for (let n = 0; n < 64; n += 1) {
      most = Math.max(most, given - shown);
      given += 1 << 18;
      yield Buffer.alloc(1 << 18, "x");
    }
  }
  await collectOutput(printing(line()), ["xy"], (_stream, text) => (shown += text.length));
  assert.is(shown, given);
  assert.ok(most <= 3 << 20, `${most} bytes were held back`);
});

output("shows the end of any stream as the real engine does, however it comes in parts", () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(sizes, (lengths) => {
      const printed = new Printed(0);
      const parts = lengths.map((length, place) => Buffer.alloc(length, `${place}${length}-`));
      for (const part of parts) printed.add(part);
      const all = Buffer.concat(parts);
      const note = `[omitting ${all.length - shownInError} bytes]...`;
      const end =
        all.length <= shownInError
          ? all
          : Buffer.concat([Buffer.from(note), all.subarray(all.length - shownInError + note.length)]);
      assert.is(printed.end(), end.toString());
    }),
    { numRuns: 30 },
  );
});

output.run();
