import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { RegistryCredentials } from "../../../engine/src/image/image.ts";
import { type ImageContent, Images } from "../../../engine/src/image/images.ts";

/** bcrypt of "open sesame" for the user "me" (htpasswd -nbB). */
const HTPASSWD = "me:$2y$05$Sy.5KXtPAxrmaZZC02t3uOGvbY/P56d5k1FVVArHfOWQC7y74bX2m";

interface RunningRegistry {
  readonly address: string;
  readonly process: ChildProcess;
}

const registry = suite("images and a real registry");

let dir = "";
const started: ChildProcess[] = [];
let open: RunningRegistry;
let guarded: RunningRegistry;

registry.before(async () => {
  dir = mkdtempSync(join(tmpdir(), "slipway-registry-"));
  writeFileSync(join(dir, "htpasswd"), `${HTPASSWD}\n`);
  [open, guarded] = await Promise.all([
    startRegistry("open", ""),
    startRegistry("guarded", `auth: {htpasswd: {realm: test, path: ${join(dir, "htpasswd")}}}`),
  ]);
});

registry.after(async () => {
  await Promise.all(started.map(stop));
  rmSync(dir, { recursive: true, force: true });
});

async function startRegistry(name: string, auth: string): Promise<RunningRegistry> {
  const port = await findFreePort();
  const config = join(dir, `${name}.yml`);
  writeFileSync(
    config,
    `version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: ${join(dir, name)}}}\nhttp: {addr: "127.0.0.1:${port}"}\n${auth}\n`,
  );
  const child = spawn("docker-registry", ["serve", config], { stdio: "ignore" });
  started.push(child);
  await awaitConnection(port, 10_000);
  return { address: `127.0.0.1:${port}`, process: child };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGTERM");
  await closed;
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}

