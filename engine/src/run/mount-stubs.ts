import { readdirSync, rmdirSync, unlinkSync, utimesSync } from "node:fs";
import { dirname } from "node:path";
import { lookInside, type Spot, TooManyLinks, useInside, useSpot } from "../store/inside.ts";
import { PathError } from "../store/paths.ts";
import { locateInRoot } from "./root-path.ts";

/**
 * Remembers which mount points (and the folders above them) are not there yet, and gives a function that takes away what the
 * runtime made for them, if it is still empty: a mount leaves no trace in the image. Dates of the folders above stay.
 */
export function watchMountStubs(rootDir: string, destinations: readonly string[]): () => void {
  const missing = new Set<string>();
  for (const destination of destinations) {
    let path = locateInRoot(rootDir, destination)?.containerPath ?? "/";
    while (path !== "/" && lookInside(rootDir, path, { followLast: false }) === undefined) {
      missing.add(path);
      path = dirname(path);
    }
  }
  // Deepest first, so that a folder is empty when its turn comes.
  const paths = [...missing].sort((a, b) => b.length - a.length);
  return () => {
    for (const path of paths) removeIfEmpty(rootDir, path);
  };
}

/** The process may have put links in the place of what was made: then the path leads nowhere that was made. */
function removeIfEmpty(rootDir: string, path: string): void {
  try {
    useSpot(rootDir, path, { followLast: false }, removeStub);
  } catch (error) {
    if (!(error instanceof PathError || error instanceof TooManyLinks)) throw error;
  }
}

function removeStub({ folder, place, present }: Spot): void {
  if (present === undefined || present.stat.isSymbolicLink()) return;
  const isFolder = present.stat.isDirectory();
  if (isFolder ? readdirSync(present.place).length > 0 : present.stat.size > 0) return;
  const { atime, mtime } = useInside(folder, "/", { followLast: true }, ({ stat }) => stat);
  if (isFolder) rmdirSync(place);
  else unlinkSync(place);
  utimesSync(folder, atime, mtime);
}
