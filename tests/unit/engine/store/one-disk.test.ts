import { symlinkSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { refusePartsElsewhere } from "../../../../engine/src/store/one-disk.ts";
import { inTree } from "./temporary-tree.ts";

const disk = suite("a store that has to lie on one disk");

const mountinfo = (...points: readonly string[]) =>
  points.map((point, nth) => `${nth} 1 8:1 / ${point} rw,relatime - ext4 /dev/sda1 rw\n`).join("");

disk("is refused when one of its parts is a mount of its own, by the name that the person knows", async () => {
  await inTree({ "store/layers": null }, async (dir) => {
    const store = `${dir}/store`;
    const refusal = (...parts: readonly string[]) => {
      try {
        refusePartsElsewhere(store, mountinfo("/", dir, `${dir}/stores`, ...parts.map((part) => `${store}${part}`)));
        return "taken";
      } catch (error) {
        return (error as Error).message.replaceAll(store, "STORE");
      }
    };
    assert.is(refusal(), "taken");
    assert.is(refusal("", "/run/engine-1-2", "/scratch/engine-1-2/view-0"), "taken");
    assert.is(
      refusal("/layers"),
      "the store STORE has to be on one disk, but STORE/layers is on another\n  to do: remove the mount or the link, or set SLIPWAY_STORE to a folder that is on the larger disk as a whole",
    );
    assert.match(
      refusal("/volumes", "/images/blobs", "/volumes"),
      /STORE\/images\/blobs, STORE\/volumes are on another/,
    );
    assert.match(refusal("/scratch"), /STORE\/scratch is on another/);
  });
});

disk("may have a link in it to a folder of the same disk, and to none of another", async () => {
  await inTree({ "store/kept": null, "store/layers": { link: "kept" }, "store/gone": { link: "none" } }, (dir) => {
    refusePartsElsewhere(`${dir}/store`);
    // Where the kernel's own files are is another disk for everything.
    symlinkSync("/proc", `${dir}/store/volumes`);
    assert.throws(() => refusePartsElsewhere(`${dir}/store`), /but \S+store\/volumes is on another\n/);
  });
});

disk.run();
