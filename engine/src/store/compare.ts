import { lstatSync, readlinkSync, type Stats } from "node:fs";
import { join } from "node:path";
import { fileDigest } from "./content.ts";
import { copyContents } from "./copy.ts";
import type { GivenMetadata } from "./copy-entries.ts";
import { walkTree } from "./tree-walk.ts";

/** Paths relative to both trees; folders end with a slash. In order of names. */
export interface TreeDifference {
  readonly added: readonly string[];
  /** Files and links alone: a folder is there or not. */
  readonly modified: readonly string[];
  /** Of a folder that is gone only the folder, not what was in it. */
  readonly removed: readonly string[];
}

/**
 * Compares what two folders hold: types, contents, targets of links, and of modes whether a file can be executed. Other
 * modes, times and owners do not count, as they do not for git.
 */
export function compareTrees(before: string, after: string): TreeDifference {
  const added: string[] = [];
  const modified: string[] = [];
  for (const entry of walkTree(after)) {
    const old = lookAt(join(before, entry.path));
    const shown = entry.stat.isDirectory() ? `${entry.path}/` : entry.path;
    if (old === undefined || old.isDirectory() !== entry.stat.isDirectory()) added.push(shown);
    else if (!entry.stat.isDirectory() && !isSame(join(before, entry.path), old, entry.place, entry.stat))
      modified.push(shown);
  }
  const removed: string[] = [];
  for (const entry of walkTree(before)) {
    if (removed.some((path) => path.endsWith("/") && entry.path.startsWith(path))) continue;
    const now = lookAt(join(after, entry.path));
    if (now !== undefined && now.isDirectory() === entry.stat.isDirectory()) continue;
    removed.push(entry.stat.isDirectory() ? `${entry.path}/` : entry.path);
  }
  return { added, modified, removed };
}

function lookAt(place: string): Stats | undefined {
  try {
    return lstatSync(place, { throwIfNoEntry: false });
  } catch (error) {
    // Below what is a file in this tree.
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return undefined;
    throw error;
  }
}

function isSame(before: string, old: Stats, after: string, now: Stats): boolean {
  if (kindOf(old) !== kindOf(now) || old.size !== now.size) return false;
  if (now.isSymbolicLink()) return readlinkSync(before) === readlinkSync(after);
  if (!now.isFile()) return old.rdev === now.rdev;
  const isSameFile = old.ino === now.ino && old.ctimeMs === now.ctimeMs && isUntouched(old, now);
  return isSameFile || fileDigest(before) === fileDigest(after);
}

const [TYPE_BITS, EXECUTE_BITS] = [0o170000, 0o111];

/** The type of an entry, and whether it can be executed. */
function kindOf({ mode }: Stats): string {
  return `${mode & TYPE_BITS} ${(mode & TYPE_BITS) === 0o100000 && (mode & EXECUTE_BITS) !== 0}`;
}

/** Whether it was not written since, as far as its times tell. */
function isUntouched(old: Stats, now: Stats): boolean {
  // A copy keeps the time of a file only to a part of a microsecond.
  return Math.abs(old.mtimeMs - now.mtimeMs) < 0.001 && old.size === now.size;
}

/**
 * Copies what is new or other in `after` to `into`: what the real engine's `Directory.diff` holds. A file that was made
 * anew counts as other even when it has the same content.
 */
export async function copyDifference(before: string, after: string, into: string): Promise<void> {
  const paths: string[] = [];
  for (const entry of walkTree(after)) {
    const old = lookAt(join(before, entry.path));
    const now = entry.stat;
    const isKept =
      old !== undefined &&
      old.mode === now.mode &&
      old.uid === now.uid &&
      old.gid === now.gid &&
      (now.isDirectory() || (isUntouched(old, now) && isSame(join(before, entry.path), old, entry.place, now)));
    if (!isKept) paths.push(entry.path);
  }
  await copyPaths(after, into, paths);
}

/** Copies some paths of a tree, and the folders that lead to them; of a folder among them not what is in it. */
export async function copyPaths(
  from: string,
  into: string,
  paths: readonly string[],
  given: GivenMetadata = {},
): Promise<void> {
  const wanted = new Set(paths.map((path) => path.replace(/\/$/, "")));
  const filter = {
    start: undefined,
    judge: (path: string) => ({ taken: wanted.has(path), descend: true, state: undefined }),
  };
  await copyContents(from, into, given, filter);
}
