import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Images } from "../../../engine/src/image/images.ts";
import { sha256 } from "../../../engine/src/image/oci.ts";
import { type Registry, startRegistry } from "../../support/registry.ts";
import { makeImage } from "./image-of-layers.ts";

const damaged = suite("images over a damaged store");

let dir = "";
let registry: Registry;
let address = "";
let published = "";
let whole = "";
/** Digest of the archive that a whole store writes. */
let wholeArchive = "";

damaged.before(async () => {
  dir = mkdtempSync(join(tmpdir(), "slipway-damaged-images-"));
  registry = await startRegistry();
  address = `${registry.address}/test/base:1`;
  const { images, content } = makeImage(join(dir, "maker"), [3000, 5000]);
  published = await images.publish(address, [content], []);
  whole = join(dir, "whole");
  const puller = new Images({ storeDir: whole, from: "registry" });
  const { snapshot, config } = await puller.get(published, "linux/amd64", []);
  await puller.writeArchive(join(dir, "whole.tar"), [{ platform: "linux/amd64", snapshot, config }]);
  wholeArchive = sha256(readFileSync(join(dir, "whole.tar")));
});

damaged.after(async () => {
  await registry.stop();
  rmSync(dir, { recursive: true, force: true });
});

let stores = 0;

/** A store that has pulled the image, with something done to it. */
function storeAfter(damage: (storeDir: string) => void): { storeDir: string; told: string[]; images: Images } {
  const storeDir = join(dir, `store-${stores++}`);
  cpSync(whole, storeDir, { recursive: true });
  damage(storeDir);
  const told: string[] = [];
  const onDamage = (path: string, what: string) => told.push(`${path.slice(storeDir.length + 1)}: ${what}`);
  return { storeDir, told, images: new Images({ storeDir, from: "registry", onDamage }) };
}

function filesIn(storeDir: string, folder: string): string[] {
  return readdirSync(join(storeDir, folder)).map((name) => join(storeDir, folder, name));
}

const blobsIn = (storeDir: string) => filesIn(storeDir, "images/blobs/sha256");
const recordsIn = (storeDir: string) => filesIn(storeDir, "images/records");
const dropLayers = (storeDir: string) => rmSync(join(storeDir, "layers"), { recursive: true });

function flip(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
  writeFileSync(path, bytes);
}

const DAMAGE: Readonly<Record<string, (path: string) => void>> = {
  empty: (path) => truncateSync(path),
  cut: (path) => truncateSync(path, statSync(path).size - 1),
  garbage: (path) => writeFileSync(path, Buffer.alloc(100, 0xff)),
  "of another shape": (path) => writeFileSync(path, "{}"),
  "changed in one bit": flip,
  folders: (path) => {
    rmSync(path);
    mkdirSync(path);
  },
  gone: (path) => rmSync(path),
};

/** What the image has to be: its content, as the layers have it. */
function assertPulled(storeDir: string, layers: readonly string[]): void {
  const sizes = layers.map((id, at) => lstatSync(join(storeDir, "layers", id, `file-${at}`)).size);
  assert.equal(sizes, [3000, 5000]);
}

