import { posix } from "node:path";

/** A path that starts at a folder; an absolute one stays as it is written. */
export function joinPath(folder: string, path: string): string {
  const parent = folder.startsWith("/") ? folder : posix.join("/", folder);
  if (path === "") return parent;
  if (path.startsWith("/")) return path;
  const joined = posix.join(parent, path);
  return joined.length > 1 ? joined.replace(/\/$/, "") : joined;
}
