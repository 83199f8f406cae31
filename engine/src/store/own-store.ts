import { realpathSync, type Stats, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { errorCode } from "./paths.ts";

/** Which folder it is, whatever name leads to it: also through links and bind mounts. */
export interface FolderMark {
  readonly dev: number;
  readonly ino: number;
}

/** @returns undefined when nothing is there that this process may see */
export function markOf(folder: string): FolderMark | undefined {
  try {
    return statSync(folder);
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "EACCES"].includes(errorCode(error) ?? "")) return undefined;
    throw error;
  }
}

export function isMarked(stat: Stats | FolderMark | undefined, mark: FolderMark | undefined): boolean {
  return stat !== undefined && mark !== undefined && stat.dev === mark.dev && stat.ino === mark.ino;
}

/** What of a store is a person's as well: modules as their repositories have them, which are read as folders of the machine. */
const READABLE = join("modules", "/");

/**
 * Whether a path of this machine leads to a store or to what the engine keeps in it.
 *
 * @param path absolute, links resolved
 */
export function isOfStore(path: string, storeDir: string): boolean {
  const mark = markOf(storeDir);
  for (let at = path; mark !== undefined; at = dirname(at)) {
    if (isMarked(markOf(at), mark)) return !join(relative(at, path), "/").startsWith(READABLE);
    if (at === dirname(at)) return false;
  }
  return false;
}

/** Whether a folder of this machine is a store or one that a store lies below, whatever name leads to it. */
export function holdsStore(folder: string, storeDir: string): boolean {
  const mark = markOf(folder);
  for (let at = realpathSync(storeDir); mark !== undefined; at = dirname(at)) {
    if (isMarked(markOf(at), mark)) return true;
    if (at === dirname(at)) return false;
  }
  return false;
}