async function awaitConnection(port: number, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const failure = await new Promise<string | undefined>((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => resolve(void socket.destroy()));
      socket.once("error", (error) => resolve(error.message));
    });
    if (failure === undefined) return;
    if (Date.now() > deadline) throw new Error(`nothing listens on ${port} after ${timeoutMs} ms: ${failure}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

let stores = 0;

/** A store with one layer of our own in it. */
function makeStore(text: string): { images: Images; storeDir: string; content: ImageContent } {
  const { images, storeDir } = emptyStore();
  const layer = join(storeDir, "layers", "own");
  mkdirSync(join(layer, "d"), { recursive: true });
  chmodSync(layer, 0o755);
  writeFileSync(join(layer, "d", "a.txt"), text);
  chmodSync(join(layer, "d", "a.txt"), 0o600);
  symlinkSync("a.txt", join(layer, "d", "l"));
  // Times are part of a layer.
  for (const path of ["d/a.txt", "d/l", "d"]) lutimesSync(join(layer, path), 1_600_000_000, 1_600_000_000);
  const config = {
    Env: ["A=1"],
    Entrypoint: ["/e"],
    Cmd: ["x"],
    User: "1000:1000",
    WorkingDir: "/d",
    Labels: { l: "v" },
    ExposedPorts: { "8080/tcp": {} },
  };
  return {
    images,
    storeDir,
    content: { platform: "linux/amd64", config, snapshot: { layers: ["own"] }, annotations: { "org.example.a": "b" } },
  };
}

function emptyStore(): { images: Images; storeDir: string } {
  const storeDir = join(dir, `store-${stores++}`);
  return { images: new Images({ storeDir, from: "auto" }), storeDir };
}

async function messageOf(work: Promise<unknown>): Promise<string> {
  return await work.then(
    () => "no error",
    (error: Error) => error.message,
  );
}

registry("gives back what was pushed: files, modes, links, configuration and annotations", async () => {
  const { images, content } = makeStore("alpha");
  const published = await images.publish(`${open.address}/test/x:1`, [content], []);
  assert.match(published, new RegExp(`^${open.address}/test/x:1@sha256:[0-9a-f]{64}$`));

  const other = emptyStore();
  const image = await other.images.get(`${open.address}/test/x:1`, "linux/amd64", []);
  assert.is(image.ref, published);
  assert.equal(image.config, content.config);
  assert.equal(image.annotations, content.annotations);
  const [layer = ""] = image.snapshot.layers;
  const path = join(other.storeDir, "layers", layer, "d");
  assert.is(readFileSync(join(path, "a.txt"), "utf8"), "alpha");
  assert.is(lstatSync(join(path, "a.txt")).mode & 0o7777, 0o600);
  assert.ok(lstatSync(join(path, "l")).isSymbolicLink());
});

registry("answers the same digest for the same content, and sends a pulled base as it came", async () => {
  const { images, content } = makeStore("same");
  const address = `${open.address}/test/same:1`;
  const first = await images.publish(address, [content], [], { compression: "zstd" });
  const other = emptyStore();
  const base = await other.images.get(first, "linux/amd64", []);
  const again = await other.images.publish(address, [{ ...content, snapshot: base.snapshot }], []);
  assert.is(again, first);
  assert.is(await makeStore("same").images.publish(address, [content], [], { compression: "zstd" }), first);
});

registry("resolves a tag once in a session", async () => {
  const address = `${open.address}/test/moving:1`;
  const one = makeStore("one");
  const two = makeStore("two");
  const session = emptyStore().images;
  const first = await one.images.publish(address, [one.content], []);
  assert.is((await session.resolve(address, "linux/amd64", [])).ref, first);
  const second = await two.images.publish(address, [two.content], []);
  assert.is((await session.resolve(address, "linux/amd64", [])).ref, first);
  assert.is((await emptyStore().images.resolve(address, "linux/amd64", [])).ref, second);
});

registry("chooses among platforms, and says when the one asked for is missing", async () => {
  const { images, content } = makeStore("arch");
  const address = `${open.address}/test/multi:1`;
  await images.publish(address, [content, { ...content, platform: "linux/arm64" }], []);
  const other = emptyStore().images;
  assert.is((await other.get(address, "linux/arm64", [])).platform, "linux/arm64");
  assert.is((await other.get(address, "linux/amd64", [])).platform, "linux/amd64");
  assert.match(
    await messageOf(other.get(address, "linux/riscv64", [])),
    /^failed to resolve image ".*\/test\/multi:1" \(platform: "linux\/riscv64"\): no manifest matches requested platform for sha256:[0-9a-f]{64}$/,
  );
});

registry("says that an image does not exist", async () => {
  const address = `${open.address}/no/such:image`;
  const { images } = emptyStore();
  assert.is(
    await messageOf(images.get(address, "linux/amd64", [])),
    `failed to resolve image "${address}" (platform: "linux/amd64"): ${address}: not found`,
  );
  const digest = `${open.address}/no/such@sha256:${"0".repeat(64)}`;
  assert.is(
    await messageOf(images.get(digest, "linux/amd64", [])),
    `failed to resolve image "${digest}" (platform: "linux/amd64"): ${digest}: not found`,
  );
});

registry("says that a registry does not answer", async () => {
  const { images, content } = makeStore("x");
  const port = await findFreePort();
  const refused = `dial tcp 127.0.0.1:${port}: connect: connection refused`;
  assert.is(
    await messageOf(images.get(`127.0.0.1:${port}/no/such:image`, "linux/amd64", [])),
    `failed to resolve image "127.0.0.1:${port}/no/such:image" (platform: "linux/amd64"): failed to do request: Head "http://127.0.0.1:${port}/v2/no/such/manifests/image": ${refused}`,
  );
  assert.match(
    await messageOf(images.publish(`127.0.0.1:${port}/x:1`, [content], [])),
    new RegExp(`^failed to do request: Head "http://127.0.0.1:${port}/v2/x/blobs/sha256:[0-9a-f]{64}": ${refused}$`),
  );
});

registry("uses an image that was pulled before when the registry does not answer any more", async () => {
  const temporary = await startRegistry("temporary", "");
  const address = `${temporary.address}/test/offline:1`;
  const { images, content, storeDir } = makeStore("kept");
  await images.publish(address, [content], []);
  const pulled = await images.get(address, "linux/amd64", []);
  await stop(temporary.process);
  const lines: string[] = [];
  const later = new Images({ storeDir, from: "auto", onLine: (line) => lines.push(line) });
  assert.equal(await later.get(address, "linux/amd64", []), pulled);
  assert.equal(lines, [`${temporary.address} does not answer: ${address} is the one that was pulled before`]);
});

registry("wants the right password, and keeps none on disk", async () => {
  const address = `${guarded.address}/test/secret:1`;
  const { images, content, storeDir } = makeStore("guarded");
  const good: RegistryCredentials = { address: guarded.address, username: "me", password: "open sesame" };
  const denied = (method: string, path: string) =>
    new RegExp(
      `${address}: unexpected status from ${method} request to http://${guarded.address}/v2/test/secret/${path}: 401 Unauthorized: UNAUTHORIZED: authentication required \\(detail: .*\\)\n  to do: give credentials that may use test/secret \\(withRegistryAuth\\)$`,
    );
  const pushDenied = denied("POST", "blobs/uploads/");
  assert.match(await messageOf(images.publish(address, [content], [])), pushDenied);
  assert.match(await messageOf(images.publish(address, [content], [{ ...good, password: "wrong" }])), pushDenied);
  const published = await images.publish(address, [content], [good]);
  const other = emptyStore();
  const pullDenied = await messageOf(other.images.get(address, "linux/amd64", []));
  assert.ok(pullDenied.startsWith(`failed to resolve image "${address}" (platform: "linux/amd64"): ${address}: `));
  assert.match(pullDenied, denied("GET", "manifests/1"));
  assert.is((await other.images.get(address, "linux/amd64", [good])).ref, published);
  const auth = Buffer.from("me:open sesame").toString("base64");
  for (const place of [storeDir, other.storeDir])
    assert.is(spawnSync("grep", ["-rlE", `${auth}|open sesame`, place], { encoding: "utf8" }).stdout, "");
});

