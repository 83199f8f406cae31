import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readTar, type TarHeader } from "../../../engine/src/image/layer-tar.ts";
import { packLayer } from "../../../engine/src/image/pack.ts";
import { OPAQUE, unpackLayer } from "../../../engine/src/image/unpack.ts";
import { tarOf } from "../../support/tar-of.ts";

const layers = suite("image layers");

let dir = "";
layers.before.each(() => {
  dir = mkdtempSync(join(tmpdir(), "slipway-layers-"));
});
layers.after.each(() => {
  rmSync(dir, { recursive: true, force: true });
});

function makeFolder(name: string): string {
  const path = join(dir, name);
  mkdirSync(path);
  return path;
}

async function unpack(tar: Buffer, name = "layer", lower: string[] = []): Promise<string> {
  const into = makeFolder(name);
  await unpackLayer(Readable.from([tar]), into, lower);
  return into;
}

async function refusal(tar: Buffer): Promise<string> {
  return await unpack(tar).then(
    () => "accepted",
    (error: Error) => error.message,
  );
}

async function packed(folder: string, mtime?: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of packLayer(folder, mtime === undefined ? {} : { mtime })) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function listing(tar: Buffer): Promise<TarHeader[]> {
  const found: TarHeader[] = [];
  for await (const { header } of readTar(Readable.from([tar]))) found.push(header);
  return found;
}

async function paths(tar: Buffer): Promise<string[]> {
  return (await listing(tar)).map((header) => header.path);
}

layers("keeps modes, owners, times, hard links and symbolic links on the way through a tar and back", async () => {
  const from = makeFolder("from");
  mkdirSync(join(from, "d"));
  writeFileSync(join(from, "d", "a"), "alpha");
  chownSync(join(from, "d", "a"), 1000, 1001);
  // After chown, which takes the set-user-ID bit away.
  chmodSync(join(from, "d", "a"), 0o4751);
  utimesSync(join(from, "d", "a"), 1_600_000_000, 1_600_000_000);
  linkSync(join(from, "d", "a"), join(from, "d", "b"));
  symlinkSync("/etc/passwd", join(from, "l"));
  chmodSync(join(from, "d"), 0o1770);

  const into = await unpack(await packed(from), "into");

  const a = lstatSync(join(into, "d", "a"));
  assert.equal([a.mode & 0o7777, a.uid, a.gid, a.mtimeMs, a.nlink], [0o4751, 1000, 1001, 1_600_000_000_000, 2]);
  assert.is(a.ino, lstatSync(join(into, "d", "b")).ino);
  assert.is(readFileSync(join(into, "d", "b"), "utf8"), "alpha");
  assert.ok(lstatSync(join(into, "l")).isSymbolicLink());
  assert.is(lstatSync(join(into, "d")).mode & 0o7777, 0o1770);
});

layers("packs the same content into the same bytes whatever the order in which it was written", async () => {
  const names = ["b", "a", "c"];
  const tars = [];
  for (const order of [names, [...names].reverse()]) {
    const from = makeFolder(order.join(""));
    for (const name of order) writeFileSync(join(from, name), name);
    tars.push(await packed(from, 42));
  }
  assert.ok(tars[0]?.equals(tars[1] ?? Buffer.alloc(0)));
  assert.equal(
    (await listing(tars[0] ?? Buffer.alloc(0))).map((header) => [header.path, header.mtime]),
    [
      ["a", 42],
      ["b", 42],
      ["c", 42],
    ],
  );
});

layers("turns a whiteout into a character device 0:0, and back", async () => {
  const into = await unpack(tarOf({ path: "d", type: "directory", mode: 0o755 }, { path: "d/.wh.gone", type: "file" }));
  const gone = lstatSync(join(into, "d", "gone"));
  assert.ok(gone.isCharacterDevice());
  assert.is(gone.rdev, 0);
  assert.equal(await paths(await packed(into)), ["d/", "d/.wh.gone"]);
});

layers("turns an opaque folder into overlayfs's attribute, and back", async () => {
  const tar = tarOf(
    { path: "d", type: "directory", mode: 0o750, uid: 7 },
    { path: "d/.wh..wh..opq", type: "file" },
    { path: "d/new", type: "file", text: "n" },
  );
  const into = await unpack(tar);
  const again = await packed(into);
  assert.equal(await paths(again), ["d/", "d/.wh..wh..opq", "d/new"]);
  const stats = lstatSync(join(into, "d"));
  assert.equal([stats.mode & 0o7777, stats.uid], [0o750, 7]);
  const raw = execFileSync("tar", ["-c", "--xattrs", "--xattrs-include=*", "-C", into, "."], { encoding: "latin1" });
  assert.match(raw, `SCHILY.xattr.${OPAQUE}=y`);
  assert.not.match(again.toString("latin1"), "overlay.opaque");
});

