import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { listMounts } from "./mounts.ts";
import { isAtOrBelow } from "./paths.ts";

/** Where processes of the engine mount what is theirs. */
const OWN_MOUNTS = /^(?:run|scratch)\//;

/**
 * Refuses a store with a part on another disk, by a mount or a link. What is ready gets its place by a new name, which works within
 * one mount alone; and a session has a mount of its own over the whole store, below which others do not show.
 *
 * @param storeDir which is there
 * @throws Error that names the parts
 */
export function refusePartsElsewhere(storeDir: string, mountinfo = readFileSync("/proc/self/mountinfo", "utf8")): void {
  const parts = [...new Set([...mountedParts(storeDir, mountinfo), ...linkedParts(storeDir)])].sort();
  if (parts.length === 0) return;
  const named = parts.map((path) => join(storeDir, path)).join(", ");
  const are = parts.length === 1 ? "is" : "are";
  throw new Error(
    `the store ${storeDir} has to be on one disk, but ${named} ${are} on another\n  to do: remove the mount or the link, or set SLIPWAY_STORE to a folder that is on the larger disk as a whole`,
  );
}

function mountedParts(storeDir: string, mountinfo: string): readonly string[] {
  const store = realpathSync(storeDir);
  return listMounts(mountinfo).flatMap(({ point }) => {
    const path = relative(store, point);
    return point !== store && isAtOrBelow(point, store) && !OWN_MOUNTS.test(path) ? [path] : [];
  });
}

/** A link to a folder of the same disk does no harm. */
function linkedParts(storeDir: string): readonly string[] {
  const { dev } = statSync(storeDir);
  return readdirSync(storeDir, { withFileTypes: true })
    .filter((entry) => entry.isSymbolicLink())
    .map(({ name }) => name)
    .filter((name) => (statSync(join(storeDir, name), { throwIfNoEntry: false })?.dev ?? dev) !== dev);
}
