import { statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { storeLimit } from "../../../../engine/src/upkeep/limit.ts";

const limit = suite("the limit of a store");

limit("is a tenth of its disk, and 20 GiB at most", () => {
  const { blocks, bsize } = statfsSync(tmpdir());
  assert.is(storeLimit(tmpdir(), {}), Math.min(20 * 2 ** 30, Math.floor((blocks * bsize) / 10)));
});

limit("is a tenth of a small disk", () => {
  const { blocks, bsize } = statfsSync("/dev/shm");
  if (blocks * bsize > 200 * 2 ** 30) return console.log("NOT TESTED: /dev/shm is larger than 200 GiB");
  assert.is(storeLimit("/dev/shm", {}), Math.floor((blocks * bsize) / 10));
  return undefined;
});

limit("is what the variable says", () => {
  assert.is(storeLimit(tmpdir(), { SLIPWAY_STORE_LIMIT: "3g" }), 3 * 2 ** 30);
  assert.is(storeLimit(tmpdir(), { SLIPWAY_STORE_LIMIT: "none" }), Number.POSITIVE_INFINITY);
});

limit("is refused when the variable is no size", () => {
  assert.throws(
    () => storeLimit(tmpdir(), { SLIPWAY_STORE_LIMIT: "lots" }),
    (error: Error) => error.message === 'SLIPWAY_STORE_LIMIT is "lots": write a size such as 8g, or none',
  );
});

limit.run();