for (const [what, damage] of Object.entries(DAMAGE)) {
  damaged(`pulls again when blobs are ${what} and their layers are gone`, async () => {
    for (const at of blobsIn(whole).keys()) {
      const { storeDir, told, images } = storeAfter((store) => {
        dropLayers(store);
        damage(blobsIn(store)[at] as string);
      });
      const image = await images.get(published, "linux/amd64", []);
      assert.is(image.ref, published);
      assertPulled(storeDir, image.snapshot.layers);
      assert.is(told.length, what === "gone" ? 0 : 1, told.join("\n"));
      for (const path of blobsIn(storeDir))
        assert.equal(readFileSync(path), readFileSync(path.replace(storeDir, whole)));
    }
  });

  damaged(`writes the same image when one of its blobs is ${what}`, async () => {
    for (const at of blobsIn(whole).keys()) {
      const { images } = storeAfter((store) => damage(blobsIn(store)[at] as string));
      const { snapshot, config } = await images.get(published, "linux/amd64", []);
      const content = { platform: "linux/amd64", snapshot, config };
      const archive = join(dir, `archive-${stores}.tar`);
      await images.writeArchive(archive, [content]);
      assert.is(sha256(readFileSync(archive)), wholeArchive);
      const answer = await images.publish(`${registry.address}/test/again-${stores}:1`, [content], []);
      assert.is(answer.split("@")[1], published.split("@")[1]);
    }
  });

  damaged(`goes on when records are ${what}`, async () => {
    const { storeDir, told, images } = storeAfter((store) => recordsIn(store).forEach(damage));
    const image = await images.get(published, "linux/amd64", []);
    assertPulled(storeDir, image.snapshot.layers);
    assert.is(told.length > 0, what !== "gone", told.join("\n"));
    const later: string[] = [];
    const onDamage = (path: string) => later.push(path);
    await new Images({ storeDir, from: "registry", onDamage }).get(published, "linux/amd64", []);
    assert.equal(later, []);
  });
}

damaged("takes a layer's folder that is a file for none", async () => {
  const { storeDir, images } = storeAfter((store) => {
    for (const path of filesIn(store, "layers")) {
      rmSync(path, { recursive: true });
      writeFileSync(path, "");
    }
  });
  assertPulled(storeDir, (await images.get(published, "linux/amd64", [])).snapshot.layers);
});

damaged("says that a blob is lost that no registry can bring back, and makes no other image in its place", async () => {
  const { storeDir, images } = storeAfter(() => undefined);
  const archive = join(dir, "import.tar");
  const { images: maker, content } = makeImage(join(dir, "archived"), [700]);
  await maker.writeArchive(archive, [content]);
  const { snapshot, config } = await images.readArchive(archive, "linux/amd64");
  const before = new Set(blobsIn(whole).map((path) => path.replace(whole, storeDir)));
  const own = blobsIn(storeDir).filter((path) => !before.has(path));
  for (const path of own) flip(path);
  const later = new Images({ storeDir, from: "registry" });
  const message = await later
    .writeArchive(join(dir, "out.tar"), [{ platform: "linux/amd64", snapshot, config }])
    .then(() => "no error")
    .catch((error: Error) => error.message);
  assert.match(
    message,
    /^the store has lost the blob sha256:[0-9a-f]{64}\n {2}to do: run the same command again; it is made again$/,
  );
});

damaged("tells a push that a blob changed after it was read, and makes it anew for the next one", async () => {
  const other = await startRegistry();
  try {
    const storeDir = join(dir, "pusher");
    const { images, content } = makeImage(storeDir, [200_000]);
    await images.publish(`${registry.address}/test/first:1`, [content], []);
    const [layer = ""] = blobsIn(storeDir).sort((a, b) => statSync(b).size - statSync(a).size);
    flip(layer);
    const found = sha256(readFileSync(layer));
    const address = `${other.address}/test/second:1`;
    const message = await images.publish(address, [content], []).catch((error: Error) => error.message);
    assert.is(
      message,
      `the blob sha256:${basename(layer)} in the store had the content ${found}, and was removed\n  to do: run the same command again; it is made again`,
    );
    assert.match(await images.publish(address, [content], []), /@sha256:[0-9a-f]{64}$/);
  } finally {
    await other.stop();
  }
});

damaged("needs no registry for an older store, whose records have no checksum", async () => {
  const { storeDir, told } = storeAfter((store) => {
    for (const path of recordsIn(store)) writeFileSync(path, readFileSync(path, "utf8").replace(/^.*\n/, ""));
    for (const path of blobsIn(store)) chmodSync(path, 0o444);
  });
  const gone = new Images({ storeDir, from: "registry", onDamage: (path) => told.push(path) });
  await registry.stop();
  assertPulled(storeDir, (await gone.get(published, "linux/amd64", [])).snapshot.layers);
  assert.equal(told, []);
});

damaged.run();
