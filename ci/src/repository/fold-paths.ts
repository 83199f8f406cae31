/** So many patterns are quickly compared with every path of a repository. */
const FEW = 500;

/**
 * Paths as few patterns: as they are, or, when they are many, as the topmost folders in which nothing else is seen. Such a
 * folder stands for all that lies in it.
 */
export function foldPaths(paths: readonly string[], seen: readonly string[]): string[] {
  if (paths.length <= FEW) return [...paths];
  const folders = new Set(seen.flatMap(foldersAbove));
  return [...new Set(paths.map((path) => foldersAbove(path).find((folder) => !folders.has(folder)) ?? path))];
}

/** The topmost one first: `a/b/c` → `a`, `a/b` */
function foldersAbove(path: string): string[] {
  const parts = path.split("/");
  return parts.slice(1).map((_, at) => parts.slice(0, at + 1).join("/"));
}
