import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Images } from "../../../engine/src/image/images.ts";
import { type Descriptor, OCI, sha256 } from "../../../engine/src/image/oci.ts";
import { type Claims, imageArchive, imageBlobs } from "../../support/image-archive.ts";
import { tarOf } from "../../support/tar-of.ts";

/** Images that say of themselves what is not true, from an archive (`Container.import`) and from a registry. */
const images = suite("an image that lies");
const LAYER = tarOf({ path: "f", type: "file", text: "of the image" });
const OTHERS = tarOf({ path: "private", type: "file", text: "of somebody else" });
let dir = "";
let storeDir = "";
let servers: Server[] = [];

images.before.each(() => {
  dir = mkdtempSync(join(tmpdir(), "slipway-lying-"));
  storeDir = join(dir, "cache/store");
  mkdirSync(join(dir, "host"));
  writeFileSync(join(dir, "host/secret"), "of the host");
});
images.after.each(() => {
  for (const server of servers) server.close();
  servers = [];
  rmSync(dir, { recursive: true, force: true });
});

const open = () => new Images({ storeDir, from: "registry", patience: { limitMs: 2_000 } });

/** Names of the folders of its layers, lowest first, or why it is refused. */
async function imported(archive: Buffer): Promise<readonly string[] | string> {
  const path = join(dir, "image.tar");
  writeFileSync(path, archive);
  return await open()
    .readArchive(path, "linux/amd64")
    .then(
      ({ snapshot }) => snapshot.layers,
      (error: Error) => error.message,
    );
}

const idOf = (tar: Buffer) => sha256(tar).slice(7, 23);
const pathOf = (id: string) => join(storeDir, "layers", id);

images(
  "a layer is named by a path out of the store: of the host, of the store's keys and results, of options",
  async () => {
    const digest = sha256(LAYER);
    for (const id of [
      "sha256:../../../host",
      "sha256:..",
      "sha256:../results",
      "sha256:.",
      "sha256:",
      "sha256:x,upperdir=",
      "sha256:a:../../..",
      `${digest}/..`,
      digest.toUpperCase(),
      digest.replace("sha256", "sha512"),
      `x${digest}`,
      `${digest}\n`,
      7,
      null,
      [digest],
    ]) {
      const said = await imported(imageArchive({ layers: [LAYER], diffIds: [id] }));
      assert.match(String(said), "names a layer by", JSON.stringify(id));
      assert.match(String(said), "which is not a digest");
    }
    const said = await imported(imageArchive({ layers: [LAYER], config: { rootfs: {} } }));
    assert.match(String(said), "names a layer by null, which is not a digest");
  },
);

images("a layer of somebody else in the store is named, and another one brought", async () => {
  assert.equal(await imported(imageArchive({ layers: [OTHERS] })), [idOf(OTHERS)]);
  const wanted = sha256(OTHERS);
  assert.is(
    await imported(imageArchive({ layers: [LAYER], diffIds: [wanted] })),
    `the layer ${sha256(LAYER)} has the content ${sha256(LAYER)}, but the image promises ${wanted}`,
  );
  // The start of the digest is the name of the folder.
  const alike = wanted.slice(0, 30).padEnd(wanted.length, "0");
  assert.is(
    await imported(imageArchive({ layers: [LAYER], diffIds: [alike] })),
    `the layer ${sha256(LAYER)} has the content ${sha256(LAYER)}, but the image promises ${alike}`,
  );
  // Who brings it may have it, also in another form.
  assert.equal(await imported(imageArchive({ layers: [OTHERS], config: { created: "2020-01-01T00:00:00Z" } })), [
    idOf(OTHERS),
  ]);
});

images("a blob of its own is put in the place of somebody else's layer, to be pushed with their images", async () => {
  const genuine = open();
  writeFileSync(join(dir, "genuine.tar"), imageArchive({ layers: [OTHERS] }));
  const { snapshot, config } = await genuine.readArchive(join(dir, "genuine.tar"), "linux/amd64");
  // What is known of the layer goes, as when the store was damaged.
  rmSync(join(storeDir, "images/records"), { recursive: true });
  await imported(imageArchive({ layers: [LAYER], diffIds: [sha256(OTHERS)] }));
  await open().writeArchive(join(dir, "out.tar"), [{ platform: "linux/amd64", snapshot, config }], {
    compression: "none",
  });
  const written = readFileSync(join(dir, "out.tar"));
  assert.ok(written.includes("of somebody else"));
  assert.not.ok(written.includes("of the image"));
});

