import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  utimesSync,
} from "node:fs";
import { basename, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { copyFileInto, copySmallTree, copyTreeInto } from "../../../../engine/src/store/copy.ts";
import {
  makeDirectoryInto,
  removeInto,
  setTimesInside,
  symlinkInto,
  writeFileInto,
} from "../../../../engine/src/store/edit.ts";
import { type Entries, inTree, listModes, listTree, readAll } from "./temporary-tree.ts";

const copy = suite("copy");

/** Runs a test with two folders, `from` and `to`. */
function withTwo(from: Entries, to: Entries, test: (from: string, to: string) => Promise<void> | void): Promise<void> {
  return inTree(from, (source) => inTree(to, (destination) => test(source, destination)));
}

const messageOf = (work: () => void): string | undefined => {
  try {
    work();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
};

for (const [how, filter] of [
  ["whole", {}],
  ["filtered", { exclude: ["nothing like this"] }],
] as const) {
  copy(`of a ${how} tree keeps modes, times, links and hard links`, () =>
    withTwo({ "a/x": "one", "a/run": "two", l: { link: "/etc/hosts" }, e: null }, {}, async (from, to) => {
      chmodSync(join(from, "a/run"), 0o4751);
      chmodSync(join(from, "e"), 0o1777);
      linkSync(join(from, "a/x"), join(from, "twin"));
      for (const path of ["a/x", "a/run", "a", "e"]) utimesSync(join(from, path), 981173106, 981173106);
      await copyTreeInto({
        sourceRoot: from,
        sourcePath: "/",
        destinationRoot: to,
        destinationPath: "/in/to",
        ...filter,
      });
      assert.equal(listModes(join(to, "in/to")), ["a 755", "a/run 4751", "a/x 644", "e 1777", "l 777", "twin 644"]);
      assert.is(readlinkSync(join(to, "in/to/l")), "/etc/hosts");
      assert.is(lstatSync(join(to, "in/to/a/x")).ino, lstatSync(join(to, "in/to/twin")).ino);
      for (const path of ["a", "a/x", "a/run", "e"]) {
        assert.is(lstatSync(join(to, "in/to", path)).mtimeMs, 981173106000, path);
      }
    }),
  );
}

copy("merges folders and replaces everything else that is in the way", () =>
  withTwo(
    { "d/x": "new", f: "file", g: null, h: "now a file" },
    { "d/x": "old", "d/own": "own", f: { link: "d/own" }, g: { link: "d" }, "h/below": "gone" },
    async (from, to) => {
      await copyTreeInto({ sourceRoot: from, sourcePath: "/", destinationRoot: to, destinationPath: "/" });
      assert.equal(listTree(to), ["d/", "d/own", "d/x", "f", "g/", "h"]);
      assert.equal(readAll(to, ["d/x", "d/own", "f", "h"]), ["new", "own", "file", "now a file"]);
    },
  ),
);

copy("gives permissions to files and folders alike", () =>
  withTwo({ "s/a": "a" }, {}, async (from, to) => {
    await copyTreeInto({
      sourceRoot: from,
      sourcePath: "/s",
      destinationRoot: to,
      destinationPath: "/to",
      permissions: 0o700,
    });
    assert.equal(listModes(to), ["to 700", "to/a 700"]);
  }),
);

copy("makes the folders that lead to what a filter takes, and no others", () =>
  withTwo({ "a/b/take.txt": "x", "a/c/leave.md": "y", empty: null }, {}, async (from, to) => {
    await copyTreeInto({
      sourceRoot: from,
      sourcePath: "/",
      destinationRoot: to,
      destinationPath: "/",
      include: ["**/*.txt"],
    });
    assert.equal(listTree(to), ["a/", "a/b/", "a/b/take.txt"]);
  }),
);

copy("never writes outside of the destination through links in it", () =>
  withTwo({ "d/x": "new" }, {}, (from, to) =>
    inTree({ "outside/keep": "kept" }, async (other) => {
      symlinkInto(to, "abs", join(other, "outside"));
      symlinkInto(to, "up", "../../../../../../../tmp");
      await copyTreeInto({ sourceRoot: from, sourcePath: "/d", destinationRoot: to, destinationPath: "/abs" });
      writeFileInto(to, "abs/written", "w", 0o644);
      copyFileInto({ source: { contents: "c" }, name: "n", destinationRoot: to, destinationPath: "/up/copied" });
      makeDirectoryInto(to, "up/folder", 0o755);
      removeInto(to, "abs/keep");
      assert.equal(listTree(other), ["outside/", "outside/keep"]);
      assert.ok(existsSync(join(to, other, "outside/written")));
      assert.ok(existsSync(join(to, "tmp/copied")));
      assert.ok(existsSync(join(to, "tmp/folder")));
    }),
  ),
);

copy("puts a file under the given path, or into a folder under its name", () =>
  withTwo({ f: "eff" }, { "there/x": "x" }, (from, to) => {
    const put = (destinationPath: string) =>
      copyFileInto({ source: { root: from, path: "/f" }, name: "f", destinationRoot: to, destinationPath });
    put("/new/g");
    put("/there");
    put("/made/");
    assert.equal(listTree(to), ["made/", "made/f", "new/", "new/g", "there/", "there/f", "there/x"]);
  }),
);

copy("puts a file in place of a link, not where the link leads", () =>
  inTree({ real: "old", link: { link: "real" } }, (root) => {
    copyFileInto({ source: { contents: "new" }, name: "x", destinationRoot: root, destinationPath: "/link" });
    assert.equal(readAll(root, ["real", "link"]), ["old", "new"]);
    assert.not(lstatSync(join(root, "link")).isSymbolicLink());
  }),
);

copy("refuses to put a file below a file", () =>
  inTree({ f: "x" }, (root) => {
    const put = () =>
      copyFileInto({ source: { contents: "y" }, name: "g", destinationRoot: root, destinationPath: "/f/g" });
    assert.is(messageOf(put), 'cannot copy directory to non-directory "/f"');
  }),
);

copy("writes a file through links, and drops bits beyond rwx", () =>
  inTree({ real: "old", link: { link: "real" } }, (root) => {
    writeFileInto(root, "link", "new", 0o4755);
    assert.equal(listModes(root), ["link 777", "real 755"]);
    assert.equal(readAll(root, ["real"]), ["new"]);
    assert.is(
      messageOf(() => writeFileInto(root, ".", "x", 0o644)),
      "open /: is a directory",
    );
    assert.is(
      messageOf(() => writeFileInto(root, "n".repeat(256), "x", 0o644)),
      "File name length exceeds the maximum supported 255 characters",
    );
  }),
);

copy("makes folders with the same mode all the way, and leaves those that exist", () =>
  inTree({ "n/x": "x", file: "f" }, (root) => {
    makeDirectoryInto(root, "n/a/b", 0o700);
    makeDirectoryInto(root, "n", 0o700);
    assert.equal(listModes(root), ["file 644", "n 755", "n/a 700", "n/a/b 700", "n/x 644"]);
    assert.is(
      messageOf(() => makeDirectoryInto(root, "file", 0o755)),
      "mkdir /file: not a directory",
    );
  }),
);

copy("removes by name and by pattern, where two stars are one", () =>
  inTree({ "a.txt": "", "b.md": "", "s/c.txt": "", "s/d/e.txt": "", l: { link: "s" } }, (root) => {
    removeInto(root, "**/*.txt");
    assert.equal(listTree(root), ["a.txt", "b.md", "l", "s/", "s/d/", "s/d/e.txt"]);
    removeInto(root, "*.txt");
    removeInto(root, "l");
    removeInto(root, "missing/too");
    assert.equal(listTree(root), ["b.md", "s/", "s/d/", "s/d/e.txt"]);
    removeInto(root, "s");
    assert.equal(listTree(root), ["b.md"]);
  }),
);

copy("of a copy of a copy is not older than the first copy", () =>
  withTwo({ x: "1", y: "2", z: "3" }, {}, (from, to) => {
    const timesIn = (root: string) => ["x", "y", "z"].map((name) => lstatSync(join(root, name)).mtimeMs);
    copySmallTree(from, to);
    const first = timesIn(to);
    for (let again = 0; again < 20; again += 1) {
      const next = join(to, "..", `${basename(to)}-next`);
      mkdirSync(next);
      copySmallTree(to, next);
      rmSync(to, { recursive: true });
      renameSync(next, to);
    }
    assert.equal(timesIn(to), first);
    for (const [place, ms] of timesIn(from).entries()) assert.ok(Math.abs((first[place] ?? 0) - ms) < 0.001);
  }),
);

copy("sets the times of all that is in a folder", () =>
  inTree({ "a/b": "x", l: { link: "a" } }, async (root) => {
    await setTimesInside(root, "/", 1);
    for (const path of [".", "a", "a/b", "l"]) assert.is(lstatSync(join(root, path)).mtimeMs, 1000, path);
  }),
);

copy("does not make a link where something is", () =>
  inTree({ taken: "x" }, (root) => {
    assert.is(
      messageOf(() => symlinkInto(root, "taken", "t")),
      "symlink t /taken: file exists",
    );
    assert.is(readFileSync(join(root, "taken"), "utf8"), "x");
  }),
);

copy.run();
