import { dirname } from "node:path/posix";
import { foldersUp } from "./outline.ts";

/** So many patterns are quickly compared with every path of a repository. */
const FEW = 500;

/**
 * Paths as few patterns: as they are, or, when they are many, as the topmost folders in which nothing else is seen. Such a
 * folder stands for all that lies in it.
 */
export function foldPaths(paths: readonly string[], seen: readonly string[]): string[] {
  if (paths.length <= FEW) return [...paths];
  const folders = new Set([".", ...seen.flatMap((path) => foldersUp(dirname(path)))]);
  return [...new Set(paths.map((path) => foldersUp(dirname(path)).findLast((one) => !folders.has(one)) ?? path))];
}
