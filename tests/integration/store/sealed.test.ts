import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EMPTY } from "../../../engine/src/store/snapshot.ts";
import { Store } from "../../../engine/src/store/store.ts";

const sealed = suite("a layer that a container wrote");

let dir = "";
let store: Store;

sealed.before(() => {
  dir = mkdtempSync(join(tmpdir(), "slipway-sealed-"));
  store = new Store(join(dir, "store"), join(dir, "store", "scratch"));
});
sealed.after(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

function codeOf(work: () => unknown): string {
  try {
    work();
    return "done";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

const full = async () =>
  await store.change(EMPTY, async (root) => {
    mkdirSync(join(root, "d"));
    writeFileSync(join(root, "d/f"), "below");
  });

for (const [name, base] of [
  ["an empty one", async () => EMPTY],
  ["one with something in it", full],
] as const) {
  sealed(`cannot be changed through a folder that was handed on while it was open: over ${name}`, async () => {
    const layer = await store.open(await base(), true);
    mkdirSync(join(layer.root, "d"), { recursive: true });
    writeFileSync(join(layer.root, "d/f"), "as committed");
    // What a process of the container gives away over a socket of a volume that others have too.
    const handle = openSync(join(layer.root, "d"), "r");
    const handedOn = `/proc/self/fd/${handle}`;
    const snapshot = await layer.commit();
    assert.is(
      codeOf(() => writeFileSync(`${handedOn}/f`, "changed")),
      "EROFS",
    );
    assert.is(
      codeOf(() => renameSync(`${handedOn}/f`, `${handedOn}/g`)),
      "EROFS",
    );
    assert.is(
      codeOf(() => mkdirSync(`${handedOn}/new`)),
      "EROFS",
    );
    closeSync(handle);
    assert.is(readFileSync(join(await store.view(snapshot), "d/f"), "utf8"), "as committed");
  });
}

sealed("is none while something still has a file of it open for writing", async () => {
  const layer = await store.open(await full(), true);
  const file = openSync(join(layer.root, "d/f"), "w");
  const problem = await layer.commit().then(
    () => "committed",
    (error: Error) => error.message,
  );
  assert.is(problem, "a process outside the container still has one of its files open for writing");
  closeSync(file);
  await layer.discard();
});

sealed("is the same snapshot when nothing was written", async () => {
  const base = await full();
  assert.equal(await (await store.open(base, true)).commit(), base);
  assert.equal(await (await store.open(EMPTY, true)).commit(), EMPTY);
});

sealed.run();
