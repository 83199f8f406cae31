import { lstatSync, mkdirSync, realpathSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { resolveInside } from "../../../../engine/src/store/inside.ts";
import { cleanPath, leavesFolder, PathError, pathError } from "../../../../engine/src/store/paths.ts";
import { inTree } from "./temporary-tree.ts";

const paths = suite("paths");

for (const [given, clean] of [
  ["", "/"],
  [".", "/"],
  ["/", "/"],
  ["a//b/./c/", "/a/b/c"],
  ["a/../b", "/b"],
  ["../../x", "/x"],
  ["/a/../../b", "/b"],
] as const) {
  paths(`cleans ${JSON.stringify(given)} to ${clean}`, () => assert.is(cleanPath(given), clean));
}

paths("knows which relative paths leave their folder", () => {
  assert.equal(
    ["../out", "a/../../b", ".."].map((path) => leavesFolder(path)),
    [true, true, true],
  );
  assert.equal(
    ["a/../b", "./a", "..a/b", "/a"].map((path) => leavesFolder(path)),
    [false, false, false, false],
  );
});

paths("words system errors as the real engine does", () => {
  const problem = pathError("stat", "nope", Object.assign(new Error("raw"), { code: "ENOENT" }));
  assert.is((problem as Error).message, "stat nope: no such file or directory");
  const other = new Error("something else");
  assert.is(pathError("stat", "nope", other), other);
});

paths("follows links as if the root were the whole file system", () =>
  inTree(
    {
      "s/a": "deep",
      "etc/passwd": "inside",
      dir: { link: "s" },
      l: { link: "dir/a" },
      abs: { link: "/etc/passwd" },
      up: { link: "../../../../etc/passwd" },
      "s/back": { link: "../etc" },
    },
    async (root) => {
      const resolved = async (path: string, followLast = true) =>
        (await resolveInside(root, path, { followLast })).slice(root.length);
      assert.is(await resolved("l"), "/s/a");
      assert.is(await resolved("l", false), "/l");
      assert.is(await resolved("dir/a", false), "/s/a");
      assert.is(await resolved("abs"), "/etc/passwd");
      assert.is(await resolved("up"), "/etc/passwd");
      assert.is(await resolved("dir/back/passwd"), "/etc/passwd");
      assert.is(await resolved("../.."), "");
    },
  ),
);

paths("keeps what is missing as it is written", () =>
  inTree({ a: { link: "gone/further" } }, async (root) => {
    assert.is(await resolveInside(root, "x/../y/z", { followLast: true }), join(root, "y/z"));
    assert.is(await resolveInside(root, "a/more", { followLast: true }), join(root, "gone/further/more"));
  }),
);

paths("says that a link goes round, and that a file is no folder", () =>
  inTree({ loop: { link: "loop" }, file: "x" }, async (root) => {
    const problemOf = async (path: string) =>
      await resolveInside(root, path, { followLast: true }).then(
        () => undefined,
        (error: unknown) => error as Error,
      );
    assert.is((await problemOf("loop"))?.message, "too many links");
    const below = await problemOf("file/x");
    assert.instance(below, PathError);
    assert.is(below?.message, "lstat /file/x: not a directory");
  }),
);

paths("never leaves the root, whatever the links are", () => {
  const name = fc.constantFrom("a", "b", "c", "..", ".");
  const path = fc.array(name, { minLength: 1, maxLength: 6 }).map((names) => names.join("/"));
  const target = fc.tuple(fc.constantFrom("", "/", "../", "../../../../"), path).map(([start, rest]) => start + rest);
  const entry = fc.record({ at: path, target: fc.option(target) });
  return fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 12 }), path, fc.boolean(), async (entries, wanted, followLast) => {
      await inTree({}, async (root) => {
        for (const { at, target: link } of entries) {
          const place = join(root, cleanPath(at));
          try {
            if (realpathSync(dirname(place)).startsWith(root) === false) continue;
            if (link === null) mkdirSync(place, { recursive: true });
            else symlinkSync(link, place);
          } catch {
            // Something is there already, or the folder is missing: another tree, just as good.
          }
        }
        const place = await resolveInside(root, wanted, { followLast }).catch(() => root);
        assert.ok(place === root || place.startsWith(`${root}/`), `${place} is not in ${root}`);
        assert.not(place.split("/").includes(".."), `${place} goes up`);
        // Nothing on the way is a link, so the system finds the same place.
        for (let folder = dirname(place); folder.length > root.length; folder = dirname(folder)) {
          const stat = lstatSync(folder, { throwIfNoEntry: false });
          assert.not(stat?.isSymbolicLink() === true, `${folder} is a link`);
        }
      });
    }),
    { numRuns: 150 },
  );
});

paths.run();
