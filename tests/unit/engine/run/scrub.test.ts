import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Scrubber } from "../../../../engine/src/run/scrub.ts";

const scrub = suite("Scrubber");

function through(secrets: readonly string[], parts: readonly string[]): string {
  const scrubber = new Scrubber(secrets);
  return parts.map((part) => scrubber.push(part)).join("") + scrubber.flush();
}

scrub("hides a secret wherever it stands in a line", () => {
  assert.is(through(["tok"], ["a tok b\ntok\n"]), "a *** b\n***\n");
});

scrub("hides a secret with and without the white space around it", () => {
  assert.is(through(["  spaced \n"], ["[  spaced \n]\n[spaced]\n"]), "[***]\n[***]\n");
});

scrub("hides the longer of two secrets first", () => {
  assert.is(through(["abc", "abcdef"], ["abcdef abc\n"]), "*** ***\n");
});

scrub("does not hide the empty secret", () => {
  assert.is(through(["", " "], ["a b\n"]), "a b\n");
});

scrub("shows text at once when there is nothing to hide", () => {
  assert.is(new Scrubber([]).push("half a li"), "half a li");
});

scrub("hides a secret of several lines that comes line by line", () => {
  assert.is(through(["one\ntwo"], ["is one\n", "two", " then one\n", "three\n"]), "is *** then one\nthree\n");
});

scrub("lets no secret through however the text is cut into parts", () => {
  const word = fc
    .string({ minLength: 3, maxLength: 8, unit: fc.constantFrom("a", "b", "\n") })
    .filter((w) => w.trim() === w);
  fc.assert(
    fc.property(
      word,
      fc.array(fc.constantFrom("SECRET", "x", "\n", " "), { maxLength: 30 }),
      fc.nat(5),
      (secret, shape, size) => {
        const text = shape.map((piece) => (piece === "SECRET" ? secret : piece)).join("");
        const parts: string[] = [];
        for (let at = 0; at < text.length; at += size + 1) parts.push(text.slice(at, at + size + 1));
        const shown = through([secret], parts);
        assert.is(shown, text.replaceAll(secret, "***"));
      },
    ),
  );
});

scrub.run();
