import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type CommandResult, runCommand } from "../../cluster/command.ts";
import { makeBusyboxRoot } from "../../support/busybox-root.ts";
import { asOrdinaryUser } from "../../support/ordinary-user.ts";
import { writeModule } from "../../support/served-module.ts";
import { SmallDisk } from "../../support/small-disk.ts";

const SLIPWAY = resolve(import.meta.dirname, "../../../slipway");

/** Each prints another text whenever it really runs. */
const SOURCE = `
import { type Container, dag, type Directory, func, object, type Secret } from "@dagger.io/dagger";
@object() export class Probe {
  private box(root: Directory): Container { return dag.container().withRootfs(root); }
  /** Also removes a file of the layer below, hides a folder, and changes the root itself. */
  @func({ cache: "never" }) async step(root: Directory): Promise<string> {
    const made = this.box(root)
      .withExec(["sh", "-c", "mkdir -p /d/e && echo old > /d/e/f && echo x > /gone && ln -s /d/e /link && chown 7:8 /d/e/f && chmod 4755 /d/e/f && ln /d/e/f /d/hard"])
      .withExec(["sh", "-c", "rm /gone && rm -r /d/e && mkdir /d/e && echo new > /d/e/g && chmod 0751 / && cat /proc/sys/kernel/random/uuid > /stamp && cat /stamp"]);
    const rest = "ls -ld / | cut -c1-10; ls -ln /d /d/e | awk '{ print $1, $2, $3, $4, $9, $10, $11 }'; readlink /link; ls /gone 2>&1 || true";
    return (await made.stdout()) + (await made.withExec(["sh", "-c", rest]).stdout());
  }
  @func({ cache: "never" }) async volume(root: Directory, told: string): Promise<string> {
    return await this.box(root).withMountedCache("/c", dag.cacheVolume("c")).withEnvVariable("TOLD", told)
      .withExec(["sh", "-c", "cat /c/* 2>/dev/null; echo $TOLD >> /c/f"]).stdout();
  }
  @func({ cache: "never" }) async secret(root: Directory, token: Secret): Promise<string> {
    return await this.box(root).withSecretVariable("TOKEN", token).withMountedCache("/c", dag.cacheVolume("s"))
      .withExec(["sh", "-c", "echo $TOKEN > /kept; echo $TOKEN > /c/f; cat /proc/sys/kernel/random/uuid"]).stdout();
  }
}`;

const packing = suite("a store that is packed");

let dir = "";
let root = "";

packing.before(() => {
  dir = mkdtempSync(join(tmpdir(), "slipway-pack-"));
  // Also for the ordinary user of one of the tests.
  chmodSync(dir, 0o755);
  root = join(dir, "root");
  writeModule(join(dir, "probe"), "probe", SOURCE);
  makeBusyboxRoot(root, ["sh", "cat", "ls", "rm", "mkdir", "ln", "chown", "chmod", "awk", "cut", "readlink"]);
});

packing.after(() => rmSync(dir, { recursive: true, force: true }));

async function slipway(store: string, words: readonly string[], as: readonly string[] = []): Promise<CommandResult> {
  const env = { NO_COLOR: "1", SLIPWAY_STORE: join(dir, store), TOKEN: "of-nobody-else-4711" };
  return await runCommand([...as, SLIPWAY, ...words], { cwd: join(dir, "probe"), env });
}

async function ok(store: string, ...words: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await slipway(store, words);
  assert.is(exitCode, 0, stderr);
  return stdout;
}

function tarNames(file: string): string[] {
  return execFileSync("tar", ["--list", `--file=${join(dir, file)}`], { encoding: "utf8" })
    .trim()
    .split("\n");
}

const step = ["call", "step", `--root=../root`];

packing("is warm on another machine: a step does not run again, and its files are the same", async () => {
  const first = await ok("one", ...step);
  assert.match(first, /^[0-9a-f-]{36}\ndrwxr-x--x\n/);
  assert.match(
    await ok("one", "store", "pack", "../warm.tar"),
    /^Packed .* into \.\.\/warm\.tar: \d+ layers, \d+ results/,
  );
  assert.match(await ok("two", "store", "unpack", "../warm.tar"), /^Unpacked \.\.\/warm\.tar: \d+ layers, \d+ results/);
  assert.is(await ok("two", ...step), first);
  assert.match(
    await ok("two", "store", "unpack", "../warm.tar"),
    /: 0 layers, 0 results, 0 images, 0 cache volumes; \d+ were there already\.$/m,
  );
});

