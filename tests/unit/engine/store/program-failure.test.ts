import { suite } from "uvu";
import * as assert from "uvu/assert";
import { programFailure } from "../../../../engine/src/store/program-failure.ts";

const failure = suite("the failure of a program");

const tell = (stderr: string) =>
  programFailure("nothing could be mounted at /x", ["unshare", "--mount", "mount -t tmpfs", "/x"], { code: 32, stderr })
    .message;

failure("is told in the program's words, and where to look for the cause", () => {
  assert.is(
    tell("mount: /x: bad option\nCommand failed -:3\n\n  see dmesg\n"),
    "nothing could be mounted at /x: mount: /x: bad option; see dmesg\n  to do: see what a machine needs (docs/machines.md) and what its kernel said (dmesg)",
  );
  assert.match(tell(""), /at \/x: mount ended with exit code 32 and said nothing\n/);
});

for (const [words, todo] of [
  ["sh: 1: Cannot fork", /start more processes/],
  ["mount: /x: No space left on device", /free some space/],
  ["mount: /x: Cannot allocate memory", /more memory/],
  ["sh: 1: cannot open /x: Too many open files", /open more files/],
] as const) {
  failure(`says what to do when the system refused: ${words}`, () => {
    const message = tell(words);
    assert.ok(message.startsWith(`nothing could be mounted at /x: ${words}\n  to do: `), message);
    assert.match(message, todo);
    assert.not.match(message, /docs\/machines\.md/);
  });
}

failure.run();
