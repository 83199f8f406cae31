import { chmodSync, closeSync, linkSync, mkdirSync, openSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compareTrees, copyDifference } from "../../../../engine/src/store/compare.ts";
import { contentDigest, fileDigest } from "../../../../engine/src/store/content.ts";
import { copyTreeInto } from "../../../../engine/src/store/copy.ts";
import { TreeFilter } from "../../../../engine/src/store/tree-filter.ts";
import { inTree, listTree } from "./temporary-tree.ts";

const content = suite("content");

const TREE = { "a/x": "one", "a/y": "two", l: { link: "a/x" }, e: null };

content("of the same tree has the same digest wherever it is, and whatever the times are", () =>
  inTree(TREE, (one) =>
    inTree({ "deep/inside": "other" }, async (two) => {
      await copyTreeInto({ sourceRoot: one, sourcePath: "/", destinationRoot: two, destinationPath: "/deep/tree" });
      utimesSync(join(two, "deep/tree/a/x"), 1, 1);
      assert.is(await contentDigest(one, "/"), await contentDigest(two, "/deep/tree"));
    }),
  ),
);

for (const [what, change] of [
  ["a file's text", (root) => writeFileSync(join(root, "a/x"), "other")],
  ["a file's mode", (root) => chmodSync(join(root, "a/x"), 0o755)],
  ["a folder's mode", (root) => chmodSync(join(root, "e"), 0o700)],
  ["an empty folder", (root) => mkdirSync(join(root, "e2"))],
  ["a missing file", (root) => rmSync(join(root, "a/y"))],
  [
    "a file in place of a link",
    (root) => {
      rmSync(join(root, "l"));
      writeFileSync(join(root, "l"), "a/x");
    },
  ],
  [
    "the same text under another name",
    (root) => {
      linkSync(join(root, "a/x"), join(root, "a/z"));
      rmSync(join(root, "a/x"));
    },
  ],
] as const satisfies readonly (readonly [string, (root: string) => void])[]) {
  content(`with ${what} has another digest`, () =>
    inTree(TREE, async (root) => {
      const before = await contentDigest(root, "/");
      change(root);
      assert.is.not(await contentDigest(root, "/"), before);
    }),
  );
}

content("counts only what a filter takes", () =>
  inTree(TREE, async (root) => {
    const digest = () => contentDigest(root, "/", { filter: new TreeFilter(root, { include: ["a/x"] }) });
    const before = await digest();
    writeFileSync(join(root, "a/y"), "other");
    assert.is(await digest(), before);
    writeFileSync(join(root, "a/x"), "other");
    assert.is.not(await digest(), before);
  }),
);

content("never leaves out a file because of its name", () =>
  inTree({ ok: "x" }, async (root) => {
    writeFileSync(Buffer.concat([Buffer.from(`${root}/caf`), Buffer.from([0xe9])]), "x");
    const failed = await contentDigest(root, "/").then(
      () => "",
      (error: Error) => error.message,
    );
    assert.match(failed, /holds a name that is not UTF-8: caf/);
  }),
);

content("of a folder that is given by an open handle tells a name that is not UTF-8 by the folder's own path", () =>
  inTree({ ok: "x" }, async (root) => {
    writeFileSync(Buffer.concat([Buffer.from(`${root}/caf`), Buffer.from([0xe9])]), "x");
    const handle = openSync(root, "r");
    try {
      const failed = await contentDigest(`/proc/self/fd/${handle}`, "/").then(
        () => "",
        (error: Error) => error.message,
      );
      assert.is(failed, `${root} holds a name that is not UTF-8: caf\ufffd; it has to be renamed`);
    } finally {
      closeSync(handle);
    }
  }),
);

content("of a file alone is that of its bytes", () =>
  inTree({ a: "same", b: "same" }, (root) => {
    chmodSync(join(root, "b"), 0o755);
    assert.is(fileDigest(join(root, "a")), fileDigest(join(root, "b")));
    assert.match(fileDigest(join(root, "a")), /^sha256:[0-9a-f]{64}$/);
  }),
);

content("of two trees is compared by paths: a folder that is gone hides what was in it", () =>
  inTree({ same: "s", "gone/x": "1", "gone/y": "2", changed: "1", kind: "file" }, (before) =>
    inTree({ same: "s", changed: "2", "new/n": "n", "kind/now": "folder" }, (after) => {
      assert.equal(compareTrees(before, after), {
        added: ["kind/", "kind/now", "new/", "new/n"],
        modified: ["changed"],
        removed: ["gone/", "kind"],
      });
      assert.equal(compareTrees(before, before), { added: [], modified: [], removed: [] });
    }),
  ),
);

content("that differs is seen whatever the times say", () =>
  inTree({ x: "1", y: "1" }, (before) =>
    inTree({ x: "2", y: "1" }, (after) => {
      for (const root of [before, after]) for (const name of ["x", "y"]) utimesSync(join(root, name), 1, 1);
      assert.equal(compareTrees(before, after).modified, ["x"]);
    }),
  ),
);

content("that is new or other is copied alone", () =>
  inTree({ same: "s", "d/same": "s", "d/changed": "1" }, (before) =>
    inTree({}, (after) =>
      inTree({}, async (into) => {
        await copyTreeInto({ sourceRoot: before, sourcePath: "/", destinationRoot: after, destinationPath: "/" });
        writeFileSync(join(after, "d/changed"), "22");
        mkdirSync(join(after, "empty"));
        await copyDifference(before, after, into);
        assert.equal(listTree(into), ["d/", "d/changed", "empty/"]);
      }),
    ),
  ),
);

content.run();
