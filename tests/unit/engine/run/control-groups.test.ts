import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openGroupsV1 } from "../../../../engine/src/run/control-groups-v1.ts";
import { findPlaceV2, openGroupsV2 } from "../../../../engine/src/run/control-groups-v2.ts";
import { ownGroups, sweepGroups } from "../../../../engine/src/run/group-folder.ts";
import { startTimeOf } from "../../../../engine/src/run/run-host.ts";

const groups = suite("control groups");
let root = "";
const own = new Map([["", "/user/session"]]);
const bounds = { memoryBytes: 1 << 30, processes: 50, openFiles: 100 };
/** No process has this number. */
const foreign = "4194305";

groups.before.each(() => {
  root = mkdtempSync(join(tmpdir(), "slipway-groups-"));
});
groups.after.each(() => rmSync(root, { recursive: true, force: true }));

/** Files of the kernel as they are in a group of version 2. */
function makeGroup(path: string, files: { controllers: string; handedDown: string; processes?: string }): void {
  const group = join(root, path);
  mkdirSync(group, { recursive: true });
  writeFileSync(join(group, "cgroup.controllers"), `${files.controllers}\n`);
  writeFileSync(join(group, "cgroup.subtree_control"), `${files.handedDown}\n`);
  writeFileSync(join(group, "cgroup.procs"), files.processes ?? "");
  if (path !== "/") writeFileSync(join(group, "cgroup.type"), "domain\n");
}

groups("of a process are read in both layouts, also with a colon in the path", () => {
  assert.equal(
    [...ownGroups("4:memory:/a\n3:cpu,cpuacct:/b:c\n1:name=systemd:/d\n0::/e\n")],
    [
      ["memory", "/a"],
      ["cpu", "/b:c"],
      ["cpuacct", "/b:c"],
      ["name=systemd", "/d"],
      ["", "/e"],
    ],
  );
});

groups("are made in the nearest group above that hands memory and processes down", () => {
  const controllers = "cpu memory pids";
  makeGroup("/", { controllers, handedDown: "memory pids" });
  makeGroup("/user", { controllers, handedDown: "memory pids" });
  makeGroup("/user/session", { controllers, handedDown: "", processes: `${foreign}\n` });
  assert.equal(findPlaceV2(root, own), { group: join(root, "user"), isToBeHandedDown: false });
  const made = openGroupsV2(root, "slipway-1-1-0", own, bounds);
  if (typeof made === "string") throw new Error(made);
  const engine = join(root, "user/slipway-1-1-0");
  assert.is(readFileSync(join(engine, "memory.max"), "utf8"), "1073741824");
  assert.is(readFileSync(join(engine, "cgroup.subtree_control"), "utf8"), "+memory +pids");
  const container = made.add("c1");
  assert.is(readFileSync(join(engine, "c1/pids.max"), "utf8"), "50");
  assert.equal(container.lists, [join(engine, "c1/cgroup.procs")]);
  writeFileSync(join(engine, "c1/memory.events"), "low 0\nhigh 0\nmax 4\noom 1\noom_kill 2\noom_group_kill 0\n");
  assert.equal([container.endedForMemory(), made.isFull()], [2, false]);
  writeFileSync(join(engine, "memory.events"), "low 0\nhigh 0\nmax 4\noom 1\noom_kill 2\noom_group_kill 0\n");
  assert.ok(made.isFull());
});

groups("are made in the own group when nothing but this process and its family is in it", () => {
  makeGroup("/", { controllers: "cpu memory pids", handedDown: "cpu" });
  const processes = `${process.ppid}\n${process.pid}\n`;
  makeGroup("/user/session", { controllers: "memory pids", handedDown: "", processes });
  const mine = join(root, "user/session");
  assert.equal(findPlaceV2(root, own), { group: mine, isToBeHandedDown: true });
  openGroupsV2(root, "slipway-1-1-0", own, bounds);
  assert.is(readFileSync(join(mine, "cgroup.subtree_control"), "utf8"), "+memory +pids");
  assert.is(readFileSync(join(mine, "slipway-callers/cgroup.procs"), "utf8"), String(process.pid));
  assert.ok(existsSync(join(mine, "slipway-1-1-0/memory.max")));
});

