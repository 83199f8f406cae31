import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A control group that bounds the memory of what runs in it, as a container's does. */
export interface MemoryLimit {
  /** Starts a program inside: put before its command. */
  readonly prefix: readonly string[];
  /** Most that was used at once, in bytes; with the caches of files that the kernel would give back. */
  readonly peakBytes: () => number;
  /** Nothing may run inside any more. */
  readonly remove: () => void;
}

/** Makes a control group (of either version); `undefined` where this user may not. */
export function limitMemory(name: string, bytes: number): MemoryLimit | undefined {
  const v1 = "/sys/fs/cgroup/memory";
  const [root, limit, peak] = existsSync(v1)
    ? [v1, "memory.limit_in_bytes", "memory.max_usage_in_bytes"]
    : ["/sys/fs/cgroup", "memory.max", "memory.peak"];
  const group = join(root, name);
  try {
    mkdirSync(group);
    writeFileSync(join(group, limit), String(bytes));
    // Swap would hide that it is too much.
    if (root !== v1) writeFileSync(join(group, "memory.swap.max"), "0");
  } catch {
    if (existsSync(group)) rmdirSync(group);
    return undefined;
  }
  return {
    prefix: ["sh", "-c", `echo $$ > ${join(group, "cgroup.procs")} && exec "$@"`, "sh"],
    peakBytes: () => Number(readFileSync(join(group, peak), "utf8")),
    remove: () => rmdirSync(group),
  };
}
