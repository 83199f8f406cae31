import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { OpenSession } from "../../../engine/src/cli/open-session.ts";
import { RunSandbox } from "../../support/run-sandbox.ts";
import { openTestSession } from "../../support/test-session.ts";

const devices = suite("devices in a container");
let sandbox: RunSandbox;

devices.before(() => {
  sandbox = new RunSandbox();
});
devices.after(() => sandbox.close());

devices("the devices are Docker's, and /dev/core is none of them", async () => {
  const names = "fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero";
  const { stdout } = await sandbox.run(["sh", "-c", "echo $(ls /dev)"]);
  assert.is(stdout, `${names}\n`);
  const asked =
    "for file in null zero full random urandom tty; do test -c /dev/$file || echo no $file; done; head -c 2 /dev/zero | wc -c; echo x > /dev/null && echo written";
  assert.is((await sandbox.run(["sh", "-c", asked])).stdout, "2\nwritten\n");
});

devices("a link at /dev, /proc or /sys of an image leads the runtime nowhere", async () => {
  const outside = join(sandbox.dir, "outside");
  mkdirSync(outside);
  for (const name of ["dev", "proc", "sys"]) {
    const rootDir = join(sandbox.dir, `linked-${name}`);
    spawnSync("cp", ["-a", sandbox.rootDir, rootDir]);
    rmSync(join(rootDir, name), { recursive: true, force: true });
    // The folder is there in the root too, so that what is mounted finds its place.
    mkdirSync(join(rootDir, outside), { recursive: true });
    symlinkSync(outside, join(rootDir, name));
    const failing = await sandbox.run(["true"], { rootDir }).then(String, (error: Error) => error.message);
    assert.is(
      failing,
      `the container could not be started: /${name} in its root is a symbolic link; it has to be a folder`,
    );
  }
  assert.equal(readdirSync(outside), []);
});

devices("every place that a container can write to opens no device", async () => {
  const source = join(sandbox.dir, "bound");
  mkdirSync(source);
  const mounts = [
    { destination: "/bound", kind: "bind", source },
    { destination: "/memory", kind: "tmpfs" },
  ] as const;
  const { stdout } = await sandbox.run(["cat", "/proc/self/mountinfo"], { mounts });
  const open = stdout
    .trim()
    .split("\n")
    .map((line) => line.split(" "))
    .filter((fields) => !/(^|,)(nodev|ro)(,|$)/.test(fields[5] ?? ""))
    .map((fields) => fields[4]);
  // The root of this test is a plain folder; that of a session lies in the store. In /dev are the container's own devices.
  assert.equal(
    open.filter((place) => place !== "/" && !/^\/dev(\/[a-z]+)?$/.test(place ?? "")),
    [],
  );
});

devices("a device file that an image brings opens nothing, neither for the engine nor for a container", async () => {
  const storeDir = mkdtempSync(join(tmpdir(), "slipway-devices-"));
  const open = await openTestSession({ workdir: storeDir, storeDir });
  try {
    await lookAtBroughtDevices(open);
  } finally {
    await open.close();
    rmSync(storeDir, { recursive: true, force: true });
  }
});

/** `zero` stands for all of them: it can be read by everybody, where a disk needs a right. */
async function lookAtBroughtDevices({ session }: OpenSession): Promise<void> {
  let made = true;
  const one = await session.store.change({ layers: [] }, async (root) => {
    spawnSync("cp", ["-a", `${sandbox.rootDir}/.`, root]);
    made = spawnSync("mknod", ["-m", "666", join(root, "zero"), "c", "1", "5"]).status === 0;
  });
  if (!made) return console.log("NOT NEEDED: this user cannot make a device file at all");
  const two = await session.store.change(one, async (root) => mkdirSync(join(root, "more")));
  for (const snapshot of [one, two]) {
    const path = join(await session.store.view(snapshot), "zero");
    assert.throws(() => readFileSync(path), /EACCES/);
    const layer = await session.store.open(snapshot);
    const { stdout, stderr } = await sandbox.run(["head", "-c", "1", "/zero"], { rootDir: layer.root });
    await layer.discard();
    assert.is(`${stdout}${stderr}`, "head: /zero: Permission denied\n");
  }
  return undefined;
}

devices.run();
