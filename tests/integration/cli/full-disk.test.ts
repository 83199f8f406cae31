import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { makeBusyboxRoot } from "../../support/busybox-root.ts";
import { runSlipway } from "../../support/run-slipway.ts";
import { writeModule } from "../../support/served-module.ts";
import { SmallDisk } from "../../support/small-disk.ts";

/** Each writes more than there is room for. */
const FILLING = `
import { Container, dag, Directory, File, func, object } from "@dagger.io/dagger";

@object()
export class Filling {
  private box(root: Directory): Container { return dag.container().withRootfs(root); }
  @func() async exec(root: Directory): Promise<string> {
    return await this.box(root).withExec(["sh", "-c", "head -c 40000000 /dev/zero > /f && echo written"]).stdout();
  }
  @func() async silent(root: Directory): Promise<string> {
    return await this.box(root).withExec(["sh", "-c", "head -c 40000000 /dev/zero > /f 2>/dev/null && echo written"]).stdout();
  }
  @func() async cache(root: Directory): Promise<string> {
    const box = this.box(root).withMountedCache("/c", dag.cacheVolume("c"));
    return await box.withExec(["sh", "-c", "head -c 40000000 /dev/zero > /c/f && echo written"]).stdout();
  }
  @func() async redirect(root: Directory): Promise<number> {
    const args = ["head", "-c", "40000000", "/dev/zero"];
    return await this.box(root).withExec(args, { redirectStdout: "/out" }).file("/out").size();
  }
  @func() async tarball(root: Directory): Promise<string> {
    const box = this.box(root).withExec(["sh", "-c", "head -c 12000000 /dev/urandom > /f"]);
    return (await box.asTarball().size()) > 12000000 ? "packed" : "not packed";
  }
  @func() async filled(root: Directory, files: Directory): Promise<string> {
    const box = this.box(root).withMountedCache("/c", dag.cacheVolume("filled"), { source: files });
    return await box.withExec(["sh", "-c", "test -s /c/f && echo filled"]).stdout();
  }
  @func() async imported(files: Directory): Promise<number> { return (await files.entries()).length; }
  @func() exported(): Directory { return dag.directory().withNewFile("f", "x".repeat(20_000_000)); }
}
`;

const full = suite("a disk that becomes full in the middle of");
let [dir, root, files] = ["", "", ""];
let disk: SmallDisk;
let server: Server;

full.before(async () => {
  dir = mkdtempSync(join(tmpdir(), "slipway-full-"));
  [root, files] = [join(dir, "root"), join(dir, "files")];
  writeModule(join(dir, "filling"), "filling", FILLING);
  makeBusyboxRoot(root, ["sh", "head", "test"]);
  mkdirSync(files);
  writeFileSync(join(files, "f"), Buffer.alloc(40_000_000, "x"));
  server = createServer((_request, response) => response.end(Buffer.alloc(40_000_000, "x")));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  disk = new SmallDisk(join(dir, "disk"));
  const { exitCode, stderr } = await slipway("functions");
  assert.is(exitCode, 0, stderr);
});
full.after(() => {
  server.close();
  disk.close();
  rmSync(dir, { recursive: true, force: true });
});

async function slipway(...args: readonly string[]) {
  const env = { SLIPWAY_STORE: disk.store, SLIPWAY_STORE_LIMIT: "none", NO_COLOR: "1", NO_PROXY: "127.0.0.1" };
  return await runSlipway(join(dir, "filling"), args, { env });
}

const MAKE_ROOM = "  to do: free some space there, or set SLIPWAY_STORE to a folder on another disk";
const rooted = () => ["--root", root];

for (const [what, call, said, result] of [
  ["an exec", () => ["exec", ...rooted()], /exit code: 1\n {2}the disk of \S+ is full \(.*\)\n/, "written\n"],
  [
    "an exec that says nothing",
    () => ["silent", ...rooted()],
    /exit code: 1\n {2}the disk of \S+ is full/,
    "written\n",
  ],
  ["a cache volume", () => ["cache", ...rooted()], /exit code: 1\n {2}the disk of \S+ is full/, "written\n"],
  [
    "a redirect",
    () => ["redirect", ...rooted()],
    // What the store still removes of the call before may make the disk full at another place.
    /(write redirect stdout file: write \/out: |the disk is full: .*)no space left on device/,
    "40000000",
  ],
  ["a tarball", () => ["tarball", ...rooted()], /the disk is full: .*no space left on device\n/, "packed"],
  ["a copy into the store", () => ["imported", "--files", files], /the disk is full: (?!\/proc)/, "1"],
  [
    "the copy of a cache volume's first files",
    () => ["filled", ...rooted(), "--files", files],
    /Error: (?!.*Command failed).*the disk is full: .*no space left on device\n/,
    "filled\n",
  ],
  ["an export", () => ["exported", "-o", join(dir, "disk/out")], /no space left on device\n/, `Saved to "`],
] as const) {
  full(`${what} is told, harms nothing, and the same works when there is room`, async () => {
    disk.leaveRoom(what === "a tarball" || what === "an export" ? 25 : 20);
    const failed = await slipway("call", ...call());
    assert.is.not(failed.exitCode, 0);
    assert.ok(said.test(failed.stderr), failed.stderr);
    if (what !== "a redirect") assert.ok(failed.stderr.includes(MAKE_ROOM), failed.stderr);
    assert.equal(disk.leftovers(), []);
    disk.makeRoom();
    const { exitCode, stdout, stderr } = await slipway("call", ...call());
    assert.is(exitCode, 0, stderr);
    assert.ok(stdout.includes(result) || stderr.includes(result), stdout + stderr);
    assert.equal(disk.leftovers(), []);
  });
}

full("a download is told, harms nothing, and the same works when there is room", async () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/f`;
  disk.leaveRoom(20);
  const failed = await slipway("core", "http", "--url", url, "size");
  assert.is.not(failed.exitCode, 0);
  assert.match(failed.stderr, `open /f: no space left on device\n${MAKE_ROOM}`);
  assert.equal(disk.leftovers(), []);
  disk.makeRoom();
  assert.is((await slipway("core", "http", "--url", url, "contents")).stdout.length, 40_000_000);
});

full("a disk without any room is freed by store prune, and told by store", async () => {
  disk.leaveRoom(0);
  const filler = openSync(join(disk.dir, "filler"), "w");
  assert.throws(() => {
    for (;;) writeSync(filler, Buffer.alloc(4096, "x"));
  }, /ENOSPC/);
  closeSync(filler);
  const told = await slipway("store");
  assert.is(told.exitCode, 0, told.stderr);
  const { exitCode, stdout, stderr } = await slipway("store", "prune", "--keep", "0");
  assert.is(exitCode, 0, stderr);
  assert.match(stdout, /^Freed \d/);
  assert.equal(disk.leftovers(), []);
  disk.makeRoom();
});

full.run();
