import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Fields, Graph } from "../../../../engine/src/api/graph.ts";
import { isWhole } from "../../../../engine/src/module/object-state.ts";
import { Store } from "../../../../engine/src/store/store.ts";

const whole = suite("a stored result of a function");

const dir = mkdtempSync(join(tmpdir(), "slipway-whole-"));
whole.after(() => rmSync(dir, { recursive: true, force: true }));

whole("is no good any more when an id in it names by content what the store has lost", async () => {
  const store = new Store(join(dir, "store"), join(dir, "store", "scratch"));
  const layer = await store.addLayer(await store.makeScratch("download"));
  const fields: Fields = {
    Query: {
      http: { run: () => undefined, pin: async () => ({ key: "http x", data: { snapshot: { layers: [layer] } } }) },
      directory: { run: () => undefined },
    },
    Directory: { withFile: { run: () => undefined } },
  };
  const maker = new Graph(fields, undefined, Buffer.alloc(32));
  const file = maker.object("File", { parent: maker.root, field: "http", args: {} });
  const directory = maker.object("Directory", { parent: maker.root, field: "directory", args: {} });
  const inside = maker.object("Directory", { parent: directory, field: "withFile", args: { source: [file] } });
  const later = new Graph(fields, undefined, Buffer.alloc(32));
  const results = [await file.id(), [await inside.id()], { state: { of: [{ source: await inside.id() }] } }];
  const others = ["text", null, 7, await directory.id(), Buffer.from("slw1 no id").toString("base64")];
  const all = () => Promise.all([...results, ...others].map((value) => isWhole(value, later as Graph, store)));
  assert.equal(await all(), [true, true, true, true, true, true, true, true]);
  rmSync(store.layerDir(layer), { recursive: true });
  assert.equal(await all(), [false, false, false, true, true, true, true, true]);
});

whole.run();
