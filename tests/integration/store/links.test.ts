import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openVolume } from "../../../engine/src/api/cache-volume.ts";
import { fields } from "../../../engine/src/api/fields.ts";
import { Graph } from "../../../engine/src/api/graph.ts";
import { OpenContainers } from "../../../engine/src/api/open-containers.ts";
import type { Session } from "../../../engine/src/api/session.ts";
import type { Snapshot } from "../../../engine/src/store/snapshot.ts";
import { Store } from "../../../engine/src/store/store.ts";

const links = suite("a link in a snapshot");

let dir = "";
let store: Store;
/** Has a link to a folder that this machine has too, with something else in it. */
let snapshot: Snapshot;

links.before(async () => {
  dir = mkdtempSync(join(tmpdir(), "slipway-links-"));
  store = new Store(join(dir, "store"), join(dir, "store", "scratch"));
  const folder = join(dir, "folder");
  write(join(folder, "sub", "file"), "of this machine");
  snapshot = await store.change({ layers: [] }, async (root) => {
    write(join(root, folder, "sub", "file"), "of the snapshot");
    symlinkSync(folder, join(root, "link"));
  });
});
links.after(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

links("fills a cache volume from the snapshot, not from this machine", async () => {
  const source = { snapshot, path: "/link/sub" };
  const mount = { identity: "links", sharing: "SHARED", owner: "", source } as const;
  const volume = await openVolume({ store, containers: new OpenContainers() } as Session, mount, { uid: 0, gid: 0 });
  assert.is(readFileSync(join(volume.dir, "file"), "utf8"), "of the snapshot");
  await volume.close();
});

links("lets the lock of a volume go when it cannot be filled", async () => {
  const missing = { identity: "missing", sharing: "LOCKED", owner: "", source: { snapshot, path: "/no" } } as const;
  for (const _ of [1, 2]) {
    const outcome = await openVolume({ store, containers: new OpenContainers() } as Session, missing, {
      uid: 0,
      gid: 0,
    }).then(
      () => "made",
      (error: Error) => error.message,
    );
    assert.match(outcome, /no such file/i);
  }
});

links("imports an image from the snapshot, not from this machine", async () => {
  const images = {
    readArchive: async (path: string) => {
      throw new Error(readFileSync(path, "utf8"));
    },
  };
  const graph = new Graph(fields, { store, images }, Buffer.alloc(32)) as Graph;
  const container = graph.object("Container", { parent: graph.root, field: "container", args: {} });
  const file = { parent: graph.root, field: "file", args: { name: "x", contents: "" } };
  const source = graph.object("File", file, { value: { snapshot, path: "/link/sub/file" } });
  const imported = graph.object("Container", { parent: container, field: "import", args: { source } });
  const message = await imported.value().catch((error: Error) => error.message);
  assert.is(message, "of the snapshot");
});

links.run();
