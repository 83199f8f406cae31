import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import type { Bounds } from "./bounds.ts";
import {
  type ContainerGroup,
  type ControlGroups,
  countIn,
  enterAll,
  isWritable,
  removeEmpty,
  removeTree,
  sweepGroups,
} from "./group-folder.ts";

/** Without these two there are no groups; the others are taken where they are there. */
const needed = ["memory", "pids"] as const;
type Controller = (typeof needed)[number] | "devices" | "cpu";

/** Docker's devices: making any is allowed, opening only these. */
const deviceRules = [
  "c *:* m",
  "b *:* m",
  ...["1:3", "1:5", "1:7", "1:8", "1:9", "5:0", "5:1", "5:2", "136:*"].map((number) => `c ${number} rwm`),
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
  const groups = new Map<Controller, string>();
  const make = (controller: Controller, files: readonly (readonly [string, string])[]): boolean => {
    const above = place.get(controller);
    if (above === undefined) return false;
    sweepGroups(above);
    const group = join(above, name);
    try {
      mkdirSync(group);
    } catch {
      return false;
    }
    try {
      for (const [file, text] of files) writeFileSync(join(group, file), text);
      groups.set(controller, group);
      return true;
    } catch {
      removeTree(group);
      return false;
    }
  };
  const isBound = make("memory", [["memory.limit_in_bytes", String(bounds.memoryBytes)]]) && make("pids", []);
  const [memory, pids] = [groups.get("memory"), groups.get("pids")];
  if (!isBound || memory === undefined || pids === undefined) {
    for (const group of groups.values()) removeTree(group);
    return undefined;
  }
  const rules = [["devices.deny", "a"], ...deviceRules.map((rule) => ["devices.allow", rule] as const)] as const;
  const hasDeviceRules = make("devices", rules as readonly (readonly [string, string])[]);
  make("cpu", [["cpu.shares", String(Math.min(mostWeight, weightOnCore * cpus().length))]]);
  const shared = [groups.get("devices"), groups.get("cpu")].filter((group) => group !== undefined);
  return {
    hasDeviceRules,
    add: (id) => addContainer({ memory: join(memory, id), pids: join(pids, id), shared }, bounds),
    isFull: () => Number(readFileSync(join(memory, "memory.failcnt"), "utf8")) > 0,
    close: () => {
      for (const group of groups.values()) removeTree(group);
    },
  };
}

function addContainer(
  { memory, pids, shared }: { readonly memory: string; readonly pids: string; readonly shared: readonly string[] },
  { processes }: Bounds,
): ContainerGroup {
  for (const group of [memory, pids]) mkdirSync(group);
  writeFileSync(join(pids, "pids.max"), String(processes));
  return {
    enter: enterAll([memory, pids, ...shared]),
    endedForMemory: () => countIn(join(memory, "memory.oom_control"), "oom_kill"),
    remove: async () => {
      for (const group of [memory, pids]) await removeEmpty(group);
    },
  };
}