packing("carries cache volumes, and nothing of a command that knew a secret", async () => {
  await ok("volumes", "call", "volume", "--root=../root", "--told=first");
  await ok("volumes", "call", "secret", "--root=../root", "--token=env:TOKEN");
  const said = await ok("volumes", "store", "pack", "../volumes.tar");
  assert.match(said, /1 cache volume\.\nLeft out because a command made it that knew a secret: [1-9]\d*\.\n$/);
  assert.not.ok(readFileSync(join(dir, "volumes.tar")).includes("of-nobody-else-4711"), "the secret is in the pack");
  const names = tarNames("volumes.tar");
  assert.equal(
    names.filter((name) => !/^(pack\.json|contents|(layers|results|images|blobs|volumes)\/.*)$/.test(name)),
    [],
  );
  await ok("volumes-taken", "store", "unpack", "../volumes.tar");
  assert.is(await ok("volumes-taken", "call", "volume", "--root=../root", "--told=second"), "first\n");
});

packing("is no larger than was asked for, and has what was used last", async () => {
  const most = 2 * 2 ** 20;
  await ok("one", "store", "pack", "../small.tar", "--keep", "2m");
  assert.ok(statSync(join(dir, "small.tar")).size <= most);
  const { exitCode, stderr } = await slipway("one", ["store", "pack", "../none.tar", "--keep", "0"]);
  assert.is(exitCode, 1);
  assert.match(stderr, /nothing fits into 0 bytes\n {2}to do: allow a larger pack, with --keep/);
  assert.equal(
    readdirSync(dir).filter((name) => name.includes("none")),
    [],
  );
});

packing("is the same for an ordinary user, and root does not take it", async () => {
  const as = asOrdinaryUser(dir);
  const run = async (store: string, ...words: readonly string[]) => {
    const done = await slipway(store, words, as);
    assert.is(done.exitCode, 0, done.stderr);
    return done.stdout;
  };
  const first = await run("home/one", ...step);
  await run("home/one", "store", "pack", "../home/warm.tar");
  await run("home/two", "store", "unpack", "../home/warm.tar");
  assert.is(await run("home/two", ...step), first);
  if (as.length === 0) return;
  const { exitCode, stderr } = await slipway("two", ["store", "unpack", "../home/warm.tar"]);
  assert.is(exitCode, 1);
  assert.match(stderr, /is not unpacked: it was packed by an ordinary user, and this is root\n/);
});

packing("leaves the store as it was when the disk is full", async () => {
  const disk = new SmallDisk(join(dir, "disk"));
  try {
    disk.leaveRoom(1);
    const { exitCode, stderr } = await slipway("disk/store", ["store", "unpack", "../warm.tar"]);
    assert.is(exitCode, 1);
    assert.match(stderr, /full|no space left/i, stderr);
    assert.equal([disk.leftovers(), readdirSync(join(disk.store, "layers"))], [[], []]);
    disk.makeRoom();
    await ok("disk/store", "store", "unpack", "../warm.tar");
  } finally {
    disk.close();
  }
});

packing("is told when the disk of the file is full, and leaves nothing there", async () => {
  await ok("one", "call", "step", "--root", root);
  const disk = new SmallDisk(join(dir, "for-packs"), 1);
  try {
    const file = join(disk.dir, "one.tar");
    const { exitCode, stderr } = await slipway("one", ["store", "pack", file]);
    assert.is(exitCode, 1);
    assert.is(
      stderr,
      `Error: ${file} cannot be written: no space left on device\n  to do: free some space there, or name a file on another disk\n`,
    );
    assert.equal(readdirSync(disk.dir), []);
  } finally {
    disk.close();
  }
});

packing("is named by what can use it and by the content of files", async () => {
  writeFileSync(join(dir, "probe", "lock"), "one");
  const plain = (await ok("one", "store", "key")).trim();
  assert.match(plain, /^slipway-1-x64-(root|user)-[0-9a-f]{12}$/);
  const before = (await ok("one", "store", "key", "lock")).trim();
  assert.is(before.slice(0, plain.length + 1), `${plain}-`);
  writeFileSync(join(dir, "probe", "lock"), "two");
  assert.is.not((await ok("one", "store", "key", "lock")).trim(), before);
});

packing.run();
