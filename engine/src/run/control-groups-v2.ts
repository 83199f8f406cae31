import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Bounds } from "./bounds.ts";
import {
  type ControlGroups,
  countIn,
  isWritable,
  listsOf,
  removeEmpty,
  removeTree,
  removeWhole,
  sweepGroups,
} from "./group-folder.ts";
import { parentOf } from "./run-host.ts";

const needed = ["memory", "pids"];

/** The group into which go the processes of one that has to be empty for its controllers to count below it. */
const emptied = "slipway-callers";

/** A group in which an engine can make its own. */
export interface PlaceV2 {
  readonly group: string;
  /** Its controllers have to be handed down first, which the kernel allows when no process is in it. */
  readonly isToBeHandedDown: boolean;
}

/**
 * Where this user may make groups of version 2: the nearest group above that hands memory and processes down already, as those of
 * systemd do; else this process's own group, when nothing is in it but the programs that this one has come from or has started.
 *
 * @returns what is missing, where that is nowhere
 */
export function findPlaceV2(root: string, own: ReadonlyMap<string, string>): PlaceV2 | { readonly problem: string } {
  const path = own.get("");
  if (path === undefined || !existsSync(join(root, "cgroup.controllers")))
    return { problem: "there are no control groups of version 2, and this user may make none of version 1" };
  const mine = path === "/" ? root : join(root, path);
  if (!hasControllers(mine, "cgroup.controllers"))
    return { problem: `the control group ${path} has not been given the controllers memory and pids` };
  for (let group = mine; ; group = dirname(group)) {
    if (isWritable(group) && hasControllers(group, "cgroup.subtree_control")) return { group, isToBeHandedDown: false };
    if (group === root || group === "/") break;
  }
  if (!isWritable(mine)) return { problem: `this user may not make control groups below ${path}` };
  // The first group of the machine may hand down what it has, whatever runs in it.
  const isFirst = mine === root && !existsSync(join(mine, "cgroup.type"));
  if (!isFirst && !processesOf(mine).every(isOfOurs))
    return { problem: `other programs are in the control group ${path} too` };
  return { group: mine, isToBeHandedDown: true };
}

/** See `openControlGroups`: all controllers of version 2 are in one tree. */
export function openGroupsV2(
  root: string,
  name: string,
  own: ReadonlyMap<string, string>,
  bounds: Bounds,
): ControlGroups | string {
  const place = findPlaceV2(root, own);
  if ("problem" in place) return place.problem;
  const engine = join(place.group, name);
  try {
    if (place.isToBeHandedDown) handDown(place.group);
    sweepGroups(place.group);
    mkdirSync(engine);
    writeFileSync(join(engine, "memory.max"), String(bounds.memoryBytes));
    writeFileSync(join(engine, "cgroup.subtree_control"), "+memory +pids");
  } catch (error) {
    removeTree(engine);
    const reason = (error as Error).message.replaceAll(root, "/sys/fs/cgroup");
    return `the kernel refuses control groups here: ${reason}`;
  }
  return {
    hasDeviceRules: false,
    add: (id) => {
      const group = join(engine, id);
      mkdirSync(group);
      writeFileSync(join(group, "pids.max"), String(bounds.processes));
      return {
        lists: listsOf([group]),
        endedForMemory: () => countIn(join(group, "memory.events"), "oom_kill"),
        remove: async () => await removeEmpty(group),
      };
    },
    isFull: () => countIn(join(engine, "memory.events"), "oom") > 0,
    close: () => removeWhole(engine),
  };
}

function handDown(group: string): void {
  const processes = processesOf(group);
  if (existsSync(join(group, "cgroup.type"))) {
    mkdirSync(join(group, emptied), { recursive: true });
    for (const pid of processes) writeFileSync(join(group, emptied, "cgroup.procs"), pid);
  }
  writeFileSync(join(group, "cgroup.subtree_control"), "+memory +pids");
}

function hasControllers(group: string, file: string): boolean {
  try {
    const there = readFileSync(join(group, file), "utf8").trim().split(" ");
    return needed.every((controller) => there.includes(controller));
  } catch {
    return false;
  }
}

function processesOf(group: string): readonly string[] {
  return readFileSync(join(group, "cgroup.procs"), "utf8")
    .split("\n")
    .filter((pid) => pid !== "");
}

/** Whether a process is this one, has started it, or was started by it. */
function isOfOurs(pid: string): boolean {
  const self = String(process.pid);
  return lineAbove(pid).includes(self) || lineAbove(self).includes(pid);
}

/** The process itself and those above it, as far as they can be seen. */
function lineAbove(pid: string): readonly string[] {
  const above: string[] = [];
  for (let one: string | undefined = pid; one !== undefined && one !== "0"; one = parentOf(Number(one)))
    above.push(one);
  return above;
}