layers("hides what a folder held below when the layer removes and makes it anew", async () => {
  const into = await unpack(
    tarOf(
      { path: ".wh.d", type: "file" },
      { path: "d", type: "directory", mode: 0o755 },
      { path: "d/x", type: "file" },
    ),
  );
  assert.equal(await paths(await packed(into)), ["d/", "d/.wh..wh..opq", "d/x"]);
});

layers("keeps binary attributes byte for byte", async () => {
  const value = "\x01\x00\x00\x02\xff\x80\x00\xfe";
  const into = await unpack(tarOf({ path: "f", type: "file", xattrs: new Map([["user.binary", value]]) }));
  const [header] = await listing(await packed(into));
  assert.is(header?.xattrs.get("user.binary"), value);
});

layers("takes no marks of overlayfs from a foreign layer", async () => {
  const xattrs = new Map([
    ["trusted.overlay.redirect", "/etc"],
    ["user.overlay.redirect", "/etc"],
  ]);
  const into = await unpack(tarOf({ path: "d", type: "directory", mode: 0o755, xattrs }));
  const raw = execFileSync("tar", ["-c", "--xattrs", "--xattrs-include=*", "-C", into, "."], { encoding: "latin1" });
  assert.not.match(raw, "redirect");
});

layers("refuses an entry that climbs out", async () => {
  assert.is(
    await refusal(tarOf({ path: "a/../../x", type: "file" })),
    "cannot unpack the layer: the entry a/../../x is outside the image",
  );
});

layers("keeps an entry behind a symbolic link of the same layer inside of the image", async () => {
  const into = await unpack(
    tarOf(
      { path: "out", type: "symlink", linkPath: "/../../elsewhere" },
      { path: "out/x", type: "file", text: "inside" },
    ),
  );
  assert.is(readFileSync(join(into, "elsewhere", "x"), "utf8"), "inside");
});

layers("refuses a hard link to what the layer does not hold", async () => {
  assert.match(
    await refusal(tarOf({ path: "h", type: "hardlink", linkPath: "/etc/passwd" })),
    "points at etc/passwd, which this layer does not hold",
  );
});

layers("follows a link of a layer below, so that bin/x lands in usr/bin", async () => {
  const lower = makeFolder("lower");
  mkdirSync(join(lower, "usr", "bin"), { recursive: true });
  chmodSync(join(lower, "usr", "bin"), 0o711);
  symlinkSync("usr/bin", join(lower, "bin"));
  const into = await unpack(tarOf({ path: "bin/x", type: "file", text: "x" }), "upper", [lower]);
  assert.equal(readdirSync(into), ["usr"]);
  assert.is(readFileSync(join(into, "usr", "bin", "x"), "utf8"), "x");
  assert.is(lstatSync(join(into, "usr", "bin")).mode & 0o7777, 0o711);
});

layers("reads no link of a layer folder as one of the host", async () => {
  const lowest = makeFolder("lowest");
  symlinkSync("/etc", join(lowest, "a"));
  const middle = makeFolder("middle");
  mkdirSync(join(middle, "a"));
  const into = await unpack(tarOf({ path: "a/ssl/x", type: "file", text: "x" }), "upper", [lowest, middle]);
  assert.is(readFileSync(join(into, "a", "ssl", "x"), "utf8"), "x");
});

layers("keeps names of more than 100 bytes and names that are no UTF-8", async () => {
  const long = `${"n".repeat(90)}/${"m".repeat(200)}`;
  const into = await unpack(tarOf({ path: long, type: "file", text: "l" }, { path: "\xff\xfe", type: "file" }));
  assert.equal((await paths(await packed(into))).sort(), [`${"n".repeat(90)}/`, long, "\xff\xfe"].sort());
});

layers("says unexpected EOF to what is no archive", async () => {
  assert.is(await refusal(Buffer.from("no archive")), "unexpected EOF");
});

layers("is read by an ordinary tar", async () => {
  const from = makeFolder("from");
  writeFileSync(join(from, "a"), "x".repeat(1000));
  const child = spawn("tar", ["-t"], { stdio: ["pipe", "pipe", "inherit"] });
  packLayer(from).pipe(child.stdin);
  let text = "";
  for await (const chunk of child.stdout) text += String(chunk);
  assert.is(text, "a\n");
});

layers.run();
