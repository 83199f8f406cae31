import {
  chmodSync,
  linkSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compareTrees } from "../../../../engine/src/store/compare.ts";
import { exportChanges, exportFile, exportFolder, writeHostFile } from "../../../../engine/src/store/export.ts";
import { importFile, importFolder } from "../../../../engine/src/store/import.ts";
import { Store } from "../../../../engine/src/store/store.ts";
import type { FilterOptions } from "../../../../engine/src/store/tree-filter.ts";
import { walkTree } from "../../../../engine/src/store/tree-walk.ts";
import { inTree } from "./temporary-tree.ts";

/** What the person's own links do: the real engine's client resolves the path of a folder, and opens files as programs do. */
const imports = suite("what is read from the machine through links");

const TREE = {
  "real/a": "a",
  "real/sub/b": "b",
  "real/up": { link: "sub/b" },
  "real/out": { link: "../elsewhere" },
  "real/whole": { link: "/etc" },
  "elsewhere/c": "c",
  relative: { link: "real" },
  twice: { link: "relative/sub" },
  toFile: { link: "real/a" },
  dangling: { link: "nowhere/at/all" },
  "circle/a": { link: "b" },
  "circle/b": { link: "a" },
  "repo/.git/HEAD": "x",
  "repo/common": "*.log\n",
  "repo/pkg/x.log": "x",
  "repo/pkg/y": "y",
  "repo/pkg/.gitignore": { link: "../common" },
  pkg: { link: "repo/pkg" },
};

async function read(dir: string, path: string, options: FilterOptions = {}): Promise<readonly string[] | string> {
  const store = new Store(join(dir, "store"), join(dir, "store/scratch"));
  try {
    const { snapshot } = await importFolder(store, { root: "/", path: join(dir, path) }, options);
    return Array.from(walkTree(store.layerDir(snapshot.layers[0] as string)), ({ path: name, place, stat }) =>
      stat.isSymbolicLink() ? `${name} -> ${readlinkSync(place)}` : name,
    );
  } catch (error) {
    return (error as Error).message.replaceAll(dir, "DIR");
  }
}

async function readFile(dir: string, path: string): Promise<string> {
  const store = new Store(join(dir, "store"), join(dir, "store/scratch"));
  const name = path.split("/").at(-1) as string;
  try {
    const { snapshot } = await importFile(store, { root: "/", path: join(dir, path) }, name);
    return readFileSync(join(store.layerDir(snapshot.layers[0] as string), name), "utf8");
  } catch (error) {
    return (error as Error).message.replaceAll(dir, "DIR");
  }
}

const WHOLE = ["a", "out -> ../elsewhere", "sub", "sub/b", "up -> sub/b", "whole -> /etc"];

imports("a directory: links to it and on the way are followed, links in it are kept", () =>
  inTree(TREE, async (dir) => {
    symlinkSync(join(dir, "real"), join(dir, "absolute"));
    for (const path of ["real", "relative", "absolute"]) assert.equal(await read(dir, path), WHOLE, path);
    for (const path of ["relative/sub", "absolute/sub", "twice"]) assert.equal(await read(dir, path), ["b"], path);
  }),
);

imports("a directory: equal content is the same thing, whatever led to it", () =>
  inTree(TREE, async (dir) => {
    const store = new Store(join(dir, "store"), join(dir, "store/scratch"));
    const digestOf = async (path: string) =>
      (await importFolder(store, { root: "/", path: join(dir, path) }, {})).digest;
    assert.is(await digestOf("relative"), await digestOf("real"));
  }),
);

for (const [path, message] of [
  ["nope", "lstat DIR/nope: no such file or directory"],
  ["nope/more", "lstat DIR/nope: no such file or directory"],
  ["dangling", "lstat DIR/nowhere: no such file or directory"],
  ["circle/a", "too many links"],
  ["toFile", "stat DIR/real/a: not a directory"],
  ["real/a", "stat DIR/real/a: not a directory"],
  ["real/a/x", "lstat DIR/real/a/x: not a directory"],
] as const) {
  imports(`a directory: ${path} is an error that names what is in the way`, () =>
    inTree(TREE, async (dir) => assert.is(await read(dir, path), message)),
  );
}

imports("a directory: patterns match the names in it, never through a link in it", () =>
  inTree(TREE, async (dir) => {
    assert.equal(await read(dir, "relative", { include: ["sub/**"] }), ["sub", "sub/b"]);
    assert.equal(await read(dir, "relative", { include: ["out/**", "whole/**", "out"] }), ["out -> ../elsewhere"]);
    assert.equal(await read(dir, "relative", { exclude: ["sub", "whole"] }), [
      "a",
      "out -> ../elsewhere",
      "up -> sub/b",
    ]);
  }),
);