groups("are made in the first group of a machine, whatever runs in it", () => {
  makeGroup("/", { controllers: "cpu memory pids", handedDown: "", processes: `${foreign}\n` });
  assert.equal(findPlaceV2(root, new Map([["", "/"]])), { group: root, isToBeHandedDown: true });
  openGroupsV2(root, "slipway-1-1-0", new Map([["", "/"]]), bounds);
  assert.is(readFileSync(join(root, "cgroup.subtree_control"), "utf8"), "+memory +pids");
  assert.not(existsSync(join(root, "slipway-callers")));
  assert.ok(existsSync(join(root, "slipway-1-1-0/memory.max")));
});

groups("cannot be made, and the reason is told", () => {
  const problem = () => findPlaceV2(root, own);
  assert.equal(problem(), {
    problem: "there are no control groups of version 2, and this user may make none of version 1",
  });
  makeGroup("/", { controllers: "cpu", handedDown: "cpu" });
  makeGroup("/user/session", { controllers: "cpu", handedDown: "" });
  assert.equal(problem(), {
    problem: "the control group /user/session has not been given the controllers memory and pids",
  });
  makeGroup("/user/session", { controllers: "memory pids", handedDown: "", processes: `${process.pid}\n${foreign}\n` });
  assert.equal(problem(), { problem: "other programs are in the control group /user/session too" });
  rmSync(join(root, "user/session/cgroup.procs"));
  assert.equal(problem(), { problem: "this user may not make control groups below /user/session" });
});

/** Each controller of version 1 has a tree of its own. */
function makeTrees(...controllers: readonly string[]): ReadonlyMap<string, string> {
  for (const controller of controllers) {
    mkdirSync(join(root, controller, "job"), { recursive: true });
    writeFileSync(join(root, controller, "job/cgroup.procs"), "");
  }
  return new Map(controllers.map((controller) => [controller, "/job"]));
}

groups("of version 1 bound memory of all containers, and processes of each, and its devices", () => {
  const made = openGroupsV1(root, "slipway-1-1-0", makeTrees("memory", "pids", "devices", "cpu"), bounds);
  if (made === undefined) throw new Error("none were made");
  const file = (path: string) => readFileSync(join(root, path), "utf8");
  assert.is(file("memory/job/slipway-1-1-0/memory.limit_in_bytes"), "1073741824");
  assert.is(file("devices/job/slipway-1-1-0/devices.deny"), "a");
  assert.is(file("cpu/job/slipway-1-1-0/cpu.shares"), String(Math.min(262_144, 4096 * cpus().length)));
  assert.ok(made.hasDeviceRules);
  const container = made.add("c1");
  assert.is(file("pids/job/slipway-1-1-0/c1/pids.max"), "50");
  assert.equal(
    container.lists.map((list) => list.slice(root.length)),
    [
      "/memory/job/slipway-1-1-0/c1/cgroup.procs",
      "/pids/job/slipway-1-1-0/c1/cgroup.procs",
      "/devices/job/slipway-1-1-0/cgroup.procs",
      "/cpu/job/slipway-1-1-0/cgroup.procs",
    ],
  );
  const ended = join(root, "memory/job/slipway-1-1-0/c1/memory.oom_control");
  writeFileSync(ended, "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n");
  const failed = join(root, "memory/job/slipway-1-1-0/memory.failcnt");
  writeFileSync(failed, "0\n");
  assert.equal([container.endedForMemory(), made.isFull()], [1, false]);
  writeFileSync(failed, "7\n");
  assert.ok(made.isFull());
});

groups("of version 1 are made without devices and cores where only memory and processes may be bound", () => {
  const made = openGroupsV1(root, "slipway-1-1-0", makeTrees("memory", "pids"), bounds);
  assert.equal([made?.hasDeviceRules, made?.add("c1").lists.length], [false, 2]);
  assert.is(openGroupsV1(root, "slipway-1-1-1", makeTrees("memory"), bounds), undefined);
});

groups("of engines that were killed are swept, those of engines that run stay", () => {
  const running = `slipway-${process.pid}-${startTimeOf(process.pid)}-0`;
  for (const name of [`${running}/c1`, "slipway-4194999-5-0/c1", "other"])
    mkdirSync(join(root, name), { recursive: true });
  sweepGroups(root);
  assert.equal(readdirSync(root).sort(), ["other", running].sort());
});

groups.run();
