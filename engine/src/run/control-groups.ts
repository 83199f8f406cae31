import { accessSync, constants, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { readSize } from "../store/size-text.ts";
import { startTimeOf } from "./run-host.ts";

/** What all containers of an engine, and each of them, may use at most. */
export interface Bounds {
  /** Memory of all containers together, in bytes. */
  readonly memoryBytes: number;
  /** Processes and threads of one container. */
  readonly processes: number;
}

/** The group of one container. */
export interface ContainerGroup {
  /** Command in front of another one so that it runs in the group. */
  readonly enter: readonly string[];
  /** Whether the kernel ended something in it because there was no memory left. */
  ranOutOfMemory(): boolean;
  /** Takes it away once nothing runs in it any more. */
  remove(): Promise<void>;
}

const controllers = ["memory", "pids", "devices"] as const;
type Controller = (typeof controllers)[number];

/** Docker's devices: making any is allowed, opening only these. */
const deviceRules = [
  "c *:* m",
  "b *:* m",
  ...["1:3", "1:5", "1:7", "1:8", "1:9", "5:0", "5:1", "5:2", "136:*"].map((number) => `c ${number} rwm`),
];

const removeTries = 50;
const removeAgainMs = 4;

/**
 * The kernel's control groups in the layout of version 1, as far as this user may make some. One group of the engine has what its
 * containers have together, and the device rules; below it each container has its own.
 */
export class ControlGroups {
  readonly #groups: ReadonlyMap<Controller, string>;
  readonly #bounds: Bounds;

  private constructor(groups: ReadonlyMap<Controller, string>, bounds: Bounds) {
    this.#groups = groups;
    this.#bounds = bounds;
  }

  /**
   * @param root where the controllers are mounted, one folder each
   * @param name of the engine's group, unlike that of any other process
   * @returns nothing where groups cannot be made
   */
  static open(root: string, name: string, bounds: Bounds): ControlGroups | undefined {
    const own = ownGroups(readFileSync("/proc/self/cgroup", "utf8"));
    const groups = new Map<Controller, string>();
    try {
      for (const controller of controllers) {
        const above = join(root, controller, own.get(controller) ?? "/no group");
        accessSync(join(above, "cgroup.procs"), constants.W_OK);
        sweep(above);
        groups.set(controller, join(above, name));
        mkdirSync(join(above, name));
      }
      write(groups, "memory", "memory.limit_in_bytes", String(bounds.memoryBytes));
      write(groups, "devices", "devices.deny", "a");
      for (const rule of deviceRules) write(groups, "devices", "devices.allow", rule);
    } catch {
      for (const group of groups.values()) removeQuietly(group);
      return undefined;
    }
    return new ControlGroups(groups, bounds);
  }

  /** @param id of the container, unlike that of any other one of the engine */
  add(id: string): ContainerGroup {
    const own = new Map(["memory", "pids"].map((name) => [name, join(this.#groups.get(name as Controller) ?? "", id)]));
    for (const group of own.values()) mkdirSync(group);
    write(own, "pids", "pids.max", String(this.#bounds.processes));
    const files = [...own.values(), this.#groups.get("devices") ?? ""].map((group) => join(group, "cgroup.procs"));
    const script = 'echo 0 > "$1" && echo 0 > "$2" && echo 0 > "$3" && shift 3 && exec "$@"';
    return {
      enter: ["sh", "-c", script, "sh", ...files],
      ranOutOfMemory: () => {
        const control = readFileSync(join(own.get("memory") ?? "", "memory.oom_control"), "utf8");
        return Number(/^oom_kill (\d+)$/m.exec(control)?.[1] ?? 0) > 0;
      },
      remove: async () => {
        for (const group of own.values()) await removeEmpty(group);
      },
    };
  }

  /** Takes the engine's groups away, when all containers are gone. */
  close(): void {
    for (const group of this.#groups.values()) removeTree(group);
  }
}

/** What a person set, or nine tenths of the machine's memory and as many processes as large builds need. */
export function boundsOf(env: Readonly<Record<string, string | undefined>>): Bounds {
  return {
    memoryBytes: sizeOf("SLIPWAY_MEMORY", env["SLIPWAY_MEMORY"]) ?? Math.floor(totalmem() * 0.9),
    processes: countOf("SLIPWAY_PROCESSES", env["SLIPWAY_PROCESSES"]) ?? 8192,
  };
}

function sizeOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const bytes = readSize(text);
  if (bytes === undefined) throw new Error(`${name} is ${JSON.stringify(text)}: write a size such as 512m or 8g`);
  return bytes;
}

function countOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  if (!/^[1-9]\d{0,6}$/.test(text))
    throw new Error(`${name} is ${JSON.stringify(text)}: write a number of processes such as 4096`);
  return Number(text);
}

/** The groups in which this process is, by controller: `4:memory:/a/b`. */
function ownGroups(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split("\n").flatMap((line) => {
      const [, names = "", path = ""] = line.split(":");
      return names.split(",").map((name) => [name, path] as const);
    }),
  );
}

function write(groups: ReadonlyMap<string, string>, controller: string, file: string, text: string): void {
  writeFileSync(join(groups.get(controller) ?? "", file), text);
}

/** Groups of engines that were killed. */
function sweep(above: string): void {
  for (const name of readdirSync(above)) {
    const [, pid, startTime] = /^slipway-(\d+)-(\d+)$/.exec(name) ?? [];
    if (pid !== undefined && startTimeOf(Number(pid)) !== startTime) removeTree(join(above, name));
  }
}

function removeTree(group: string): void {
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

/** The kernel lets go of a group a moment after its last process has ended. */
async function removeEmpty(group: string): Promise<void> {
  for (let tries = 0; tries < removeTries; tries += 1) {
    try {
      return rmdirSync(group);
    } catch {
      await delay(removeAgainMs);
    }
  }
}
