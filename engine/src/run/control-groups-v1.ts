import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import type { Bounds } from "./bounds.ts";
import {
  type ContainerGroup,
  type ControlGroups,
  countIn,
  isWritable,
  listsOf,
  removeEmpty,
  removeTree,
  removeWhole,
  sweepGroups,
} from "./group-folder.ts";

/** Without these two there are no groups; the others are taken where they are there. */
const needed = ["memory", "pids"] as const;
type Controller = (typeof needed)[number] | "devices" | "cpu";

/** What is written into a group: files of it, each with its text. */
type Settings = readonly (readonly [file: string, text: string])[];

/** Docker's devices: making any is allowed, opening only these. */
const deviceRules: Settings = [
  ["devices.deny", "a"],
  ["devices.allow", "c *:* m"],
  ["devices.allow", "b *:* m"],
  ...["1:3", "1:5", "1:7", "1:8", "1:9", "5:0", "5:1", "5:2", "136:*"].map(
    (number) => ["devices.allow", `c ${number} rwm`] as const,
  ),
];

/** An engine weighs as much as this many busy programs on each core, however many it runs: two share the cores by halves. */
const weightOnCore = 4 * 1024;
const mostWeight = 262_144;

/** Where this user may make groups of version 1; undefined where that is nowhere. */
export function findPlaceV1(
  root: string,
  own: ReadonlyMap<string, string>,
): ReadonlyMap<Controller, string> | undefined {
  const place = new Map<Controller, string>();
  for (const controller of [...needed, "devices", "cpu"] as const) {
    const path = own.get(controller);
    if (path !== undefined && isWritable(join(root, controller, path)))
      place.set(controller, join(root, controller, path));
  }
  return needed.every((controller) => place.has(controller)) ? place : undefined;
}

/** See `openControlGroups`: each controller of version 1 has a tree of its own. */
export function openGroupsV1(
  root: string,
  name: string,
  own: ReadonlyMap<string, string>,
  bounds: Bounds,
): ControlGroups | undefined {
  const place = findPlaceV1(root, own);
  if (place === undefined) return undefined;
  const make = (controller: Controller, settings: Settings) => makeGroup(place.get(controller), name, settings);
  const memory = make("memory", [["memory.limit_in_bytes", String(bounds.memoryBytes)]]);
  if (memory === undefined) return undefined;
  const pids = make("pids", []);
  if (pids === undefined) {
    removeTree(memory);
    return undefined;
  }
  const devices = make("devices", deviceRules);
  const cpu = make("cpu", [["cpu.shares", String(Math.min(mostWeight, weightOnCore * cpus().length))]]);
  const shared = [devices, cpu].filter((group) => group !== undefined);
  return {
    hasDeviceRules: devices !== undefined,
    add: (id) => addContainer({ memory: join(memory, id), pids: join(pids, id), shared }, bounds),
    isFull: () => Number(readFileSync(join(memory, "memory.failcnt"), "utf8")) > 0,
    close: async () => {
      for (const group of [memory, pids, ...shared]) await removeWhole(group);
    },
  };
}

/** A new group; undefined where it cannot be made, or takes not all of its settings. */
function makeGroup(above: string | undefined, name: string, settings: Settings): string | undefined {
  if (above === undefined) return undefined;
  sweepGroups(above);
  const group = join(above, name);
  try {
    mkdirSync(group);
    for (const [file, text] of settings) writeFileSync(join(group, file), text);
    return group;
  } catch {
    removeTree(group);
    return undefined;
  }
}

function addContainer(
  { memory, pids, shared }: { readonly memory: string; readonly pids: string; readonly shared: readonly string[] },
  { processes }: Bounds,
): ContainerGroup {
  for (const group of [memory, pids]) mkdirSync(group);
  writeFileSync(join(pids, "pids.max"), String(processes));
  return {
    lists: listsOf([memory, pids, ...shared]),
    endedForMemory: () => countIn(join(memory, "memory.oom_control"), "oom_kill"),
    remove: async () => {
      for (const group of [memory, pids]) await removeEmpty(group);
    },
  };
}