images("an archive names files of the host as its own, by links and paths", async () => {
  const index = JSON.stringify({ schemaVersion: 2, manifests: [] });
  for (const linkPath of [join(dir, "host/secret"), "../../../../host/secret", "/etc/passwd"]) {
    const said = await imported(
      tarOf(
        { path: "manifest.json", type: "file", text: JSON.stringify([{ Config: "c", RepoTags: null, Layers: ["l"] }]) },
        { path: "c", type: "symlink", linkPath },
        { path: "l", type: "hardlink", linkPath },
      ),
    );
    assert.is(said, "image archive import: manifest.json names c, which the archive does not hold");
  }
  const path = `blobs/sha256/${"a".repeat(64)}`;
  assert.is(
    await imported(tarOf({ path, type: "file", text: "x" }, { path: "index.json", type: "file", text: index })),
    `image archive import: ${path} has the content ${sha256("x")}`,
  );
});

images("indexes of indexes are more than can be counted", async () => {
  const blobs: Buffer[] = [];
  let entry: Descriptor = { mediaType: OCI.manifest, digest: sha256("nothing"), size: 7 };
  for (let depth = 0; depth < 60; depth += 1) {
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [entry, entry] }));
    blobs.push(bytes);
    entry = { mediaType: OCI.index, digest: sha256(bytes), size: bytes.length };
  }
  const files = blobs.map((bytes) => ({
    path: `blobs/${sha256(bytes).replace(":", "/")}`,
    type: "file" as const,
    text: bytes.toString("latin1"),
  }));
  const index = { path: "index.json", type: "file", text: JSON.stringify({ manifests: [entry] }) } as const;
  const said = await imported(tarOf(...files, index));
  assert.is(said, "image archive import: no image for the platform linux/amd64 in the archive: not found");
});

images("a configuration is larger than any is", async () => {
  const said = await imported(imageArchive({ layers: [LAYER], config: { author: "x".repeat(9 << 20) } }));
  assert.match(
    String(said),
    /^image archive import: the blob \S+ of 94\d{5} bytes is too long for a manifest or a conf/,
  );
});

/** A registry that answers as it is told. */
async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `127.0.0.1:${(server.address() as AddressInfo).port}/x:1`;
}

/** Sends what an image claims; `sent` in place of what a blob's digest names. */
async function serveImage(claims: Claims, sent: RequestListener | undefined = undefined): Promise<string> {
  const { root, blobs } = imageBlobs(claims);
  return await serve((request, response) => {
    const name = request.url?.split("/").at(-1) ?? "";
    const bytes = blobs.get(name === "1" ? root.digest : name);
    if (request.url === "/v2/") response.end();
    else if (sent !== undefined && name === sha256(LAYER)) sent(request, response);
    else if (bytes === undefined) response.writeHead(404).end();
    else response.writeHead(200, { "content-type": root.mediaType }).end(bytes);
  });
}

/** The folders of its layers, or the last line of the refusal. */
async function pulled(address: string): Promise<readonly string[] | string> {
  return await open()
    .get(address, "linux/amd64", [])
    .then(
      ({ snapshot }) => snapshot.layers,
      (error: Error) => error.message,
    );
}

images("a registry sends one that names layers by paths, or those of others", async () => {
  const out = await serveImage({ layers: [LAYER], diffIds: ["sha256:../../../host"] });
  assert.match(String(await pulled(out)), 'names a layer by "sha256:../../../host", which is not a digest');
  // Asked for again: all of its blobs are in the store now.
  assert.match(String(await pulled(out)), 'names a layer by "sha256:../../../host", which is not a digest');
  await imported(imageArchive({ layers: [OTHERS] }));
  const others = await serveImage({ layers: [LAYER], diffIds: [sha256(OTHERS)] });
  for (const _ of [1, 2]) assert.match(String(await pulled(others)), `but the image promises ${sha256(OTHERS)}`);
});

images("a registry sends a layer that is another one, or never ends", async () => {
  const other = await serveImage({ layers: [LAYER] }, (_request, response) => response.end(OTHERS));
  assert.match(String(await pulled(other)), /has the digest sha256:\w+, but sha256:\w+ was promised|ended too early/);
  let sent = 0;
  const endless = await serveImage({ layers: [LAYER] }, (_request, response) => {
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(1 << 20))) sent += 1;
    };
    response.on("drain", more);
    more();
  });
  assert.match(String(await pulled(endless)), `has more than the ${LAYER.length} bytes that were promised`);
  assert.ok(sent < 64, `${sent} MiB were sent`);
  assert.equal(readdirSync(join(storeDir, "images/tmp")), []);
});

images("whatever it was, the layers in the store are what their names say", async () => {
  await imported(imageArchive({ layers: [OTHERS, LAYER] }));
  assert.equal(readdirSync(join(storeDir, "layers")).sort(), [idOf(OTHERS), idOf(LAYER)].sort());
  for (const [tar, file] of [
    [OTHERS, "private"],
    [LAYER, "f"],
  ] as const) {
    assert.equal(readdirSync(pathOf(idOf(tar))), [file]);
    assert.is(createHash("sha256").update(tar).digest("hex").slice(0, 16), idOf(tar));
  }
});

images.run();
