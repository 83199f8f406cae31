import { readFileSync, realpathSync } from "node:fs";
import { join, relative } from "node:path";
import { listMounts } from "./mounts.ts";
import { isAtOrBelow } from "./paths.ts";

/** Where processes of the engine mount what is theirs. */
const OWN_MOUNTS = /^(?:run|scratch)\//;

/**
 * Refuses a store with a part on another mount. What is ready gets its place by a new name, which works within one mount alone; and
 * a session has a mount of its own over the whole store, below which others do not show.
 *
 * @param storeDir which is there
 * @throws Error that names the parts
 */
export function refuseMountedParts(storeDir: string, mountinfo = readFileSync("/proc/self/mountinfo", "utf8")): void {
  const store = realpathSync(storeDir);
  const below = listMounts(mountinfo).flatMap(({ point }) =>
    point !== store && isAtOrBelow(point, store) ? [relative(store, point)] : [],
  );
  const parts = [...new Set(below.filter((path) => !OWN_MOUNTS.test(path)))].sort();
  if (parts.length === 0) return;
  const named = parts.map((path) => join(storeDir, path)).join(", ");
  const [is, mounts] = parts.length === 1 ? ["is", "a mount"] : ["are", "mounts"];
  throw new Error(
    `the store ${storeDir} has to lie on one disk, and ${named} ${is} ${mounts} of another\n  to do: unmount ${parts.length === 1 ? "it" : "them"}, or set SLIPWAY_STORE to a folder that lies on the larger disk as a whole`,
  );
}
