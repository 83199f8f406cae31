import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { importFile, importFileOfFolder, importFolder, readHostFile } from "../../../../engine/src/store/import.ts";
import { Store } from "../../../../engine/src/store/store.ts";
import type { FilterOptions } from "../../../../engine/src/store/tree-filter.ts";
import { walkTree } from "../../../../engine/src/store/tree-walk.ts";
import { inTree } from "./temporary-tree.ts";

const own = suite("the store of an engine below a folder that is read");

const TREE = { "repo/a": "a", "repo/sub/b": "b" };

/** A store in the repository, reached by another name where one is given. */
async function withStore(work: (dir: string, store: Store) => Promise<void>, at = "repo/sub/.store"): Promise<void> {
  await inTree(TREE, async (dir) => {
    const store = new Store(join(dir, at), join(dir, at, "scratch", "run"));
    try {
      await work(dir, store);
    } finally {
      await store.close();
    }
  });
}

async function read(store: Store, path: string, options: FilterOptions = {}) {
  const { digest, snapshot } = await importFolder(store, { root: "/", path }, options);
  const entries = Array.from(walkTree(await store.view(snapshot)), (entry) => entry.path);
  return { digest, entries };
}

const messageOf = async (work: Promise<unknown>) =>
  await work.then(
    () => "read",
    (error: Error) => error.message,
  );

own("is left out, so that what it holds changes nothing", async () => {
  await withStore(async (dir, store) => {
    const first = await read(store, join(dir, "repo"));
    assert.equal(first.entries, ["a", "sub", "sub/b"]);
    writeFileSync(join(store.dir, "more"), "of the store");
    assert.equal(await read(store, join(dir, "repo")), first);
    assert.equal((await read(store, join(dir, "repo"), { include: ["sub/.store", "a"] })).entries, ["a"]);
  });
});

own("is known by what it is, also where a link names it", async () => {
  await inTree(TREE, async (dir) => {
    mkdirSync(join(dir, "repo", "kept"));
    symlinkSync(join(dir, "repo", "kept"), join(dir, "store"));
    const store = new Store(join(dir, "store"), join(dir, "store", "scratch", "run"));
    assert.equal((await read(store, join(dir, "repo"))).entries, ["a", "sub", "sub/b"]);
    await store.close();
  });
});

own("is not there for who names it, nor is what it holds", async () => {
  await withStore(async (dir, store) => {
    const at = join(dir, "repo/sub/.store");
    writeFileSync(join(at, "id-key"), "a key");
    symlinkSync(at, join(dir, "link"));
    const gone =
      /^lstat \S+: no such file or directory: it belongs to the engine's store \(SLIPWAY_STORE\), of which commands read nothing$/;
    assert.match(await messageOf(read(store, at)), gone);
    assert.match(await messageOf(read(store, join(at, "scratch"))), gone);
    assert.match(await messageOf(read(store, join(dir, "link", "layers"))), gone);
    assert.match(await messageOf(importFile(store, { root: "/", path: join(at, "id-key") }, "id-key")), gone);
    assert.match(await messageOf(importFileOfFolder(store, { root: "/", path: at }, "id-key")), gone);
  });
});

own("is not there behind a link of a folder that is read one file of, nor for a secret", async () => {
  await withStore(async (dir, store) => {
    writeFileSync(join(store.dir, "id-key"), "a key");
    symlinkSync("sub/.store/id-key", join(dir, "repo", "link"));
    symlinkSync("sub/b", join(dir, "repo", "other"));
    const repo = { root: "/", path: join(dir, "repo") };
    const told = /belongs to the engine's store/;
    assert.match(await messageOf(importFileOfFolder(store, repo, "link")), told);
    assert.match(await messageOf(readHostFile({ root: "/", path: join(dir, "repo/link") }, store.dir)), told);
    assert.match(await messageOf(readHostFile({ root: "/", path: join(store.dir, "id-key") }, store.dir)), told);
    assert.is(await messageOf(importFileOfFolder(store, repo, "other")), "read");
    assert.is((await readHostFile({ root: "/", path: join(dir, "repo/other") }, store.dir)).toString(), "b");
    assert.match(await messageOf(readHostFile({ root: "/", path: join(dir, "none") }, store.dir)), /^ENOENT/);
  });
});

own("still gives the modules that were fetched into it", async () => {
  await withStore(async (_, store) => {
    const tree = join(store.dir, "modules", "0123", "tree");
    mkdirSync(tree, { recursive: true });
    writeFileSync(join(tree, "file"), "of a module");
    assert.equal((await read(store, tree)).entries, ["file"]);
  });
});

own.run();
