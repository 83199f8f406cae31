import { chmodSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compareFolders, withChangedFiles } from "../../../../engine/src/trace/changed-files.ts";
import { compareRuns, tellWhy } from "../../../../engine/src/trace/compare.ts";
import { tracePage } from "../../../../engine/src/trace/page.ts";
import type { Trace } from "../../../../engine/src/trace/trace.ts";
import { writeFiles } from "../../../support/write-files.ts";
import { end, start, traceOf } from "./runs.ts";

const files = suite("which files changed");

let store = "";

files.before.each(() => {
  store = mkdtempSync(join(tmpdir(), "slipway-files-"));
});

files.after.each(() => rmSync(store, { recursive: true, force: true }));

const OLD = { "src/a.ts": "a", "src/b.ts": "bb", "docs/x.md": "x", kept: "kept" };

/** A layer of the store with these files, all of one time. */
function layer(id: string, content: Readonly<Record<string, string>>): string {
  const place = join(store, "layers", id);
  mkdirSync(place, { recursive: true });
  writeFiles(place, content);
  for (const path of Object.keys(content)) utimesSync(join(place, path), 1000, 1000);
  return place;
}

files("are those with another size, those that are new and those that are gone, by their paths", () => {
  const [before, after] = [
    layer("1", OLD),
    layer("2", { kept: "kept", "src/a.ts": "a longer one", "src/b.ts": "bb", "src/deep/c.ts": "" }),
  ];
  assert.equal(compareFolders(before, after), {
    first: [
      { path: "docs/x.md", how: "gone" },
      { path: "src/a.ts", how: "changed" },
      { path: "src/deep/c.ts", how: "new" },
    ],
    more: 0,
  });
});

files("are those of one size whose content is another, whatever their times say", () => {
  const [before, after] = [layer("1", OLD), layer("2", { ...OLD, "src/b.ts": "bc" })];
  assert.equal(compareFolders(before, after)?.first, [{ path: "src/b.ts", how: "changed" }]);
  utimesSync(join(after, "src/b.ts"), 2000, 2000);
  utimesSync(join(after, "src/a.ts"), 2000, 2000);
  assert.equal(compareFolders(before, after)?.first, [{ path: "src/b.ts", how: "changed" }]);
});

files("are links with another target, programs that could not be run before, and folders with nothing in them", () => {
  const [before, after] = [layer("1", OLD), layer("2", OLD)];
  symlinkSync("kept", join(before, "link"));
  symlinkSync("src", join(after, "link"));
  chmodSync(join(after, "kept"), 0o755);
  mkdirSync(join(after, "empty"));
  assert.equal(compareFolders(before, after)?.first, [
    { path: "empty/", how: "new" },
    { path: "kept", how: "changed" },
    { path: "link", how: "changed" },
  ]);
});

files("are counted where there are many", () => {
  const many = Object.fromEntries(Array.from({ length: 60 }, (_, nth) => [`f${nth}`, "x"]));
  const found = compareFolders(layer("1", {}), layer("2", many));
  assert.equal([found?.first.length, found?.more], [50, 10]);
});

files("are not told of equal folders, nor of one that the store has given up", () => {
  const [before, after] = [layer("1", OLD), layer("2", OLD)];
  assert.is(compareFolders(before, after), undefined);
  rmSync(before, { recursive: true });
  assert.is(compareFolders(before, after), undefined);
  assert.ok(lstatSync(dirname(after)).isDirectory());
});

files("are looked for in so many folders as a person has patience for, whatever each of them holds", () => {
  const [before, after] = [layer("1", { a: "a" }), layer("2", { a: "longer" })];
  const few = { entries: 5, bytes: 100 };
  assert.equal(compareFolders(before, after, few)?.first, [{ path: "a", how: "changed" }]);
  assert.equal(compareFolders(before, after, few)?.first, [{ path: "a", how: "changed" }]);
  assert.is(compareFolders(before, after, few), undefined);
  const little = { entries: 100, bytes: 3 };
  const same = layer("3", { a: "b" });
  assert.equal(compareFolders(before, same, little)?.first, [{ path: "a", how: "changed" }]);
  assert.is(compareFolders(before, same, little), undefined);
});

/** A run whose only step depends on a folder of that layer. */
function runWith(id: string, startedAt: string): Trace {
  const folders = [{ layer: id, path: "/" }];
  const inputs = [
    { name: "the command", digest: "same" },
    { name: "withMountedDirectory /src", digest: id, folders },
  ];
  const run = traceOf([
    [1, start("a", "withExec make", { key: id, inputs })],
    [100, end("a")],
  ]);
  return { ...run, startedAt };
}

files("stand in the reason for which a step ran again, and on its page, compared with that run alone", () => {
  layer("1", OLD);
  layer("2", { ...OLD, "src/a.ts": "other", "src/token.ts": "" });
  const before = runWith("1", "2026-11-28T11:00:00.000Z");
  const hide = (text: string) => text.replace("token", "***");
  const now = withChangedFiles(runWith("2", "2026-11-28T12:00:00.000Z"), before, { storeDir: store, hide });
  assert.equal(compareRuns(now, before).map(tellWhy), [
    "It ran again because this changed: withMountedDirectory /src (src/a.ts, new src/***.ts).",
  ]);
  assert.match(tracePage(now, before), "<li><b>new</b> <code>src/***.ts</code></li>");
  rmSync(join(store, "layers"), { recursive: true });
  assert.match(tracePage(now, before), "<li><b>changed</b> <code>src/a.ts</code></li>");
  const other = { ...before, startedAt: "2026-11-28T10:00:00.000Z" };
  assert.equal(compareRuns(now, other).map(tellWhy), ["It ran again because this changed: withMountedDirectory /src."]);
});

files.run();
