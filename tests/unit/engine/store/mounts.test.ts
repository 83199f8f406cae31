import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findMount, mountOf } from "../../../../engine/src/store/mounts.ts";

const mounts = suite("the mount on which a folder lies");

const TEXT = [
  "21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw",
  "22 21 0:20 / /home rw,nosuid,nodev,noexec,noatime shared:2 - xfs /dev/sdb rw",
  "23 22 0:21 / /home/ann\\040lee rw,nodev - nfs4 files:/ann rw",
  "24 21 0:22 / /srv rw - tmpfs tmpfs rw",
  "25 21 0:23 / /srv ro master:9 - overlay overlay rw,lowerdir=a:b",
  "",
].join("\n");

mounts("is the lowest one above it, and of two at one place the later", () => {
  const found = (folder: string) => findMount(TEXT, folder);
  assert.equal(found("/"), { point: "/", options: ["rw", "relatime"], type: "ext4" });
  assert.equal(found("/homes"), found("/"));
  assert.equal(found("/home/ann"), {
    point: "/home",
    options: ["rw", "nosuid", "nodev", "noexec", "noatime"],
    type: "xfs",
  });
  assert.equal(found("/home/ann lee/x"), { point: "/home/ann lee", options: ["rw", "nodev"], type: "nfs4" });
  assert.equal(found("/srv"), { point: "/srv", options: ["ro"], type: "overlay" });
});

mounts("is what the kernel says, and nothing for what is not there", () => {
  assert.is(mountOf("/proc/self")?.type, "proc");
  assert.is(mountOf("/no/such/folder"), undefined);
});

mounts.run();
