import { lstatSync, readdirSync, rmdirSync, rmSync, utimesSync } from "node:fs";
import { dirname } from "node:path";
import { locateInRoot } from "./root-path.ts";

/**
 * Remembers which mount points (and the folders above them) are not there yet, and gives a function that takes away what the
 * runtime made for them, if it is still empty: a mount leaves no trace in the image. Dates of the folders above stay.
 */
export function watchMountStubs(rootDir: string, destinations: readonly string[]): () => void {
  const missing = new Set<string>();
  for (const destination of destinations) {
    let path = locateInRoot(rootDir, destination)?.hostPath;
    while (path?.startsWith(`${rootDir}/`) && !exists(path)) {
      missing.add(path);
      path = dirname(path);
    }
  }
  // Deepest first, so that a folder is empty when its turn comes.
  const paths = [...missing].sort((a, b) => b.length - a.length);
  return () => {
    for (const path of paths) removeIfEmpty(path);
  };
}

function exists(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

function removeIfEmpty(path: string): void {
  if (!exists(path)) return;
  const stats = lstatSync(path);
  if (stats.isSymbolicLink()) return;
  if (stats.isDirectory() ? readdirSync(path).length > 0 : stats.size > 0) return;
  const parent = dirname(path);
  const { atime, mtime } = lstatSync(parent);
  if (stats.isDirectory()) rmdirSync(path);
  else rmSync(path);
  utimesSync(parent, atime, mtime);
}
