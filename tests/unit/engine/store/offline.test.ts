import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isOffline } from "../../../../engine/src/store/offline.ts";
import { Store } from "../../../../engine/src/store/store.ts";

const offline = suite("what is asked of no network");

for (const [given, isIt] of [
  [undefined, false],
  ["", false],
  ["0", false],
  ["false", false],
  ["No", false],
  ["off", false],
  ["1", true],
  ["true", true],
  ["YES", true],
  ["on", true],
] as const) {
  offline(`SLIPWAY_OFFLINE=${given} ${isIt ? "forbids it" : "allows it"}`, () => {
    assert.is(isOffline({ SLIPWAY_OFFLINE: given }), isIt);
  });
}

offline("another word is refused", () => {
  assert.throws(
    () => isOffline({ SLIPWAY_OFFLINE: "2" }),
    ({ message }: Error) => message === 'SLIPWAY_OFFLINE is "2"\n  to do: set it to 1 or 0',
  );
});

offline("what was made with a network is found without one, and not the other way round", () => {
  const dir = mkdtempSync(join(tmpdir(), "slipway-store-"));
  try {
    const open = (isIt: boolean) => new Store(dir, join(dir, `scratch-${isIt}`), "build", undefined, isIt);
    open(false).remember("with", 1);
    open(true).remember("without", 2);
    assert.equal([open(false).recall("with"), open(false).recall("without")], [1, undefined]);
    assert.equal([open(true).recall("with"), open(true).recall("without")], [1, 2]);
    open(false).remember("without", 3);
    assert.equal([open(false).recall("without"), open(true).recall("without")], [3, 3]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

offline("what was made without a network is found when what was made with one will not do any more", async () => {
  const dir = mkdtempSync(join(tmpdir(), "slipway-offline-"));
  try {
    const open = (isIt: boolean) => new Store(dir, join(dir, `scratch-${isIt}`), "build", undefined, isIt);
    let made = 0;
    const make = async (store: Store) =>
      await store.once("step", async () => {
        made += 1;
        return { layers: [await store.addLayer(await store.makeScratch("new"))] };
      });
    const { layers } = await make(open(false));
    assert.equal((await make(open(true))).layers, layers);
    // As pruning does it.
    rmSync(join(dir, "layers", layers[0] ?? ""), { recursive: true });
    const again = await make(open(true));
    assert.equal((await make(open(true))).layers, again.layers);
    assert.is(made, 2);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

offline.run();
