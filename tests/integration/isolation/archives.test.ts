import { spawnSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { createGunzip, createGzip } from "node:zlib";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { END_OF_TAR, makeHeader, readTar } from "../../../engine/src/image/layer-tar.ts";
import { unpackArchive, unpackLayer } from "../../../engine/src/image/unpack.ts";
import { inUserNamespace } from "../../../engine/src/store/overlay.ts";
import { checkCanary, makeCanary } from "../../support/canary.ts";
import { type Given, tarOf } from "../../support/tar-of.ts";

/** Archives that somebody else has made: layers of images, and what ADD of a Dockerfile unpacks. */
const archives = suite("an archive");
let dir = "";
/** A folder of the host beside the one into which is unpacked; it has to be the same afterwards. */
let canary = "";
let unpacked = 0;

archives.before.each(() => {
  dir = mkdtempSync(join(tmpdir(), "slipway-archives-"));
  canary = join(dir, "canary");
  makeCanary(canary);
});
archives.after.each(() => {
  checkCanary(canary);
  rmSync(dir, { recursive: true, force: true });
});

const both = [unpackLayer, unpackArchive] as const;
type Unpack = (typeof both)[number];

/** The folder into which it was unpacked, or why it was not. */
async function outcome(unpack: Unpack, entries: readonly Given[]): Promise<{ into: string; said: string }> {
  const into = join(dir, `into-${unpacked++}`);
  mkdirSync(into);
  const said = await unpack(Readable.from([tarOf(...entries)]), into, []).then(
    () => "unpacked",
    (error: Error) => error.message,
  );
  return { into, said };
}

const link = (path: string, linkPath: string): Given => ({ path, type: "symlink", linkPath });
const hard = (path: string, linkPath: string): Given => ({ path, type: "hardlink", linkPath });
const file = (path: string, text = "of the archive"): Given => ({ path, type: "file", text });
const folder = (path: string): Given => ({ path, type: "directory", mode: 0o755 });

archives("that climbs out is refused: in names, behind folders, in hard links", async () => {
  for (const unpack of both) {
    for (const path of ["../canary/new", "a/../../canary/new", "./../canary/new", "/../canary/new", "a/..", ".."]) {
      const { said } = await outcome(unpack, [folder("a"), file(path)]);
      assert.is(said, `cannot unpack the layer: the entry ${path} is outside the image`);
    }
    for (const path of ["../canary/file", "a/../../canary/file"]) {
      const { said } = await outcome(unpack, [folder("a"), hard("h", path)]);
      assert.is(said, `cannot unpack the layer: the entry ${path} is outside the image`);
    }
  }
});

archives("with absolute names and links to the host stays below its folder", async () => {
  for (const unpack of both) {
    for (const entries of [
      [file(join(canary, "new"))],
      [link("l", canary), file("l/new")],
      [link("l", "../canary"), file("l/new")],
      [link("l", canary), link("m", "l"), file("m/new")],
      [folder("l"), link("l", canary), file("l/new")],
      [link("a", "b/.."), link("b", "../canary"), file("a/new"), file("b/new")],
      [link("l", canary), hard("h", "l"), file("h/new")],
    ]) {
      const { into, said } = await outcome(unpack, entries);
      assert.is(said, "unpacked");
      assert.match(spawnSync("find", [into, "-name", "new"], { encoding: "utf8" }).stdout, /\/new\n$/);
    }
    const said = (await outcome(unpack, [link("l", canary), hard("h", "l/file")])).said;
    assert.match(said, /the hard link h points at \S+\/canary\/file, which this layer does not hold$/);
    assert.match((await outcome(unpack, [hard("h", join(canary, "file"))])).said, "which this layer does not hold");
    assert.match((await outcome(unpack, [hard("h", "h")])).said, "points at h, which this layer does not hold");
    const loop = [link("a", "b"), link("b", "a"), file("a/new")];
    assert.is((await outcome(unpack, loop)).said, "cannot unpack the layer: too many symbolic links at a");
  }
});

archives("that names something twice is the last of it, and never what a link leads to", async () => {
  for (const unpack of both) {
    const target = join(canary, "file");
    for (const entries of [
      [link("x", target), file("x")],
      [link("l", target), hard("x", "l"), file("x")],
      [file("x", "first"), link("x", target), file("x")],
    ]) {
      const { into, said } = await outcome(unpack, entries);
      assert.is(said, "unpacked");
      assert.ok(lstatSync(join(into, "x")).isFile());
      assert.is(readFileSync(join(into, "x"), "utf8"), "of the archive");
    }
    const made = await outcome(unpack, [link("x", canary), folder("x"), file("x/new")]);
    assert.is(made.said, "unpacked");
    assert.equal(readdirSync(join(made.into, "x")), ["new"]);
    assert.ok(lstatSync(join(made.into, "x")).isDirectory());
    const kept = await outcome(unpack, [link("l", target), hard("x", "l"), file("l")]);
    assert.is(readlinkSync(join(kept.into, "x")), target);
    assert.ok(lstatSync(join(kept.into, "l")).isFile());
  }
});

archives("takes nothing of the host away by whiteouts, by links, or by names that name no file", async () => {
  for (const name of [".wh.", ".wh..", ".wh...", "a/.wh...", "a/.wh.."]) {
    const { said } = await outcome(unpackLayer, [folder("a"), file(name)]);
    assert.is(said, `cannot unpack the layer: the whiteout ${name} names no file`);
  }
  for (const name of ["l/.wh.file", "l/.wh..wh..opq"])
    assert.is((await outcome(unpackLayer, [link("l", canary), file(name)])).said, "unpacked");
  const { into } = await outcome(unpackLayer, [folder("d"), file("d/.wh..wh..opq"), link("d", canary)]);
  assert.is(readlinkSync(join(into, "d")), canary);
});

archives("brings device files that open nothing for an ordinary user: they are left out", async () => {
  const devices = [
    { path: "disk", type: "block", devMajor: 8, devMinor: 0, mode: 0o666 },
    { path: "zero", type: "char", devMajor: 1, devMinor: 5, mode: 0o666 },
  ] as const;
  for (const unpack of both) {
    const { into, said } = await outcome(unpack, [...devices, file("f")]);
    assert.is(said, "unpacked");
    // Root keeps them, as Docker does; every place to which a container gets is mounted without devices.
    assert.equal(readdirSync(into).sort(), inUserNamespace ? ["f"] : ["disk", "f", "zero"]);
  }
});

archives("gives away no powers over the host by attributes", async () => {
  const xattrs = new Map([
    ["user.overlay.redirect", "/etc"],
    ["trusted.overlay.redirect", "/etc"],
    ["trusted.overlay.opaque", "y"],
    ["security.selinux", "system_u:object_r:shadow_t:s0"],
    ["user.kept", "y"],
  ]);
  for (const unpack of both) {
    const { into, said } = await outcome(unpack, [{ ...folder("d"), xattrs }]);
    assert.is(said, "unpacked");
    const listed = spawnSync("tar", ["-c", "--xattrs", "--xattrs-include=*", "-C", into, "d"], { encoding: "latin1" });
    assert.match(listed.stdout, "SCHILY.xattr.user.kept");
    assert.not.match(listed.stdout, /overlay|selinux/);
  }
});

archives("that says of itself what cannot be is refused before a byte of it is written", async () => {
  const block = (change: (bytes: Buffer) => void): Buffer => {
    const bytes = tarOf(file("f", "x")).subarray(0, 512);
    change(bytes);
    bytes.write("        ", 148, "latin1");
    const sum = bytes.reduce((total, byte) => total + byte, 0);
    bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
    return Buffer.concat([bytes, Buffer.from("x".padEnd(512, "\0")), END_OF_TAR]);
  };
  const pax = (records: Readonly<Record<string, string>>, times = 1): Buffer => {
    const body = Object.entries(records).map(([name, value]) => {
      const rest = ` ${name}=${value}\n`;
      let length = rest.length + 1;
      while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
      return `${length}${rest}`;
    });
    const extension = tarOf({ path: "x", type: "file", text: body.join("") }).subarray(0, -1024);
    extension.write("x", 156, "latin1");
    extension.write("        ", 148, "latin1");
    const sum = extension.subarray(0, 512).reduce((total, byte) => total + byte, 0);
    extension.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
    return Buffer.concat([...Array.from({ length: times }, () => extension), tarOf(file("f", "x"))]);
  };
  const huge = (bytes: Buffer) => bytes.set([0x80, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 124);
  for (const [tar, refusal] of [
    [block((bytes) => bytes.fill(0xff, 124, 136)), "tar: -1 is no size"],
    [block(huge), "tar: 9223372036854776000 is no size"],
    [block((bytes) => bytes.write("77777777777", 124)), "unexpected EOF"],
    [block((bytes) => bytes.fill(0xff, 108, 116)), "tar: -1 is no owner"],
    [block((bytes) => bytes.write("S", 156)), 'tar: entries of the kind "S" or sparse ones are not supported (f)'],
    [pax({ "GNU.sparse.major": "1" }), 'tar: entries of the kind "0" or sparse ones are not supported (f)'],
    [pax({ size: "-5" }), "tar: -5 is no size"],
    [pax({ size: "many" }), 'tar: "many" is no size'],
    [pax({ uid: "" }), 'tar: "" is no owner'],
    [pax({ gid: "1.5" }), "tar: 1.5 is no group"],
    [pax({ mtime: "Infinity" }), 'tar: "Infinity" is no time'],
    [pax({ path: "a\0/../../canary/new" }), 'tar: there is a zero byte in the name "a\\u0000/../../canary/new"'],
    [pax({ linkpath: "a\0b" }), 'tar: there is a zero byte in the name "a\\u0000b"'],
    [pax({ path: "a/".repeat(1 << 20) }), `tar: a name of 2097152 bytes is too long (${"a/".repeat(20)}…)`],
    [pax({ comment: "x".repeat(1 << 20) }, 9), /^tar: an extended header of 8\d{6} bytes is too long$/],
  ] as const) {
    for (const unpack of both) {
      const into = join(dir, `into-${unpacked++}`);
      mkdirSync(into);
      const said = await unpack(Readable.from([tar]), into, []).then(
        () => "unpacked",
        (error: Error) => error.message,
      );
      if (typeof refusal === "string") assert.is(said, refusal);
      else assert.match(said, refusal);
      assert.is(said === "unexpected EOF" || !existsSync(join(into, "f")), true, said);
    }
  }
});

archives("of a few bytes that becomes many is read piece by piece", async () => {
  const size = 256 << 20;
  const header = tarOf({ path: "bomb", type: "file", size }).subarray(0, 512);
  async function* bomb() {
    yield header;
    for (let written = 0; written < size; written += 1 << 20) yield Buffer.alloc(1 << 20);
    yield END_OF_TAR;
  }
  const before = process.memoryUsage().rss;
  let most = before;
  let seen = 0;
  const plain = Readable.from(bomb(), { objectMode: false })
    .pipe(createGzip({ level: 1 }))
    .pipe(createGunzip());
  for await (const { header: found, content } of readTar(plain)) {
    assert.equal(found, makeHeader({ path: "bomb", type: "file", size }));
    for await (const chunk of content) {
      seen += chunk.length;
      most = Math.max(most, process.memoryUsage().rss);
    }
  }
  assert.is(seen, size);
  assert.ok(most - before < 200 << 20, `grew by ${(most - before) >> 20} MiB`);
});

archives.run();
