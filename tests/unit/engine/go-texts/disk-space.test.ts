import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseDiskSpace, spaceInBytes } from "../../../../engine/src/go-texts/disk-space.ts";

const space = suite("a size on a disk");

for (const [text, bytes] of [
  ["", 0],
  ["0", 0],
  ["12", 12],
  ["1.5", 1],
  ["7b", 7],
  ["7 B", 7],
  ["2k", 2048],
  ["2KB", 2048],
  ["2kib", 2048],
  [".5 Mib", 2 ** 19],
  ["1.5g", 1.5 * 2 ** 30],
  ["200GB", 200 * 2 ** 30],
  ["1t", 2 ** 40],
  ["1pb", 2 ** 50],
] as const) {
  space(`${JSON.stringify(text)} is ${bytes} bytes`, () => assert.equal(parseDiskSpace(text), { bytes, percent: 0 }));
}

for (const text of ["x", "g", "-1", "1x", "1 2", "1ib", "1kbb", "1  k", "1,5g"]) {
  space(`${JSON.stringify(text)} is none`, () =>
    assert.throws(() => parseDiskSpace(text), `invalid disk space ${text}`),
  );
}

space("a part of the disk is rounded up as the real engine does it", () => {
  assert.equal(parseDiskSpace("80%"), { bytes: 0, percent: 80 });
  assert.is(spaceInBytes({ bytes: 0, percent: 80 }, 100 * 2 ** 30), 81e9);
  assert.is(spaceInBytes({ bytes: 0, percent: 0 }, 2 ** 40), 0);
  assert.is(spaceInBytes({ bytes: 5, percent: 0 }, 2 ** 40), 5);
  assert.throws(() => parseDiskSpace("x%"), 'strconv.ParseInt: parsing "x": invalid syntax');
});

space.run();
