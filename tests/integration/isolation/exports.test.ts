import { spawnSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compareTrees } from "../../../engine/src/store/compare.ts";
import { exportChanges, exportFile, exportFolder } from "../../../engine/src/store/export.ts";
import { checkCanary, makeCanary } from "../../support/canary.ts";

/** What a function gives, written to the machine of the person who has named the place. */
const exports = suite("what is exported to this machine");
let dir = "";
let [tree, target, canary] = ["", "", ""];

exports.before.each(() => {
  dir = mkdtempSync(join(tmpdir(), "slipway-exports-"));
  [tree, target, canary] = [join(dir, "tree"), join(dir, "target"), join(dir, "canary")];
  for (const folder of [tree, target]) mkdirSync(folder);
  makeCanary(canary);
});
exports.after.each(() => {
  checkCanary(canary);
  rmSync(dir, { recursive: true, force: true });
});

async function refusalOf(work: Promise<void>): Promise<string> {
  return await work.then(
    () => "exported",
    (error: Error) => error.message,
  );
}

const destination = () => ({ root: "/", path: target });
const asFolder = (wipe = false) =>
  exportFolder({ sourceRoot: tree, sourcePath: "/", destination: destination(), wipe });
/** As the difference between nothing and the tree. */
async function asChanges(): Promise<void> {
  const before = join(dir, "before");
  mkdirSync(before, { recursive: true });
  await exportChanges(destination(), compareTrees(before, tree), tree);
}

function makeDevice(path: string, ...kind: readonly string[]): boolean {
  return spawnSync("mknod", ["-m", "666", path, ...kind]).status === 0;
}

exports("makes no device file, which would be a disk of this machine for whoever may open it", async () => {
  mkdirSync(join(tree, "new"));
  const kinds = [
    ["b", "7", "0"],
    ["c", "1", "1"],
  ] as const;
  for (const folder of ["", "new/"]) {
    for (const kind of kinds) {
      const path = join(tree, `${folder}device`);
      if (!makeDevice(path, ...kind)) return console.log("NOT NEEDED: this user cannot make a device file at all");
      for (const work of [asFolder, asChanges])
        assert.is(await refusalOf(work()), `mknod ${folder}device: operation not permitted`);
      const file = { sourceRoot: tree, sourcePath: `/${folder}device`, name: "device", destination: destination() };
      assert.match(await refusalOf(exportFile({ ...file, allowParent: true })), "no such device or address");
      assert.not(existsSync(join(target, `${folder}device`)));
      rmSync(path);
    }
  }
  return undefined;
});

exports("makes links as they are, and writes through none that is in the folder", async () => {
  symlinkSync(canary, join(tree, "link"));
  mkdirSync(join(tree, "d/sub"), { recursive: true });
  writeFileSync(join(tree, "d/sub/new"), "of the function");
  writeFileSync(join(tree, "f"), "of the function");
  for (const work of [asFolder, asChanges]) {
    rmSync(target, { recursive: true });
    mkdirSync(target);
    symlinkSync(canary, join(target, "d"));
    symlinkSync(join(canary, "file"), join(target, "f"));
    await work();
    assert.ok(lstatSync(join(target, "link")).isSymbolicLink());
    assert.ok(lstatSync(join(target, "d")).isDirectory());
    assert.is(readFileSync(join(target, "d/sub/new"), "utf8"), "of the function");
    assert.ok(lstatSync(join(target, "f")).isFile());
  }
});

exports("replaces a file with several names in place of writing into all of them", async () => {
  spawnSync("ln", [join(canary, "file"), join(target, "f")]);
  writeFileSync(join(tree, "f"), "of the function");
  spawnSync("ln", [join(tree, "f"), join(tree, "g")]);
  await asFolder();
  assert.is(readFileSync(join(target, "f"), "utf8"), "of the function");
  assert.is(statSync(join(target, "g")).ino, statSync(join(target, "f")).ino);
});

exports("takes away only what is in the folder, through no link in it", async () => {
  symlinkSync(canary, join(target, "d"));
  await asFolder(true);
  assert.equal(readdirSync(target), []);
  symlinkSync(canary, join(target, "d"));
  mkdirSync(join(tree, "d"));
  writeFileSync(join(tree, "d/file"), "x");
  mkdirSync(join(dir, "after"));
  const gone = compareTrees(tree, join(dir, "after"));
  await exportChanges(destination(), gone, join(dir, "after"));
  await exportChanges(destination(), { added: [], modified: [], removed: ["d/file"] }, join(dir, "after")).catch(
    () => undefined,
  );
});

exports("reads no file of this machine by a link in the tree", async () => {
  for (const linkPath of [join(canary, "file"), "../canary/file", "../../../../../../../../etc/passwd"]) {
    rmSync(join(tree, "f"), { force: true });
    symlinkSync(linkPath, join(tree, "f"));
    const file = { sourceRoot: tree, sourcePath: "/f", name: "f", destination: destination(), allowParent: true };
    assert.match(await refusalOf(exportFile(file)), "no such file or directory");
  }
  symlinkSync("..", join(tree, "up"));
  await exportFolder({ sourceRoot: tree, sourcePath: "/up/..", destination: destination(), wipe: false });
  assert.equal(readdirSync(target).sort(), ["f", "up"]);
});

exports.run();
