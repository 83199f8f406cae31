/** Folders that are copied whole where two trees are merged: the result is the one of copying entry by entry. */
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
} from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { copyTreeInto } from "../../../../engine/src/store/copy.ts";
import { findNewFolders } from "../../../../engine/src/store/new-folders.ts";
import { walkTree } from "../../../../engine/src/store/tree-walk.ts";
import { type Entries, inTree, listTree } from "./temporary-tree.ts";

const folders = suite("folders that are new to a tree");

/** Enough files to be worth a program. */
const many = (folder: string): Entries =>
  Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`${folder}/${at % 3}/-f ${at}`, `text ${at}`]));

/** All that can be seen of a tree but the time of its top. */
function tell(root: string): string[] {
  const names = new Map<number, string>();
  return [...walkTree(root)].map(({ path, stat }) => {
    const place = join(root, path);
    const first = names.get(stat.ino) ?? path;
    names.set(stat.ino, first);
    const content = stat.isFile() ? readFileSync(place, "utf8") : stat.isSymbolicLink() ? readlinkSync(place) : "";
    return [path, first, stat.mode.toString(8), stat.uid, stat.mtimeMs, content].join(" ");
  });
}

function setTimes(root: string, seconds: number): void {
  for (const { path } of [...walkTree(root)].reverse()) lutimesSync(join(root, path), seconds, seconds);
}

async function merge(from: string, to: string, sealed: boolean): Promise<string[]> {
  const where = { sourceRoot: from, sourcePath: "/", destinationRoot: to, destinationPath: "/" };
  await copyTreeInto({ ...where, ...(sealed ? { sealed } : {}) });
  return tell(to);
}

const name = fc.constantFrom("a", "b", "c");
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join("/"));
const entry = fc.oneof(fc.constant("text"), fc.constant(null), fc.record({ link: fc.constantFrom("a", "..", "none") }));

/** Without what would lie below a file or a link. */
function possible(entries: readonly (readonly [string, Entries[string]])[]): Entries {
  const known = new Map<string, Entries[string]>();
  const isFolder = (one: string): boolean =>
    one === "." || ((known.get(one) ?? null) === null && isFolder(dirname(one)));
  for (const [one, what] of entries) {
    const isFree = ![...known.keys()].some((other) => other === one || other.startsWith(`${one}/`));
    if (isFree && isFolder(dirname(one))) known.set(one, what);
  }
  return Object.fromEntries(known);
}

const tree = fc.array(fc.tuple(path, entry), { maxLength: 12 }).map(possible);

folders("are copied as all else is", async () => {
  await fc.assert(
    fc.asyncProperty(tree, tree, path, async (from, to, big) => {
      await inTree(possible([...Object.entries(from), ...Object.entries(many(`${big}/many`))]), async (source) => {
        for (const [at, { path: below }] of [...walkTree(source)].entries()) {
          const place = join(source, below);
          if (lstatSync(place).isSymbolicLink()) continue;
          chmodSync(place, lstatSync(place).isDirectory() ? 0o750 + (at % 8) : 0o600 + (at % 8));
        }
        setTimes(source, 981173106);
        await inTree(to, (one) =>
          inTree(to, async (other) => {
            for (const root of [one, other]) setTimes(root, 1000000000);
            assert.equal(await merge(source, one, true), await merge(source, other, false));
          }),
        );
      });
    }),
    { numRuns: 40 },
  );
});

folders("are found, and what is a folder in both is looked into", () =>
  inTree({ ...many("top"), ...many("both/new"), "both/old/x": "x" }, (source) =>
    inTree({ "both/old/y": "y" }, (destination) => {
      assert.equal(findNewFolders(source, destination).sort(), ["both/new", "top"]);
    }),
  ),
);

folders(
  "are copied one by one where a file or a link is in the way of another folder, which may hold their other names",
  () =>
    inTree({ ...many("top"), "in/way": "" }, (source) =>
      inTree({ in: "a file" }, async (destination) => {
        assert.equal(findNewFolders(source, destination), []);
        linkSync(join(source, "in/way"), join(source, "top/twin"));
        await merge(source, destination, true);
        const [way, twin] = ["in/way", "top/twin"].map((one) => lstatSync(join(destination, one)).ino);
        assert.is(way, twin);
      }),
    ),
);

folders("are copied one by one when there is little in them, or another name of a file that is outside", () =>
  inTree({ "small/x": "x", file: "" }, (source) =>
    inTree({ ...many("top"), file: "" }, (other) =>
      inTree({}, async (destination) => {
        assert.equal(findNewFolders(source, destination), []);
        assert.equal(findNewFolders(other, destination), ["top"]);
        linkSync(join(other, "file"), join(other, "top/twin"));
        assert.equal(findNewFolders(other, destination), []);
        await merge(other, destination, true);
        const [file, twin] = ["file", "top/twin"].map((one) => lstatSync(join(destination, one)).ino);
        assert.is(file, twin);
      }),
    ),
  ),
);

folders("may hold folders whose names are not UTF-8", () =>
  inTree({ ...many("top/a"), file: "" }, (source) =>
    inTree({ file: "" }, async (destination) => {
      const odd = (root: string) => Buffer.concat([Buffer.from(join(root, "top/")), Buffer.from([0xff])]);
      mkdirSync(odd(source));
      const where = { sourceRoot: source, sourcePath: "/", destinationRoot: destination, destinationPath: "/" };
      await copyTreeInto({ ...where, sealed: true });
      assert.ok(existsSync(odd(destination)));
    }),
  ),
);

folders("keep the hard links that are among them", () =>
  inTree({ ...many("one"), ...many("two"), file: "" }, (source) =>
    inTree({ file: "" }, async (destination) => {
      linkSync(join(source, "one/0/-f 0"), join(source, "two/twin"));
      assert.equal(findNewFolders(source, destination).length, 2);
      await merge(source, destination, true);
      assert.is(lstatSync(join(destination, "one/0/-f 0")).ino, lstatSync(join(destination, "two/twin")).ino);
      assert.equal(listTree(destination), listTree(source));
    }),
  ),
);

folders.run();
