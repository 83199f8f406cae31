import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Images } from "../../../../engine/src/image/images.ts";
import { findRecipe } from "../../../../engine/src/image/recipe-book.ts";
import { parseReference } from "../../../../engine/src/image/reference.ts";
import { USE_MS } from "../../../../engine/src/store/records.ts";
import { choose } from "../../../../engine/src/upkeep/choose.ts";
import { readHoldings } from "../../../../engine/src/upkeep/holdings.ts";

const PLATFORM = "linux/amd64";
const KAFKA = "apache/kafka:4.1.1";

const use = suite<{ store: string; layers: readonly string[] }>("the layers of an image that a recipe has made");

use.before.each((state) => {
  state.store = mkdtempSync(join(tmpdir(), "recipes-"));
  const made = findRecipe(parseReference(KAFKA), PLATFORM)?.layers ?? [];
  state.layers = made.map(({ id }) => join(state.store, "layers", id));
  assert.ok(state.layers.length > 1);
  for (const layer of state.layers) mkdirSync(layer, { recursive: true });
});

use.after.each(({ store }) => rmSync(store, { recursive: true }));

/** What is used as a service, in a later session: nothing but the image is asked for. */
async function getImage(store: string): Promise<void> {
  await new Images({ storeDir: store, from: "recipe" }).get(KAFKA, PLATFORM, []);
}

/** Runs `work` as if it were so many milliseconds later. */
async function later(ms: number, work: () => Promise<void>): Promise<void> {
  const now = Date.now;
  Date.now = () => now() + ms;
  try {
    await work();
  } finally {
    Date.now = now;
  }
}

/** Does `work` until `path` was changed after that time: the clock of the file system goes in steps. */
async function untilNewer(path: string, thanMs: number, work: () => unknown): Promise<void> {
  const until = performance.now() + 2_000;
  while (statSync(path).ctimeMs <= thanMs) {
    assert.ok(performance.now() < until, `${path} was changed at ${statSync(path).ctimeMs}, not after ${thanMs}`);
    await work();
  }
}

/** Makes a layer that is newer than the first one. */
async function makeNewer(layers: readonly string[], name: string): Promise<string> {
  const [first = ""] = layers;
  const layer = join(first, "..", name);
  mkdirSync(layer);
  const last = Math.max(...layers.map((path) => statSync(path).ctimeMs));
  await untilNewer(layer, last, () => chmodSync(layer, 0o755));
  return layer;
}

use("stay when others were used less lately, also when nothing but services runs in it", async ({ store, layers }) => {
  const newer = await makeNewer(layers, "f".repeat(16));
  const sizes = new Map([...layers, newer].map((path) => [basename(path), 1_000_000]));
  const prune = async () => choose((await readHoldings(store, sizes)).layers, layers.length * 1_050_000).remove;
  assert.not.ok((await prune()).includes(newer));
  for (const layer of layers)
    await untilNewer(layer, statSync(newer).ctimeMs, () => later(USE_MS * 2, () => getImage(store)));
  assert.equal(await prune(), [newer]);
});

use("keep the time that belongs to what they hold, and their mode", async ({ store, layers: [layer = ""] }) => {
  utimesSync(layer, 1, 1);
  chmodSync(layer, 0o1750);
  await untilNewer(layer, statSync(layer).ctimeMs, () => later(USE_MS * 2, () => getImage(store)));
  assert.equal([statSync(layer).mtimeMs, statSync(layer).mode & 0o7777], [1000, 0o1750]);
});

use("are not written again for a use within ten minutes", async ({ store, layers }) => {
  const times = () => layers.map((layer) => statSync(layer).ctimeMs);
  const before = times();
  await makeNewer(layers, "e".repeat(16));
  await getImage(store);
  assert.equal(times(), before);
});

use.run();
