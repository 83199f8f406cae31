import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { USE_MS } from "../../../../engine/src/store/records.ts";
import { listHoldings, readHoldings, readRest } from "../../../../engine/src/upkeep/holdings.ts";
import { Sizes } from "../../../../engine/src/upkeep/sizes.ts";

const MIB = 2 ** 20;
const LAYER = "0123456789abcdef";
const BLOB = "b".repeat(64);
const MANIFEST = "a".repeat(64);

const sizes = suite<{ store: string }>("what a store takes on the disk");

sizes.before.each((state) => {
  state.store = mkdtempSync(join(tmpdir(), "sizes-"));
  write(state.store, `layers/${LAYER}/file`, MIB);
  write(state.store, "volumes/npm/data/file", MIB);
  mkdirSync(join(state.store, "run/own"), { recursive: true });
});

sizes.after.each(({ store }) => rmSync(store, { recursive: true }));

function write(store: string, path: string, content: number | string): void {
  const place = join(store, path);
  mkdirSync(join(place, ".."), { recursive: true });
  writeFileSync(place, typeof content === "number" ? Buffer.alloc(content, 1) : content);
}

/** When a volume was used. */
function use(store: string, time: Date): void {
  utimesSync(join(store, "volumes/npm"), time, time);
}

const save = (measured: Sizes, store: string) =>
  measured.save({ storeDir: store, runDir: join(store, "run/own"), scratch: store });

const roundMib = (bytes: number | undefined) => Math.round((bytes ?? 0) / MIB);

sizes("is measured of a layer once, and of a volume again when it was used", async ({ store }) => {
  const first = new Sizes(store);
  await first.measure();
  await first.measureRest(60);
  assert.equal([roundMib(first.layers.get(LAYER)), roundMib(first.volumes.get("npm"))], [1, 1]);
  assert.is(roundMib(first.totalBytes), 2);
  save(first, store);

  write(store, `layers/${LAYER}/file`, 3 * MIB);
  write(store, "volumes/npm/data/file", 3 * MIB);
  use(store, new Date(Date.now() - USE_MS - 60_000));
  const unused = new Sizes(store);
  await unused.measure();
  await unused.measureRest(60);
  assert.equal([roundMib(unused.layers.get(LAYER)), roundMib(unused.volumes.get("npm"))], [1, 1]);

  use(store, new Date());
  const used = new Sizes(store);
  await used.measureRest(60);
  assert.is(roundMib(used.volumes.get("npm")), 3);
});

sizes("is left as it was known when there is no time to measure", async ({ store }) => {
  const hurried = new Sizes(store);
  await hurried.measure(0);
  await hurried.measureRest(0);
  assert.equal([...hurried.layers.keys(), ...hurried.volumes.keys()], []);
});

sizes("counts images as well as layers and volumes", async ({ store }) => {
  write(store, `images/blobs/sha256/${BLOB}`, 2 * MIB);
  const measured = new Sizes(store);
  await measured.measure();
  await measured.measureRest(60);
  assert.is(roundMib(measured.totalBytes), 4);
});

sizes(
  "is measured again by the next command when the disk has no room to write it down, and no other error is hidden",
  ({ store }) => {
    const measured = new Sizes(store);
    // Every write to this device finds it full.
    symlinkSync("/dev/full", join(store, "sizes-own"));
    save(measured, store);
    assert.not(existsSync(join(store, "sizes.json")));
    const elsewhere = { storeDir: store, runDir: join(store, "run/own"), scratch: join(store, "none") };
    assert.throws(() => measured.save(elsewhere), /ENOENT/);
  },
);

sizes("is forgotten of layers and volumes that are gone", async ({ store }) => {
  const first = new Sizes(store);
  await first.measure();
  await first.measureRest(60);
  save(first, store);
  for (const gone of [`layers/${LAYER}`, "volumes/npm"]) rmSync(join(store, gone), { recursive: true });
  const second = new Sizes(store);
  assert.equal([...second.layers.keys(), ...second.volumes.keys()], []);
});

sizes("is told by kind, and a layer or a blob belongs to the record that names it", async ({ store }) => {
  write(store, "results/build/ab/one.json", `{"layers":["${LAYER}"]}`);
  write(store, "images/records/tag.json", `{"digest":"sha256:${MANIFEST}"}`);
  write(store, `images/blobs/sha256/${MANIFEST}`, `{"layers":[{"digest":"sha256:${BLOB}"}]}`);
  write(store, `images/blobs/sha256/${BLOB}`, 2 * MIB);
  write(store, `images/blobs/sha256/${"c".repeat(64)}`, "nobody names it");
  write(store, "layers/fedcba9876543210/file", "nobody needs it");
  write(store, "traces/1.json", "{}");
  write(store, "trash/old/file", MIB);
  const measured = new Sizes(store);
  await measured.measure();
  const holdings = await readHoldings(store, measured.layers);
  assert.equal(
    holdings.results.map(({ needs }) => needs.map(({ path }) => path)),
    [[join(store, "layers", LAYER)]],
  );
  const [tag, ...unnamed] = holdings.images;
  assert.equal(tag?.needs.map(({ path }) => path.slice(-64)).sort(), [MANIFEST, BLOB]);
  assert.equal(
    unnamed.map(({ path }) => path.slice(-64)),
    ["c".repeat(64)],
  );
  assert.equal(
    holdings.layers.map(({ path }) => path),
    [join(store, "layers/fedcba9876543210")],
  );
  assert.equal(
    [holdings.volumes, holdings.runs, holdings.modules, holdings.packages].map((kind) => kind.length),
    [1, 1, 0, 0],
  );
  assert.is(listHoldings(holdings).length, 6);
  const rest = await readRest(store);
  assert.is(roundMib(rest.discarded), 1);
});

sizes(
  "is needed of a layer that a record names by its whole digest, and not by the record of how it is packed",
  async ({ store }) => {
    const layersNeeded = async () => {
      const measured = new Sizes(store);
      await measured.measure();
      const { images, layers } = await readHoldings(store, measured.layers);
      return [images.flatMap(({ needs }) => needs.map(({ path }) => path)), layers.length];
    };
    write(store, `images/records/layer-${LAYER}.json`, `{"layer":"${LAYER}","blob":"sha256:${BLOB}"}`);
    assert.equal(await layersNeeded(), [[], 1]);
    write(store, "images/records/recipe.json", `{"layers":["${LAYER.padEnd(64, "0")}"]}`);
    assert.equal(await layersNeeded(), [[join(store, "layers", LAYER)], 0]);
  },
);

sizes.run();
