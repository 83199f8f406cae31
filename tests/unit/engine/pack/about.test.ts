import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type AboutPack, keyStart, whyNotHere } from "../../../../engine/src/pack/about.ts";

const about = suite("what a pack says of itself");
const here: AboutPack = { format: 1, engine: "0123456789abcdef", madeBy: "root", arch: "x64" };

for (const [given, said] of [
  [{}, undefined],
  [{ engine: "another" }, undefined],
  [{ format: 2 }, "its format is 2, and this version of Slipway knows 1: a newer one made it"],
  [{ format: 0 }, "its format is 0, and this version of Slipway reads 1: an older one made it"],
  [{ arch: "arm64" }, "it is for arm64, and this machine is x64"],
  [{ madeBy: "user" }, "it was packed by an ordinary user, and this is root"],
] as const) {
  about(`is ${JSON.stringify(given)}, and a store here ${said === undefined ? "can use it" : "cannot"}`, () => {
    assert.is(whyNotHere({ ...here, ...given }, here), said);
  });
}

about("is the beginning of its key, but for the rest of a long name", () => {
  assert.is(keyStart(here), "slipway-1-x64-root-0123456789ab");
});

about.run();
