import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { startTimeOf } from "../../../../engine/src/run/run-host.ts";
import { emptyTrash, keepWithin, prune } from "../../../../engine/src/upkeep/prune.ts";
import { Sizes } from "../../../../engine/src/upkeep/sizes.ts";
import { waitUntil } from "../../../cluster/wait.ts";
import { listProcesses, readProcess } from "../../../support/processes.ts";

interface State {
  store: string;
  holder: ChildProcess | undefined;
}

const trash = suite<State>("what a store has discarded");

trash.before.each((state) => {
  state.store = mkdtempSync(join(tmpdir(), "trash-"));
  for (const name of ["layers", "run/own", "scratch", "trash"]) mkdirSync(join(state.store, name), { recursive: true });
  writeFileSync(join(state.store, "trash/layer"), "discarded");
});

trash.after.each(async ({ store, holder }) => {
  holder?.kill();
  rmSync(store, { recursive: true });
});

/** Another engine removes: it holds the store until its input ends. */
async function hold(store: string): Promise<ChildProcess> {
  const holder = spawn("flock", [store, "cat"], { stdio: ["pipe", "ignore", "inherit"] });
  await waitUntil("another one removes", 10_000, async () =>
    spawnSync("flock", ["--nonblock", store, "true"]).status === 1 ? undefined : "nobody does",
  );
  return holder;
}

/** Whoever removes or waits to remove, but for the one who holds the store. */
const removersOf = (store: string) =>
  listProcesses().filter((pid) => readProcess(pid, "cmdline").includes(`${store}\0rm\0`));

const keep = (store: string, limitBytes = 1e12, tell: (line: string) => void = () => undefined) =>
  keepWithin({ storeDir: store, runDir: join(store, "run/own"), scratch: join(store, "scratch") }, limitBytes, tell);

trash("is removed behind a command, while nobody waits", async ({ store }) => {
  await keep(store);
  await waitUntil("it is gone", 10_000, async () => (existsSync(join(store, "trash")) ? "it is there" : undefined));
});

/** A layer of 3 MiB, whose time is that of its writing, or another part of the store, that was used some days ago. */
function write(store: string, path: string, days: number): void {
  const place = join(store, path);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, "file"), "x".repeat(3 << 20));
  const used = new Date(Date.now() - days * 86_400_000);
  utimesSync(place, used, used);
}

trash(
  "is what was not used for longest once the store is over its limit, and the person is told",
  async ({ store }) => {
    for (const [name, days] of Object.entries({ old: 2, new: 1 })) write(store, `layers/${name}`, days);
    const told: string[] = [];
    await keep(store, 5 << 20, (line) => told.push(line));
    assert.equal(readdirSync(join(store, "layers")), ["new"]);
    assert.match(told.join(), /^the store removed 3\.\d MiB .* 5\.0 MiB is the limit \(SLIPWAY_STORE_LIMIT\)$/);
    await waitUntil("it is gone", 10_000, async () => (existsSync(join(store, "trash")) ? "it is there" : undefined));
  },
);

trash("is nothing while the store is within its limit, also when it is nearly as large", async ({ store }) => {
  for (const name of ["a", "b", "c"]) write(store, `layers/${name}`, 1);
  await keep(store, 10 << 20);
  assert.equal(readdirSync(join(store, "layers")).sort(), ["a", "b", "c"]);
});

trash("is so much that a fifth of the limit is free again", async ({ store }) => {
  for (const days of [4, 3, 2, 1]) write(store, `layers/used-${days}`, days);
  await keep(store, 11 << 20);
  assert.equal(readdirSync(join(store, "layers")).sort(), ["used-1", "used-2"]);
});

for (const [what, path, changed] of [
  ["cache volumes", "volumes/npm/data", "volumes/npm"],
  ["blobs of images", "images/blobs/sha256", "images/blobs/sha256"],
] as const) {
  trash(`is noticed to be needed when nothing but ${what} has grown since the last command`, async ({ store }) => {
    write(store, "layers/old", 2);
    await keep(store, 5 << 20);
    assert.equal(readdirSync(join(store, "layers")), ["old"]);
    write(store, path, 0);
    const later = new Date(Date.now() + 60_000);
    utimesSync(join(store, changed), later, later);
    await keep(store, 5 << 20);
    assert.equal(readdirSync(join(store, "layers")), []);
  });
}

trash("does not grow at the end of a command while another session runs", async ({ store }) => {
  write(store, "layers/old", 2);
  mkdirSync(join(store, "run", `engine-${process.pid}-${startTimeOf(process.pid)}`));
  await keep(store, 1);
  assert.equal(readdirSync(join(store, "layers")), ["old"]);
  assert.ok(existsSync(join(store, "trash/layer")));
  // Nor is it measured, which takes time.
  assert.not(existsSync(join(store, "sizes.json")));
});

trash("is neither counted nor kept from others when it was taken away", async ({ store }) => {
  for (const path of ["layers/old", "volumes/npm"]) write(store, path, 2);
  const sizes = new Sizes(store);
  await sizes.measure();
  await sizes.measureRest(60);
  const place = { storeDir: store, runDir: join(store, "run/own"), scratch: join(store, "scratch") };
  assert.equal((await prune(place, sizes, 0))?.remove.length, 2);
  assert.equal([[...sizes.layers.keys()], [...sizes.volumes.keys()]], [[], []]);
  assert.not(readdirSync(store).includes("pruning"));
});

trash("grows while no other session runs", async ({ store }) => {
  mkdirSync(join(store, "run", `engine-${process.pid}-${startTimeOf(process.pid)}`));
  const place = { storeDir: store, runDir: join(store, "run/own"), scratch: join(store, "scratch") };
  assert.is(await prune(place, new Sizes(store), 0), undefined);
});

trash("that cannot be removed is told in the words of the program", async ({ store }) => {
  const error: unknown = await emptyTrash(join(store, "none/here")).catch((caught: unknown) => caught);
  assert.match((error as Error).message, /^what was discarded could not be removed: flock: .*none\/here/);
});

trash("is left to the one who removes it already", async (state) => {
  state.holder = await hold(state.store);
  await keep(state.store);
  await waitUntil("no second one removes", 10_000, async () => removersOf(state.store).join() || undefined);
  assert.ok(existsSync(join(state.store, "trash/layer")));
});

trash("is removed after the other one where a command has added to it meanwhile", async (state) => {
  const { store } = state;
  state.holder = await hold(store);
  for (const [name, days] of Object.entries({ old: 2, new: 1 })) write(store, `layers/${name}`, days);
  await keep(store, 5 << 20);
  assert.equal(readdirSync(join(store, "layers")), ["new"]);
  await held(state);
  assert.ok(existsSync(join(store, "trash")));
  state.holder.stdin?.end();
  await waitUntil("it is gone", 10_000, async () => (existsSync(join(store, "trash")) ? "it is there" : undefined));
});

trash("is removed after the other one by who waits for it", async (state) => {
  state.holder = await hold(state.store);
  const emptied = emptyTrash(state.store).then(() => "emptied");
  assert.is(await Promise.race([emptied, held(state)]), "held");
  state.holder.stdin?.end();
  assert.is(await emptied, "emptied");
  assert.not(existsSync(join(state.store, "trash")));
});

/** Resolves when the one who waits has come to the lock. */
async function held({ store }: State): Promise<string> {
  await waitUntil("somebody waits", 10_000, async () =>
    listProcesses().some((pid) => readProcess(pid, "cmdline").startsWith(`flock\0${store}\0rm\0`))
      ? undefined
      : "nobody",
  );
  return "held";
}

trash.run();
