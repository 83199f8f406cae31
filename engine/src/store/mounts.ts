import { readFileSync, realpathSync } from "node:fs";
import { isAtOrBelow } from "./paths.ts";

/** A mount, as far as it counts for what is made in it. */
export interface Mount {
  readonly point: string;
  readonly options: readonly string[];
  /** Of the file system: `ext4`, `overlay`, `nfs4`. */
  readonly type: string;
}

/** The mount on which a folder lies; undefined where the system does not say. */
export function mountOf(folder: string): Mount | undefined {
  try {
    return findMount(readFileSync("/proc/self/mountinfo", "utf8"), realpathSync(folder));
  } catch {
    return undefined;
  }
}

/**
 * The mount on which a folder lies, by what proc_pid_mountinfo(5) says.
 *
 * @param folder without symbolic links
 */
export function findMount(mountinfo: string, folder: string): Mount | undefined {
  let found: Mount | undefined;
  for (const mount of listMounts(mountinfo)) {
    if (!isAtOrBelow(folder, mount.point)) continue;
    // Of two at one place the later one is on top.
    if (found === undefined || mount.point.length >= found.point.length) found = mount;
  }
  return found;
}

/** All mounts, in the order in which they were made. */
export function listMounts(mountinfo: string): readonly Mount[] {
  return mountinfo.split("\n").flatMap((line) => {
    const [mounted = "", made = ""] = line.split(" - ");
    const [, , , , place = "", options = ""] = mounted.split(" ");
    const point = place.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));
    return point === "" ? [] : [{ point, options: options.split(","), type: made.split(" ")[0] ?? "" }];
  });
}
