import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { RunningContainer } from "../../../engine/src/run/container.ts";
import { findGroupsProblem } from "../../../engine/src/run/control-groups.ts";
import { ownGroups } from "../../../engine/src/run/group-folder.ts";
import { RunSandbox, waitUntil } from "../../support/run-sandbox.ts";

const bounds = suite("what containers use up");
const other = suite("what containers of two engines use up");
let sandbox: RunSandbox;

/** Asked before a container runs: then the machine's control groups are hidden from us. */
const problem = findGroupsProblem();
/** Device rules are of the older layout, and cores are shared by it. */
const isOlderLayout = problem === undefined && readdirSync("/sys/fs/cgroup").includes("memory");

bounds.before(() => {
  // Without groups the bound is that of all processes and threads of the user, those of this test run too.
  const processes = problem === undefined ? 40 : 400;
  sandbox = new RunSandbox({ memoryBytes: 64 << 20, processes, openFiles: 64 });
});
bounds.after(() => sandbox.close());

bounds("a container that starts itself again and again ends with an error, and the next one runs", async () => {
  if (problem !== undefined) return console.log(`NOT TESTED: ${problem}`);
  const bomb = "n=0; while [ $n -lt 200 ]; do sleep 5 & n=$((n+1)); done; echo all were started";
  const { code, stdout, stderr } = await sandbox.run(["sh", "-c", bomb]);
  assert.is.not(code, 0);
  assert.is(stdout, "");
  assert.match(stderr, /can't fork: Resource temporarily unavailable/);
  assert.is((await sandbox.run(["echo", "next"])).stdout, "next\n");
  return undefined;
});

bounds("a process that opens file after file comes to an end of them", async () => {
  const opening = 'n=3; while [ $n -lt 200 ]; do eval "exec $n</etc/passwd" || break; n=$((n+1)); done; echo $n';
  const { stdout, stderr } = await sandbox.run(["sh", "-c", `ulimit -n; ulimit -Hn; ${opening}`]);
  assert.match(stderr, "Too many open files");
  assert.is(stdout, "64\n64\n");
  const raised = await sandbox.run(["sh", "-c", "ulimit -n 4096"]);
  assert.match(raised.stderr, "Operation not permitted");
});

bounds("what takes too much memory is ended, told as that, and the next container runs", async () => {
  if (problem !== undefined) return console.log(`NOT TESTED: ${problem}`);
  const { code, outOfMemory } = await sandbox.run(["awk", 'BEGIN { s = "x"; while (1) s = s s }']);
  assert.equal({ code, outOfMemory }, { code: 137, outOfMemory: "containers" });
  assert.equal(await sandbox.run(["echo", "next"]), { code: 0, stdout: "next\n", stderr: "" });
  return undefined;
});

bounds("files in memory count as memory of the container that writes them", async () => {
  if (problem !== undefined) return console.log(`NOT TESTED: ${problem}`);
  const mounts = [{ destination: "/memory", kind: "tmpfs" }] as const;
  const { code, outOfMemory } = await sandbox.run(["sh", "-c", "exec cat /dev/zero > /memory/full"], { mounts });
  assert.equal({ code, outOfMemory }, { code: 137, outOfMemory: "containers" });
  assert.equal(await sandbox.run(["echo", "next"]), { code: 0, stdout: "next\n", stderr: "" });
  return undefined;
});

bounds("an end that has nothing to do with memory is not told as that", async () => {
  assert.equal(await sandbox.run(["sh", "-c", "kill -9 $$"]), { code: 137, stdout: "", stderr: "" });
  assert.equal(await sandbox.run(["sh", "-c", "exit 137"]), { code: 137, stdout: "", stderr: "" });
});

bounds("a device file may be made then, as with Docker, and opens nothing", async () => {
  if (!isOlderLayout) return console.log("NOT TESTED: device rules are of the older layout of control groups");
  const attack = "mknod /dev/loop b 7 0 && mknod /dev/mem c 1 1 && echo made; head -c 1 /dev/loop; head -c 1 /dev/mem";
  const { stdout, stderr } = await sandbox.run(["sh", "-c", attack]);
  assert.is(stdout, "made\n");
  assert.is(stderr, "head: /dev/loop: Operation not permitted\nhead: /dev/mem: Operation not permitted\n");
  return undefined;
});

/** The folder whose name begins so, there or as far below as systemd's groups of a person are. */
function findFolder(folder: string, name: string, depth = 4): string | undefined {
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const found = folders.find((entry) => entry.name.startsWith(name));
  if (found !== undefined) return join(folder, found.name);
  if (depth === 0) return undefined;
  return folders
    .map((entry) => findFolder(join(folder, entry.name), name, depth - 1))
    .find((path) => path !== undefined);
}

bounds("the groups of a container are gone when it has ended", async () => {
  if (problem !== undefined) return console.log(`NOT TESTED: ${problem}`);
  await sandbox.run(["true"]);
  const top = join(sandbox.host.dir, "groups");
  const own = ownGroups(readFileSync("/proc/self/cgroup", "utf8"));
  const above = isOlderLayout ? join(top, "pids", own.get("pids") ?? "") : top;
  const engine = findFolder(above, `slipway-${process.pid}-`) ?? "no group";
  const there = readdirSync(engine, { withFileTypes: true });
  assert.ok(there.some((entry) => entry.name === "pids.max"));
  assert.equal(
    there.filter((entry) => entry.isDirectory()),
    [],
  );
  return undefined;
});

/** Ticks of a core that the processes of a control group have had. */
function ticksOf(group: string): number {
  const stats = readFileSync(join(group, "cgroup.procs"), "utf8").trim().split("\n");
  return stats.reduce((sum, pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return sum + Number(fields[11]) + Number(fields[12]);
  }, 0);
}

other("a session with many busy containers leaves one with a single one half of a core", async () => {
  if (!isOlderLayout) return console.log("NOT TESTED: an engine weighs what its group weighs in the older layout only");
  const [one, many] = [new RunSandbox(), new RunSandbox()];
  try {
    for (const each of [one, many]) await each.run(["true"]);
    const cpu = join(one.host.dir, "groups/cpu", ownGroups(readFileSync("/proc/self/cgroup", "utf8")).get("cpu") ?? "");
    const mine = readdirSync(cpu).filter((name) => name.startsWith(`slipway-${process.pid}-`));
    const groups = mine.sort((a, b) => Number(a.split("-").at(-1)) - Number(b.split("-").at(-1))).slice(-2);
    const loop = ["busybox", "taskset", "1", "busybox", "timeout", "20", "sh", "-c", "echo; while :; do :; done"];
    const containers = await Promise.all([one, many, many, many, many, many, many].map((each) => start(each, loop)));
    const used = () => groups.map((group) => ticksOf(join(cpu, group)));
    const before = used();
    const since = () => used().map((ticks, place) => ticks - (before[place] ?? 0));
    await waitUntil("a second of the core was used", async () => since().reduce((a, b) => a + b) > 100);
    const [single = 0, together = 0] = since();
    for (const container of containers) container.kill("SIGKILL");
    await Promise.all(containers.map(({ exit }) => exit));
    const share = single / (single + together);
    assert.ok(share > 0.35 && share < 0.65, `${single} ticks for one container, ${together} for six together`);
  } finally {
    await one.close();
    await many.close();
  }
  return undefined;
});

/** Starts a container and waits until it has said something. */
async function start(sandbox: RunSandbox, args: readonly string[]): Promise<RunningContainer> {
  const container = await sandbox.runtime.startContainer(sandbox.spec(args, await sandbox.network.lease("client")));
  await once(container.stdout, "data");
  return container;
}

bounds.run();
other.run();
