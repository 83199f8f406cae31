import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compareTrees } from "../../../../engine/src/store/compare.ts";
import { copySmallTree } from "../../../../engine/src/store/copy.ts";
import { gitOutput } from "../../../../engine/src/store/git-run.ts";
import { type ConflictStrategy, mergeInto } from "../../../../engine/src/store/merge.ts";
import { applyPatch, countChanges, makePatch } from "../../../../engine/src/store/patch.ts";
import { type Entries, inTree, listTree, readAll } from "./temporary-tree.ts";

const merge = suite("merge");

async function inScratch<T>(work: (scratch: string) => Promise<T>): Promise<T> {
  const scratch = mkdtempSync(join(tmpdir(), "slipway-merge-"));
  try {
    return await work(scratch);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Merges two changes of the same base, and tests the folder that comes out. */
function merging(
  trees: { readonly base: Entries; readonly ours: Entries; readonly theirs: Entries },
  strategy: ConflictStrategy,
  test: (folder: string) => void,
): Promise<void> {
  return inTree(trees.base, (base) =>
    inTree(trees.ours, (ours) =>
      inTree(trees.theirs, (theirsAfter) =>
        inTree({}, async (folder) => {
          copySmallTree(ours, folder);
          await inScratch((scratch) =>
            mergeInto(folder, { base, ours: folder, theirsBefore: base, theirsAfter, scratch }, strategy),
          );
          test(folder);
        }),
      ),
    ),
  );
}

const LINES = "1\n2\n3\n4\n5\n";

merge("takes over what only they touched", () =>
  merging(
    {
      base: { a: "a", b: "b", "gone/x": "x" },
      ours: { a: "A", b: "b", "gone/x": "x", own: "o" },
      theirs: { a: "a", b: "B", "new/n": "n" },
    },
    "FAIL_EARLY",
    (folder) => {
      assert.equal(listTree(folder), ["a", "b", "new/", "new/n", "own"]);
      assert.equal(readAll(folder, ["a", "b"]), ["A", "B"]);
    },
  ),
);

merge("takes a name that looks like a pattern as a name", () =>
  merging(
    {
      base: { "*": "star", "[b]": "1\n2\n3\n", "c\\d": "c", b: "b", cd: "cd" },
      ours: { "*": "star", "[b]": "1\n2\nthree\n", "c\\d": "c", b: "b", cd: "cd" },
      theirs: { "[b]": "one\n2\n3\n", b: "b", cd: "cd" },
    },
    "FAIL",
    (folder) => {
      assert.equal(listTree(folder), ["[b]", "b", "cd"]);
      assert.equal(readAll(folder, ["[b]", "b", "cd"]), ["one\n2\nthree\n", "b", "cd"]);
    },
  ),
);

merge("joins lines of a file that both touched", () =>
  merging(
    { base: { f: LINES }, ours: { f: LINES.replace("1", "one") }, theirs: { f: LINES.replace("5", "five") } },
    "FAIL",
    (folder) => assert.equal(readAll(folder, ["f"]), ["one\n2\n3\n4\nfive\n"]),
  ),
);

const CONFLICT = { base: { f: "1\n" }, ours: { f: "ours\n" }, theirs: { f: "theirs\n" } };

for (const [strategy, contents] of [
  ["PREFER_OURS", "ours\n"],
  ["PREFER_THEIRS", "theirs\n"],
] as const) {
  merge(`settles a conflict by ${strategy}`, () =>
    merging(CONFLICT, strategy, (folder) => assert.equal(readAll(folder, ["f"]), [contents])),
  );
}

merge("leaves the marks of a conflict when that is wanted", () =>
  merging(CONFLICT, "LEAVE_CONFLICT_MARKERS", (folder) => {
    const text = readFileSync(join(folder, "f"), "utf8");
    assert.match(text, /^<<<<<<< .*\nours\n=======\ntheirs\n>>>>>>> /);
    assert.equal(listTree(folder), ["f"]);
  }),
);

for (const [strategy, message] of [
  ["FAIL", /^git \[merge --no-edit --no-commit theirs\]: exit status 1: Auto-merging f\nCONFLICT \(content\)/],
  ["FAIL_EARLY", /^both changes touch the same files: f$/],
] as const) {
  merge(`fails on a conflict by ${strategy}`, async () => {
    const failed = await merging(CONFLICT, strategy, () => undefined).then(
      () => "",
      (error: Error) => error.message,
    );
    assert.match(failed, message);
  });
}

const TWO_REPOSITORIES = {
  base: { ".git/config": "[core]\n" },
  ours: { ".git/config": "[core]\n\tours = 1\n" },
  theirs: { ".git/config": "[core]\n\tfsmonitor = touch /tmp/never-run\n" },
};

merge("never lets git read the configuration of a repository that is merged", async () => {
  const failed = await merging(TWO_REPOSITORIES, "FAIL", () => undefined).then(
    () => "",
    (error: Error) => error.message,
  );
  assert.match(failed, /which cannot be merged: \.git\/config/);
  await merging(TWO_REPOSITORIES, "PREFER_OURS", (folder) =>
    assert.equal(readAll(folder, [".git/config"]), ["[core]\n\tours = 1\n"]),
  );
});

merge("makes a patch that brings the other folder about", () =>
  inTree({ a: "one\ntwo\n", gone: "bye\n", "d/x": "x\n" }, (before) =>
    inTree({ a: "one\nTWO\n", new: "hi\n", "d/x": "x\n", "d/ö b": "ü\n" }, (after) =>
      inTree({}, async (folder) => {
        const patch = await inScratch((scratch) => makePatch({ before, after, scratch }));
        copySmallTree(before, folder);
        // Its names have no folder in front of them in git's header, `a/` and `b/` are the folders.
        await applyPatch(folder, "/", patch);
        assert.equal(listTree(folder), ["a", "d/", "d/x", "d/ö b", "new"]);
        assert.equal(readAll(folder, ["a", "d/ö b", "new"]), ["one\nTWO\n", "ü\n", "hi\n"]);
      }),
    ),
  ),
);

merge("counts changed lines, none for what is no text", () =>
  inTree({ a: "1\n2\n", gone: "1\n", bin: "\0a" }, (before) =>
    inTree({ a: "1\n3\n4\n", "n/new file": "new\n", bin: "\0b" }, async (after) => {
      const counted = await inScratch((scratch) => countChanges({ before, after, scratch }));
      assert.equal(
        counted.map(({ path, kind, addedLines, removedLines }) => [path, kind, addedLines, removedLines]),
        [
          ["a", "MODIFIED", 2, 1],
          ["bin", "MODIFIED", 0, 0],
          ["gone", "REMOVED", 0, 1],
          ["n/", "ADDED", 0, 0],
          ["n/new file", "ADDED", 1, 0],
        ],
      );
    }),
  ),
);

const LONG = Array.from({ length: 20 }, (_, line) => `line ${line}\n`).join("");

merge("counts a file under another name as renamed, and each folder that came or went", () =>
  inTree({ "old/in/a": LONG, "old/in/b": "b\n", same: "s\n", run: "x\n" }, (before) =>
    inTree({ "new/a2": `${LONG}more\n`, same: "s\n", run: "x\n" }, async (after) => {
      chmodSync(join(after, "same"), 0o600);
      chmodSync(join(after, "run"), 0o755);
      assert.equal(await inScratch((scratch) => countChanges({ before, after, scratch })), [
        { path: "new/", oldPath: undefined, kind: "ADDED", addedLines: 0, removedLines: 0 },
        { path: "new/a2", oldPath: "old/in/a", kind: "RENAMED", addedLines: 1, removedLines: 0 },
        { path: "old/", oldPath: undefined, kind: "REMOVED", addedLines: 0, removedLines: 0 },
        { path: "old/in/", oldPath: undefined, kind: "REMOVED", addedLines: 0, removedLines: 0 },
        { path: "old/in/b", oldPath: undefined, kind: "REMOVED", addedLines: 0, removedLines: 1 },
        { path: "run", oldPath: undefined, kind: "MODIFIED", addedLines: 0, removedLines: 0 },
      ]);
      const { added, modified, removed } = compareTrees(before, after);
      assert.equal([added, modified, removed], [["new/", "new/a2"], ["run"], ["old/"]]);
    }),
  ),
);

merge("makes a patch of what is no text, and of a mode", () =>
  inTree({ bin: "\0a", run: "x\n" }, (before) =>
    inTree({ bin: "\0b", run: "x\n" }, (after) =>
      inTree({}, async (folder) => {
        chmodSync(join(after, "run"), 0o755);
        const patch = await inScratch((scratch) => makePatch({ before, after, scratch }));
        copySmallTree(before, folder);
        await applyPatch(folder, "/", patch);
        assert.equal(readAll(folder, ["bin", "run"]), ["\0b", "x\n"]);
        assert.is(statSync(join(folder, "run")).mode & 0o777, 0o755);
      }),
    ),
  ),
);

merge("takes a patch without changes", () =>
  inTree({ a: "1\n" }, async (root) => {
    await applyPatch(root, "/", "\n");
    assert.equal(readAll(root, ["a"]), ["1\n"]);
  }),
);

merge("starts no program that the settings of a patched folder name as a filter", () =>
  inTree({ a: "1\n", ".gitattributes": "* filter=planted\n" }, async (root) => {
    const git = (...args: string[]) => gitOutput(root, args);
    await git("init", "--quiet");
    for (const when of ["smudge", "clean", "process"]) {
      await git("config", `filter.planted.${when}`, `touch ${join(root, "started")}; cat`);
    }
    await applyPatch(root, "/", "--- a/a\n+++ b/a\n@@ -1 +1 @@\n-1\n+2\n");
    assert.equal(readAll(root, ["a"]), ["2\n"]);
    assert.not.ok(existsSync(join(root, "started")));
  }),
);

merge("refuses a patch that writes outside of the folder", () =>
  inTree({ "inside/a": "1\n", outside: "kept\n" }, async (root) => {
    const patch = "--- a/../outside\n+++ b/../outside\n@@ -1 +1 @@\n-kept\n+changed\n";
    const failed = await applyPatch(root, "/inside", patch).then(
      () => "",
      (error: Error) => error.message,
    );
    assert.match(failed, /invalid path|invalid file/i);
    assert.equal(readAll(root, ["outside"]), ["kept\n"]);
    assert.ok(statSync(join(root, "inside/a")).isFile());
  }),
);

merge("of files that differ in one letter and have the time of creation in common misses none of them", async () => {
  const paths = Array.from({ length: 60 }, (_, nth) => `f${nth}`);
  const tree = (text: string): Entries => Object.fromEntries(paths.map((path) => [path, text]));
  const sides = { base: tree("1\n"), ours: tree("2\n"), theirs: tree("3\n") };
  const sameTimes = (...folders: readonly string[]) => {
    for (const folder of folders) for (const path of paths) utimesSync(join(folder, path), 0, 0);
  };
  await inTree(sides.base, (base) =>
    inTree(sides.ours, (ours) =>
      inTree(sides.theirs, (theirsAfter) =>
        inScratch(async (scratch) => {
          sameTimes(base, ours, theirsAfter);
          await inTree({}, async (folder) => {
            copySmallTree(ours, folder);
            await mergeInto(folder, { base, ours, theirsBefore: base, theirsAfter, scratch }, "PREFER_THEIRS");
            assert.equal(new Set(paths.map((path) => readFileSync(join(folder, path), "utf8"))), new Set(["3\n"]));
          });
        }),
      ),
    ),
  );
});

merge.run();
