import { accessSync, constants, existsSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startTimeOf } from "./run-host.ts";

/** The group of one container. */
export interface ContainerGroup {
  /** Files into which a process writes its number to be in the group. */
  readonly lists: readonly string[];
  /** Processes of it that the kernel ended because there was no memory left. */
  endedForMemory(): number;
  /** Takes it away once nothing runs in it any more. */
  remove(): Promise<void>;
}

/** The control groups of one engine: one group has what its containers have together, below it each container has its own. */
export interface ControlGroups {
  /** Whether the kernel keeps containers from devices that are not theirs. */
  readonly hasDeviceRules: boolean;
  /** @param id of the container, unlike that of any other one of the engine */
  add(id: string): ContainerGroup;
  /** Whether all containers together have come to the end of the memory that they may have. */
  isFull(): boolean;
  /** Takes the engine's groups away, when all containers are gone. */
  close(): Promise<void>;
}

/** The groups in which this process is, by controller: `4:memory:/a/b`; that of version 2 has the name "". */
export function ownGroups(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split("\n").flatMap((line) => {
      const [, names = "", ...path] = line.split(":");
      return path.length === 0 ? [] : names.split(",").map((name) => [name, path.join(":")] as const);
    }),
  );
}

/** Whether this user may make groups in one, and put processes there. */
export function isWritable(group: string): boolean {
  try {
    for (const path of [group, join(group, "cgroup.procs")]) accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Takes away the groups of engines that were killed. */
export function sweepGroups(above: string): void {
  for (const name of readdirSync(above)) {
    const [, pid, startTime] = /^slipway-(\d+)-(\d+)-\d+$/.exec(name) ?? [];
    if (pid !== undefined && startTimeOf(Number(pid)) !== startTime) removeTree(join(above, name));
  }
}

/** Takes away a group and those in it, as far as nothing runs there. */
export function removeTree(group: string): void {
  try {
    for (const entry of readdirSync(group, { withFileTypes: true }))
      if (entry.isDirectory()) removeQuietly(join(group, entry.name));
  } catch {
    // It is gone already.
  }
  removeQuietly(group);
}

function removeQuietly(group: string): void {
  try {
    rmdirSync(group);
  } catch {
    // Something ends in it still; the next engine sweeps it.
  }
}

const removeTries = 50;
const removeAgainMs = 4;

/** Takes away a group in which no other is. The kernel lets go of it a moment after its last process has ended. */
export async function removeEmpty(group: string): Promise<void> {
  await removeSoon(group, removeQuietly);
}

/** Takes away a group and those in it; the last processes may still be ending. */
export async function removeWhole(group: string): Promise<void> {
  await removeSoon(group, removeTree);
}

async function removeSoon(group: string, remove: (group: string) => void): Promise<void> {
  for (let tries = 0; tries < removeTries; tries += 1) {
    remove(group);
    if (!existsSync(group)) return;
    await delay(removeAgainMs);
  }
}

/** The files into which a process writes its number to be in these control groups. */
export function listsOf(groups: readonly string[]): readonly string[] {
  return groups.map((group) => join(group, "cgroup.procs"));
}

/** A command in front of another one, which then writes its number into these files. */
export function enterAll(lists: readonly string[]): readonly string[] {
  if (lists.length === 0) return [];
  const writes = lists.map((_, index) => `echo 0 > "$${index + 1}"`).join(" && ");
  return ["sh", "-c", `${writes} && shift ${lists.length} && exec "$@"`, "sh", ...lists];
}

/** A number beside its name in a file of the kernel: `oom_kill 3`. */
export function countIn(path: string, name: string): number {
  try {
    const text = readFileSync(path, "utf8");
    return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1] ?? 0);
  } catch {
    return 0;
  }
}
