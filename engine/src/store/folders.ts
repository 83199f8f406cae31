import { chmodSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { unlessAbsent } from "./absent.ts";

/**
 * Makes a folder and those above it. Unlike Node's own it says why it could not (Node calls a read-only file system a path
 * that does not exist), and comes to an end below /proc, where folders cannot be made.
 *
 * @param mode of the folder itself, when it is made
 * @throws the system's error, with its code and the path that it is about
 */
export function makeFolders(path: string, mode?: number): void {
  try {
    mkdirSync(path, mode);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (isFolder(path)) return;
    if (code !== "ENOENT" || dirname(path) === path || isFolder(dirname(path))) throw error;
    makeFolders(dirname(path));
    makeFolder(path, mode);
  }
}

/**
 * Makes a folder for its owner alone, also one that is there already. What an image or a step has made lies below as it is: the
 * files that only some may read, and those that run as their owner, who may be root, whoever starts them.
 *
 * @throws the system's error; not for a file system that may only be read
 */
export function makePrivateFolder(path: string): void {
  makeFolders(path, 0o700);
  const { mode, uid } = statSync(path);
  if ((mode & 0o077) === 0 || uid !== process.geteuid?.()) return;
  try {
    chmodSync(path, mode & 0o7700);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EROFS") throw error;
  }
}

/** Somebody else may have made it in the meantime. */
function makeFolder(path: string, mode: number | undefined): void {
  try {
    mkdirSync(path, mode);
  } catch (error) {
    if (!isFolder(path)) throw error;
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/**
 * What lies in a folder; nothing when there is none.
 *
 * @throws the system's error when it cannot be read
 */
export function namesIn(dir: string): string[] {
  return unlessAbsent(dir, () => readdirSync(dir)) ?? [];
}

/** Removes a tree in which something may still be written while it goes: what failed beside it is what counts. */
export function removeTree(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}