imports("a directory: rules of git are read through a link too, from where the folder really is", () =>
  inTree(TREE, async (dir) => {
    for (const path of ["repo/pkg", "pkg"]) {
      assert.equal(await read(dir, path, { gitignore: true }), [".gitignore -> ../common", "y"], path);
    }
  }),
);

imports("a file: links on the way are followed, one at its end is an error", () =>
  inTree(TREE, async (dir) => {
    assert.is(await readFile(dir, "relative/a"), "a");
    assert.is(await readFile(dir, "twice/b"), "b");
    assert.is(await readFile(dir, "toFile"), "stat toFile: no such file or directory");
    assert.is(await readFile(dir, "relative/up"), "stat up: no such file or directory");
    assert.is(await readFile(dir, "dangling"), "stat dangling: no such file or directory");
    assert.is(await readFile(dir, "relative"), "stat relative: no such file or directory");
    assert.is(await readFile(dir, "relative/sub"), "path sub is a directory, not a file");
  }),
);

imports.run();

const exports = suite("what is written to the machine through links");

const FROM = { "from/f": "new", "from/sub/g": "new", "before/f": "old", "before/gone": "old" };

function exportTo(dir: string, path: string, wipe = false): Promise<void> {
  const source = { sourceRoot: join(dir, "from"), sourcePath: "/" };
  return exportFolder({ ...source, destination: { root: "/", path: join(dir, path) }, wipe });
}

function exportFileTo(dir: string, path: string, allowParent = false): Promise<void> {
  const source = { sourceRoot: join(dir, "from"), sourcePath: "/f", name: "f" };
  return exportFile({ ...source, destination: { root: "/", path: join(dir, path) }, allowParent });
}

function exportChangesTo(dir: string, path: string): Promise<void> {
  const difference = compareTrees(join(dir, "before"), join(dir, "from"));
  return exportChanges({ root: "/", path: join(dir, path) }, difference, join(dir, "from"));
}

async function problemOf(dir: string, work: Promise<void>): Promise<string> {
  return await work.then(
    () => "no problem",
    (error: Error) => error.message.replaceAll(dir, "DIR"),
  );
}

/** Names with the targets of links, and the texts of files. */
function list(folder: string): readonly string[] {
  return Array.from(walkTree(folder), ({ path, place, stat }) => {
    if (stat.isSymbolicLink()) return `${path} -> ${readlinkSync(place)}`;
    return stat.isFile() ? `${path} ${readFileSync(place, "utf8")}` : `${path}/`;
  });
}

exports("a file: goes behind a link, which stays, and the file there keeps its mode and its other names", () =>
  inTree({ ...FROM, "behind/f": "old and longer", link: { link: "behind/f" } }, async (dir) => {
    chmodSync(join(dir, "behind/f"), 0o640);
    linkSync(join(dir, "behind/f"), join(dir, "behind/other"));
    await exportFileTo(dir, "link");
    assert.is(readlinkSync(join(dir, "link")), "behind/f");
    assert.equal(list(join(dir, "behind")), ["f new", "other new"]);
    assert.is(statSync(join(dir, "behind/f")).mode & 0o777, 0o640);
  }),
);

exports("a file: makes what a link leads to, in a folder that is there", () =>
  inTree({ ...FROM, "behind/x": "x", link: { link: "behind/f" }, far: { link: "nowhere/f" } }, async (dir) => {
    await exportFileTo(dir, "link");
    assert.equal(list(join(dir, "behind")), ["f new", "x x"]);
    assert.is(lstatSync(join(dir, "link")).isSymbolicLink(), true);
    assert.is(await problemOf(dir, exportFileTo(dir, "far")), "open DIR/nowhere: no such file or directory");
  }),
);

exports("a file: a link to a folder is a folder", () =>
  inTree({ ...FROM, "behind/x": "x", link: { link: "behind" } }, async (dir) => {
    assert.is(
      await problemOf(dir, exportFileTo(dir, "link")),
      'destination "DIR/link" is a directory; must be a file path unless allowParentDirPath is set',
    );
    await exportFileTo(dir, "link", true);
    assert.equal(list(join(dir, "behind")), ["f new", "x x"]);
    assert.is(readlinkSync(join(dir, "link")), "behind");
  }),
);

exports("a file: goes behind the link of its name in a folder", () =>
  inTree({ ...FROM, "behind/x": "old", "folder/f": { link: "../behind/x" } }, async (dir) => {
    await exportFileTo(dir, "folder", true);
    assert.equal(list(join(dir, "behind")), ["x new"]);
    assert.equal(list(join(dir, "folder")), ["f -> ../behind/x"]);
  }),
);

