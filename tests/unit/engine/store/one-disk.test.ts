import { suite } from "uvu";
import * as assert from "uvu/assert";
import { refuseMountedParts } from "../../../../engine/src/store/one-disk.ts";
import { inTree } from "./temporary-tree.ts";

const disk = suite("a store that has to lie on one disk");

const mountinfo = (...points: readonly string[]) =>
  points.map((point, nth) => `${nth} 1 8:1 / ${point} rw,relatime - ext4 /dev/sda1 rw\n`).join("");

disk("is refused when one of its parts is a mount of its own, by the name that the person knows", async () => {
  await inTree({ "store/layers": null }, async (dir) => {
    const store = `${dir}/store`;
    const refusal = (...parts: readonly string[]) => {
      try {
        refuseMountedParts(store, mountinfo("/", dir, `${dir}/stores`, ...parts.map((part) => `${store}${part}`)));
        return "taken";
      } catch (error) {
        return (error as Error).message.replaceAll(store, "STORE");
      }
    };
    assert.is(refusal(), "taken");
    assert.is(refusal("", "/run/engine-1-2", "/scratch/engine-1-2/view-0"), "taken");
    assert.is(
      refusal("/layers"),
      "the store STORE has to lie on one disk, and STORE/layers is a mount of another\n  to do: unmount it, or set SLIPWAY_STORE to a folder that lies on the larger disk as a whole",
    );
    assert.match(
      refusal("/volumes", "/images/blobs", "/volumes"),
      /STORE\/images\/blobs, STORE\/volumes are mounts of/,
    );
    assert.match(refusal("/scratch"), /STORE\/scratch is a mount/);
  });
});

disk.run();
