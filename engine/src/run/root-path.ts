import { lstatSync, readlinkSync, type Stats } from "node:fs";
import { posix } from "node:path";

/** Where a path of the container lies on the host. */
export interface Located {
  /** Path on the host of the file itself, all symbolic links followed. The last parts may not exist. */
  readonly hostPath: string;
  /** The same path as the container sees it. */
  readonly containerPath: string;
  readonly stats: Stats | undefined;
}

/** A folder or file of the host that is mounted over a place of the root. */
export interface BoundPlace {
  readonly destination: string;
  readonly source: string;
}

const maximumLinks = 255;

/**
 * Follows `path` as a process whose root is `rootDir` would: symbolic links, also absolute ones and `..`, never leave the root,
 * and a place covered by one of `binds` continues in its source. `undefined` when links go round in circles.
 */
export function locateInRoot(rootDir: string, path: string, binds: readonly BoundPlace[] = []): Located | undefined {
  const waiting = split(path);
  let done: string[] = [];
  let links = 0;
  for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
    if (part === "..") {
      done.pop();
      continue;
    }
    const here = [...done, part];
    const stats = statOf(toHost(rootDir, here, binds));
    if (stats?.isSymbolicLink() !== true) {
      done = here;
      continue;
    }
    links += 1;
    if (links > maximumLinks) return undefined;
    const target = readlinkSync(toHost(rootDir, here, binds));
    if (target.startsWith("/")) done = [];
    waiting.unshift(...split(target));
  }
  const hostPath = toHost(rootDir, done, binds);
  return { hostPath, containerPath: `/${done.join("/")}`, stats: statOf(hostPath) };
}

function split(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

function toHost(rootDir: string, parts: readonly string[], binds: readonly BoundPlace[]): string {
  const path = `/${parts.join("/")}`;
  // The mount made last lies on top.
  const bind = binds.findLast(({ destination }) => {
    const clean = posix.normalize(`/${destination}`).replace(/(.)\/$/, "$1");
    return path === clean || path.startsWith(clean === "/" ? "/" : `${clean}/`);
  });
  if (bind === undefined) return posix.join(rootDir, path);
  const clean = posix.normalize(`/${bind.destination}`).replace(/(.)\/$/, "$1");
  return posix.join(bind.source, path.slice(clean === "/" ? 0 : clean.length));
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}