registry("gives an image the same digest whatever compression was asked for before", async () => {
  const { images, content } = makeStore("as before");
  const other = makeStore("as before");
  await images.writeArchive(join(dir, "uncompressed.tar"), [content], { compression: "none" });
  const address = `${open.address}/test/compression-before:1`;
  const published = await images.publish(address, [content], []);
  assert.is(await other.images.publish(address, [other.content], []), published);
});

for (const compression of ["none", "gzip", "zstd"] as const) {
  registry(`reads back an archive with the compression ${compression}`, async () => {
    const { images, content } = makeStore(`archive ${compression}`);
    const path = join(dir, `${compression}.tar`);
    await images.writeArchive(path, [content], { compression });
    const other = emptyStore();
    const image = await other.images.readArchive(path, "linux/amd64");
    assert.equal(image.config, content.config);
    assert.is(
      readFileSync(join(other.storeDir, "layers", image.snapshot.layers[0] ?? "", "d", "a.txt"), "utf8"),
      `archive ${compression}`,
    );
  });
}

registry("writes an archive that other tools read, as OCI layout and as docker save", async () => {
  const { images, content } = makeStore("tools");
  const path = join(dir, "tools.tar");
  await images.writeArchive(path, [content]);
  for (const kind of ["oci-archive", "docker-archive"]) {
    const inspected = spawnSync("skopeo", ["inspect", "--config", `${kind}:${path}`], { encoding: "utf8" });
    assert.is(inspected.status, 0, inspected.stderr);
    assert.equal(JSON.parse(inspected.stdout).config.Entrypoint, ["/e"]);
  }
});

registry("reads what docker save writes", async () => {
  const { images, content } = makeStore("saved");
  const oci = join(dir, "saved-oci.tar");
  const saved = join(dir, "saved.tar");
  await images.writeArchive(oci, [content]);
  const copied = spawnSync(
    "skopeo",
    ["--insecure-policy", "copy", `oci-archive:${oci}`, `docker-archive:${saved}:test/saved:1`],
    { encoding: "utf8" },
  );
  assert.is(copied.status, 0, copied.stderr);
  const other = emptyStore();
  const image = await other.images.readArchive(saved, "linux/amd64", "1");
  assert.is(
    readFileSync(join(other.storeDir, "layers", image.snapshot.layers[0] ?? "", "d", "a.txt"), "utf8"),
    "saved",
  );
  assert.is(
    await messageOf(other.images.readArchive(saved, "linux/amd64", "2")),
    'image archive import: no image named "2" in the archive: not found',
  );
});

registry("says unexpected EOF to an archive that is none", async () => {
  const path = join(dir, "none.tar");
  writeFileSync(path, "no archive");
  assert.is(
    await messageOf(emptyStore().images.readArchive(path, "linux/amd64")),
    "image archive import: unexpected EOF",
  );
});

registry.run();
