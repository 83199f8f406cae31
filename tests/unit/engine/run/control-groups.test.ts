import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findPlaceV2, openGroupsV2 } from "../../../../engine/src/run/control-groups-v2.ts";
import { ownGroups } from "../../../../engine/src/run/group-folder.ts";

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

groups.run();