exports("a file: links in the folders above are followed; one that leads nowhere is in the way", () =>
  inTree({ ...FROM, "behind/x": "x", link: { link: "behind" }, dangling: { link: "nowhere" } }, async (dir) => {
    await exportFileTo(dir, "link/new/f");
    assert.equal(list(join(dir, "behind")), ["new/", "new/f new", "x x"]);
    assert.is(await problemOf(dir, exportFileTo(dir, "dangling/f")), "mkdir DIR/dangling: file exists");
    assert.is(await problemOf(dir, exportFileTo(dir, "behind/x/f")), "lstat DIR/behind/x/f: not a directory");
  }),
);

exports("a file: a circle of links is an error", () =>
  inTree({ ...FROM, a: { link: "b" }, b: { link: "a" } }, async (dir) => {
    assert.is(await problemOf(dir, exportFileTo(dir, "a")), "too many links");
    assert.is(await problemOf(dir, exportTo(dir, "a")), "too many links");
  }),
);

exports("a file: what is no file is written to and stays what it is", () =>
  inTree({ ...FROM, link: { link: "/dev/null" } }, async (dir) => {
    await exportFileTo(dir, "link");
    assert.is(lstatSync("/dev/null").isCharacterDevice(), true);
  }),
);

exports("an archive: goes behind a link like a file, and is its maker's alone", () =>
  inTree({ ...FROM, "behind/x": "x", link: { link: "behind/f" } }, async (dir) => {
    await writeHostFile({ root: "/", path: join(dir, "link") }, { mode: 0o600 }, async (to) =>
      writeFileSync(to, "tar"),
    );
    assert.equal(list(join(dir, "behind")), ["f tar", "x x"]);
    assert.is(statSync(join(dir, "behind/f")).mode & 0o777, 0o600);
  }),
);

exports("a directory: goes behind a link to a folder, which stays", () =>
  inTree({ ...FROM, "behind/own": "own", link: { link: "behind" } }, async (dir) => {
    await exportTo(dir, "link");
    assert.equal(list(join(dir, "behind")), ["f new", "own own", "sub/", "sub/g new"]);
    assert.is(readlinkSync(join(dir, "link")), "behind");
  }),
);

exports("a directory: wipes what is behind a link, never what links in it lead to", () =>
  inTree({ ...FROM, "behind/own": "own", "other/kept": "kept", link: { link: "behind" } }, async (dir) => {
    symlinkSync("../other", join(dir, "behind/away"));
    await exportTo(dir, "link", true);
    assert.equal(list(join(dir, "behind")), ["f new", "sub/", "sub/g new"]);
    assert.equal(list(join(dir, "other")), ["kept kept"]);
    assert.is(readlinkSync(join(dir, "link")), "behind");
  }),
);

exports("a directory: links in the destination make way for what is exported", () =>
  inTree(
    { ...FROM, "other/kept": "kept", "to/sub": { link: "../other" }, "to/f": { link: "../other/kept" } },
    async (dir) => {
      await exportTo(dir, "to");
      assert.equal(list(join(dir, "to")), ["f new", "sub/", "sub/g new"]);
      assert.equal(list(join(dir, "other")), ["kept kept"]);
    },
  ),
);

exports("a directory: a link that leads nowhere, and one to a file, are in the way", () =>
  inTree({ ...FROM, dangling: { link: "nowhere" }, toFile: { link: "from/f" } }, async (dir) => {
    assert.is(await problemOf(dir, exportTo(dir, "dangling")), "mkdir DIR/dangling: file exists");
    assert.is(await problemOf(dir, exportTo(dir, "toFile")), "mkdir DIR/toFile: not a directory");
    assert.is(readlinkSync(join(dir, "dangling")), "nowhere");
    assert.equal(readdirSync(dir).includes("nowhere"), false);
  }),
);

exports("changes: go behind a link to a folder; links in it are not followed out of it", () =>
  inTree({ ...FROM, "behind/gone": "old", "other/g": "kept", link: { link: "behind" } }, async (dir) => {
    symlinkSync(join(dir, "other"), join(dir, "behind/sub"));
    await exportChangesTo(dir, "link");
    assert.equal(list(join(dir, "behind")), ["f new", "sub/", "sub/g new"]);
    assert.equal(list(join(dir, "other")), ["g kept"]);
  }),
);

exports("changes: what was removed is not removed through a link that leads out", () =>
  inTree({ "before/sub/g": "old", "after/x": "x", "to/x": "x", "other/g": "kept" }, async (dir) => {
    symlinkSync(join(dir, "other"), join(dir, "to/sub"));
    const removed = { added: [], modified: [], removed: ["sub/g"] };
    await exportChanges({ root: "/", path: join(dir, "to") }, removed, join(dir, "after"));
    assert.equal(list(join(dir, "other")), ["g kept"]);
  }),
);

exports.run();
