import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { inUserNamespace } from "../../../engine/src/store/overlay.ts";
import { RunSandbox } from "../../support/run-sandbox.ts";

const bounds = suite("what containers use up");
let sandbox: RunSandbox;

/** Groups of the older layout that this user may make. */
const hasGroups =
  !inUserNamespace &&
  ["memory", "pids", "devices"].every((name) => {
    try {
      accessSync(`/sys/fs/cgroup/${name}/cgroup.procs`, constants.W_OK);
      return true;
    } catch {
      return false;
    }
  });

bounds.before(() => {
  sandbox = new RunSandbox({ memoryBytes: 64 << 20, processes: 40 });
});
bounds.after(() => sandbox.close());

bounds("a container that starts itself again and again ends with an error, and the next one runs", async () => {
  if (!hasGroups) return console.log("NOT TESTED: this user may not make control groups of the older layout");
  const bomb = "n=0; while [ $n -lt 200 ]; do sleep 5 & n=$((n+1)); done; echo all were started";
  const { code, stdout, stderr } = await sandbox.run(["sh", "-c", bomb]);
  assert.is.not(code, 0);
  assert.is(stdout, "");
  assert.match(stderr, /can't fork: Resource temporarily unavailable/);
  assert.is((await sandbox.run(["echo", "next"])).stdout, "next\n");
  return undefined;
});

bounds("what takes too much memory is ended, told as that, and the next container runs", async () => {
  if (!hasGroups) return console.log("NOT TESTED: this user may not make control groups of the older layout");
  const { code, outOfMemory } = await sandbox.run(["awk", 'BEGIN { s = "x"; while (1) s = s s }']);
  assert.equal({ code, outOfMemory }, { code: 137, outOfMemory: true });
  assert.equal(await sandbox.run(["echo", "next"]), { code: 0, stdout: "next\n", stderr: "" });
  return undefined;
});

bounds("a device file may be made then, as with Docker, and opens nothing", async () => {
  if (!hasGroups) return console.log("NOT TESTED: this user may not make control groups of the older layout");
  const attack = "mknod /dev/loop b 7 0 && mknod /dev/mem c 1 1 && echo made; head -c 1 /dev/loop; head -c 1 /dev/mem";
  const { stdout, stderr } = await sandbox.run(["sh", "-c", attack]);
  assert.is(stdout, "made\n");
  assert.is(stderr, "head: /dev/loop: Operation not permitted\nhead: /dev/mem: Operation not permitted\n");
  return undefined;
});

bounds("the groups of a container are gone when it has ended", async () => {
  if (!hasGroups) return console.log("NOT TESTED: this user may not make control groups of the older layout");
  await sandbox.run(["true"]);
  const name = `slipway-${process.pid}-`;
  const own =
    readdirSync("/proc/self/root/sys/fs/cgroup").length === 0 ? `${sandbox.host.dir}/groups` : "/sys/fs/cgroup";
  const engine = readdirSync(`${own}/pids`).find((group) => group.startsWith(name)) ?? "no group";
  assert.equal(
    readdirSync(`${own}/pids/${engine}`, { withFileTypes: true }).filter((entry) => entry.isDirectory()),
    [],
  );
  assert.ok(existsSync(`${own}/pids/${engine}/pids.max`));
  return undefined;
});

bounds.run();
