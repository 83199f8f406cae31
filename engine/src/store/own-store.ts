import { realpathSync, type Stats, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { errorCode, PathError } from "./paths.ts";

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

/** A place that is nothing of the machine's, but the engine's own: keys, what other commands have made, their sockets. */
export class OfStore extends PathError {
  constructor(operation: string, path: string) {
    super(operation, path, "ENOENT");
    this.message += ": it belongs to the engine's store (SLIPWAY_STORE), of which commands read nothing";
  }
}

/** What of a store is a person's as well: modules as their repositories have them, which are read as folders of the machine. */
const READABLE = join("modules", "/");

/**
 * Whether a path of this machine leads to a store or to what the engine keeps in it.
 *
 * @param path absolute, links resolved
 */
export function isOfStore(path: string, storeDir: string): boolean {
  const store = findAbove(path, markOf(storeDir));
  return store !== undefined && !join(relative(store, path), "/").startsWith(READABLE);
}

/** Whether a folder of this machine is a store or one that a store lies below, whatever name leads to it. */
export function holdsStore(folder: string, storeDir: string): boolean {
  return findAbove(realpathSync(storeDir), markOf(folder)) !== undefined;
}

/** The path itself or the nearest folder above that has the mark. */
function findAbove(path: string, mark: FolderMark | undefined): string | undefined {
  if (mark === undefined) return undefined;
  for (let at = path; ; at = dirname(at)) {
    if (isMarked(markOf(at), mark)) return at;
    if (at === dirname(at)) return undefined;
  }
}
