import { suite } from "uvu";
import * as assert from "uvu/assert";
import { lookupOwner, lookupUser, parseOwner } from "../../../../engine/src/store/users.ts";
import { inTree } from "./temporary-tree.ts";

const users = suite("users");

const ETC = {
  "etc/passwd":
    "root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1::/usr/sbin:/bin/false\nnobody:x:65534:65533::/nonexistent:\n",
  "etc/group": "root:x:0:\ndaemon:x:1:\nmail:x:8:\nextra:x:7777:nobody,other\nmore:x:7778:nobody\n",
};

users("are read from numbers where there are no names", () => {
  assert.equal(parseOwner("12:34"), { uid: 12, gid: 34 });
  assert.equal(parseOwner("12"), { uid: 12, gid: 12 });
  assert.throws(
    () => parseOwner("nobody"),
    (error: Error) => error.message === "failed to parse ownership nobody: open /etc/passwd: no such file or directory",
  );
});

users("as owners have the group of the user, and a number is its own group", () =>
  inTree(ETC, (root) => {
    assert.equal(lookupOwner(root, "nobody"), { uid: 65534, gid: 65533 });
    assert.equal(lookupOwner(root, "nobody:mail"), { uid: 65534, gid: 8 });
    assert.equal(lookupOwner(root, "1234"), { uid: 1234, gid: 1234 });
    assert.equal(lookupOwner(root, "1234:mail"), { uid: 1234, gid: 8 });
    assert.throws(() => lookupOwner(root, "who"), /^find uid: no such user: who$/);
    assert.throws(() => lookupOwner(root, "nobody:who"), /^find gid: no such group: who$/);
  }),
);

users("cannot be looked up in a root that has none", () =>
  inTree({}, (root) => {
    assert.throws(
      () => lookupOwner(root, "nobody"),
      /^open \/etc\/passwd: stat \/etc\/passwd: no such file or directory$/,
    );
    assert.equal(lookupUser(root, "12:34"), { uid: 12, gid: 34, additionalGids: [], home: "/" });
  }),
);

users("of a process get their groups and home, and an unknown number has group 0", () =>
  inTree(ETC, (root) => {
    assert.equal(lookupUser(root, ""), { uid: 0, gid: 0, additionalGids: [], home: "/root" });
    assert.equal(lookupUser(root, "nobody"), {
      uid: 65534,
      gid: 65533,
      additionalGids: [7777, 7778],
      home: "/nonexistent",
    });
    assert.equal(lookupUser(root, "1"), { uid: 1, gid: 1, additionalGids: [], home: "/usr/sbin" });
    assert.equal(lookupUser(root, "1234"), { uid: 1234, gid: 0, additionalGids: [], home: "/" });
    assert.equal(lookupUser(root, "daemon:mail"), { uid: 1, gid: 8, additionalGids: [], home: "/usr/sbin" });
    assert.throws(() => lookupUser(root, "who"), /unable to find user who: no matching entries in passwd file/);
    for (const user of ["2147483648", "4294967296", "99999999999999999999", "0:4294967296"])
      assert.throws(() => lookupUser(root, user), /^uids and gids must be in range 0-2147483647$/);
    assert.throws(() => lookupUser(root, "nobody:who"), /unable to find group who: no matching entries in group file/);
  }),
);

users("are looked up inside the root when its files are links", () =>
  inTree({ "usr/lib/passwd": "inside:x:77:78::/home/inside:\n", "etc/passwd": { link: "/usr/lib/passwd" } }, (root) =>
    assert.equal(lookupOwner(root, "inside"), { uid: 77, gid: 78 }),
  ),
);

users.run();
