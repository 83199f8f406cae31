import { readSync, type Stats } from "node:fs";
import { type MountedOver, type SpotOptions, TooManyLinks, useSpot } from "../store/inside.ts";
import { useFile } from "../store/opened.ts";
import { cleanPath } from "../store/paths.ts";

/** Where a path of the container leads. */
export interface Located {
  /** All symbolic links followed, as the container sees it. The last parts may not exist. */
  readonly containerPath: string;
  readonly stats: Stats | undefined;
}

/** A folder or file of the host that is mounted over a place of the root. */
export interface BoundPlace {
  readonly destination: string;
  readonly source: string;
}

/**
 * Follows `path` as a process whose root is `rootDir` would: symbolic links, also absolute ones and `..`, never leave the root,
 * and a place covered by one of `binds` continues in its source. `undefined` when links go round in circles.
 */
export function locateInRoot(rootDir: string, path: string, binds: readonly BoundPlace[] = []): Located | undefined {
  return locate(rootDir, path, binds, ({ path: containerPath, present }) => ({ containerPath, stats: present?.stat }));
}

/** The first bytes of a file of the container, as Latin-1; `undefined` when there is none, or it cannot be read: no permission. */
export function readStart(
  rootDir: string,
  path: string,
  binds: readonly BoundPlace[],
  bytes: number,
): string | undefined {
  return locate(rootDir, path, binds, ({ present }) => {
    if (present === undefined) return undefined;
    try {
      return useFile(present, (fd) => {
        const start = Buffer.alloc(bytes);
        return start.toString("latin1", 0, readSync(fd, start, 0, bytes, 0));
      });
    } catch {
      // A file that the engine itself may not read: the kernel will say what it thinks of it.
      return undefined;
    }
  });
}

function locate<T>(
  rootDir: string,
  path: string,
  binds: readonly BoundPlace[],
  use: Parameters<typeof useSpot<T>>[3],
): T | undefined {
  const options: SpotOptions = { followLast: true, keepsMissing: true, keepsBelowFiles: true, over: mountsOver(binds) };
  try {
    return useSpot(rootDir, path, options, use);
  } catch (error) {
    if (error instanceof TooManyLinks) return undefined;
    throw error;
  }
}

function mountsOver(binds: readonly BoundPlace[]): MountedOver {
  const places = binds.map(({ destination, source }) => ({
    place: cleanPath(destination),
    source,
  }));
  return {
    // The mount made last lies on top.
    at: (path) => places.findLast(({ place }) => place === path)?.source,
    below: (path) => places.some(({ place }) => place.startsWith(`${path}/`)),
  };
}
