import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readSize, tellSize } from "../../../../engine/src/store/size-text.ts";

const sizes = suite("sizes as people write them");

for (const [text, bytes] of [
  ["1", 1],
  ["512m", 512 * 2 ** 20],
  ["8G", 8 * 2 ** 30],
  ["20GiB", 20 * 2 ** 30],
  ["20gb", 20 * 2 ** 30],
  [" 3k ", 3 * 2 ** 10],
  ["2t", 2 * 2 ** 40],
  ["0", undefined],
  ["-1", undefined],
  ["1.5g", undefined],
  ["8 g", undefined],
  ["g", undefined],
  ["1e9", undefined],
  ["", undefined],
] as const) {
  sizes(`read ${JSON.stringify(text)} as ${bytes === undefined ? "no size" : `${bytes} bytes`}`, () => {
    assert.is(readSize(text), bytes);
  });
}

for (const [bytes, text] of [
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1.0 KiB"],
  [1536, "1.5 KiB"],
  [150 * 2 ** 20, "150 MiB"],
  [3.25 * 2 ** 30, "3.3 GiB"],
  [5000 * 2 ** 40, "5000 TiB"],
] as const) {
  sizes(`tell ${bytes} bytes as ${text}`, () => assert.is(tellSize(bytes), text));
}

sizes.run();
