import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { contentDigest } from "../../../../engine/src/store/content.ts";
import { SlowRead } from "../../../../engine/src/store/slow-read.ts";
import { TreeFilter } from "../../../../engine/src/store/tree-filter.ts";

const slow = suite("a folder that takes long to read");

let dir = "";
slow.before(() => {
  dir = mkdtempSync(join(tmpdir(), "slipway-slow-"));
  mkdirSync(join(dir, "a"));
  for (const name of ["a/one", "a/two", "b", "left.out"]) writeFileSync(join(dir, name), "x".repeat(1024));
});
slow.after(() => rmSync(dir, { recursive: true, force: true }));

/** What is told when each entry takes a while. */
async function told(secondsEach: number): Promise<readonly string[]> {
  const lines: string[] = [];
  let nowMs = 0;
  const read = new SlowRead(
    (line) => lines.push(line),
    () => nowMs,
  );
  const filter = read.watch("/home/me", new TreeFilter(dir, { exclude: ["*.out"] }));
  const timed = {
    start: filter.start,
    judge: (...entry: Parameters<typeof filter.judge>) => {
      nowMs += secondsEach * 1000;
      return filter.judge(...entry);
    },
  };
  await contentDigest(dir, "/", { filter: timed });
  read.beginCopy();
  await contentDigest(dir, "/", { filter: timed });
  return lines;
}

slow(
  "is told with what is taken and how to leave files out, then in growing distances, and when it is copied",
  async () => {
    assert.equal(await told(2), [
      [
        "reading /home/me, 6 s so far: 2 files of 2.0 KiB taken, 3 entries seen, now in /home/me/a",
        "  to leave files out: run the command in a smaller folder, or name what is not needed (exclude or gitignore of the call, ignore of the argument)",
      ].join("\n"),
      "copying /home/me into the store, 12 s so far: 0 files of 0 B taken, 1 entries seen, now in /home/me",
    ]);
  },
);

slow("is not told when it does not take long", async () => {
  assert.equal(await told(0.4), []);
});

slow.run();
