import {
  chmodSync,
  lchownSync,
  lstatSync,
  lutimesSync,
  readdirSync,
  rmSync,
  type Stats,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { makeParents } from "./copy.ts";
import { cleanPath, errorCode, PathError, pathError, resolveInsideSync } from "./paths.ts";
import { hasWildcards, matchesName } from "./patterns.ts";
import { walkTreePolitely } from "./tree-walk.ts";
import type { Owner } from "./users.ts";

const MODE_BITS = 0o7777;

/**
 * Writes a file as `Directory.withNewFile` does: through links, and 0755 for folders that have to be made.
 * Bits beyond `rwxrwxrwx` are dropped.
 *
 * @throws PathError
 */
export function writeFileInto(
  root: string,
  path: string,
  contents: string | Buffer,
  mode: number,
  owner?: Owner,
): void {
  const clean = cleanPath(path);
  try {
    const place = resolveInsideSync(root, clean, { followLast: true });
    makeParents(root, place);
    writeFileSync(place, contents);
    chmodSync(place, mode & 0o777);
    if (owner !== undefined) lchownSync(place, owner.uid, owner.gid);
  } catch (error) {
    if (errorCode(error) === "ENAMETOOLONG") {
      throw new Error("File name length exceeds the maximum supported 255 characters");
    }
    throw pathError("open", clean, error);
  }
}

/**
 * Makes a folder and those above it, all with the same mode; folders that exist keep theirs.
 *
 * @throws PathError
 */
export function makeDirectoryInto(root: string, path: string, mode: number, owner?: Owner): void {
  const clean = cleanPath(path);
  try {
    const place = resolveInsideSync(root, clean, { followLast: true });
    const stat = lstatSync(place, { throwIfNoEntry: false });
    if (stat?.isDirectory()) return;
    if (stat !== undefined) throw new PathError("mkdir", clean, "ENOTDIR");
    makeParents(root, join(place, "x"), mode & 0o777);
    if (owner !== undefined) lchownSync(place, owner.uid, owner.gid);
  } catch (error) {
    throw pathError("mkdir", clean, error);
  }
}

/** Removes what is there: a tree, a file, a link itself. A pattern (Go's `filepath.Match`) removes all that it matches. */
export function removeInto(root: string, path: string): void {
  const clean = cleanPath(path);
  if (clean === "/") {
    for (const name of readdirSync(root)) rmSync(join(root, name), { recursive: true, force: true });
    return;
  }
  for (const match of hasWildcards(clean) ? expandPattern(root, clean) : [clean]) removeOne(root, match);
}

function removeOne(root: string, path: string): void {
  try {
    const folder = resolveInsideSync(root, dirname(path), { followLast: true });
    rmSync(join(folder, basename(path)), { recursive: true, force: true });
  } catch (error) {
    if (errorCode(error) !== "ENOTDIR") throw error;
  }
}

function expandPattern(root: string, path: string): readonly string[] {
  let found: readonly string[] = [""];
  for (const part of path.split("/").slice(1)) {
    found = found.flatMap((folder) =>
      namesIn(root, folder)
        .filter((name) => matchesName(part, name))
        .map((name) => `${folder}/${name}`),
    );
  }
  return found;
}

function namesIn(root: string, folder: string): readonly string[] {
  try {
    return readdirSync(resolveInsideSync(root, folder, { followLast: true }));
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(errorCode(error) ?? "")) return [];
    throw error;
  }
}

/**
 * Makes a symbolic link; its target is taken as it is.
 *
 * @throws PathError when something is there
 */
export function symlinkInto(root: string, linkPath: string, target: string, owner?: Owner): void {
  const clean = cleanPath(linkPath);
  try {
    const place = join(resolveInsideSync(root, dirname(clean), { followLast: true }), basename(clean));
    makeParents(root, place);
    symlinkSync(target, place);
    if (owner !== undefined) lchownSync(place, owner.uid, owner.gid);
  } catch (error) {
    throw pathError("symlink", `${target} ${clean}`, error);
  }
}

/** Changes the owner of a path and all below it; links themselves, not what they point to. */
export async function changeOwnerInside(root: string, path: string, owner: Owner): Promise<void> {
  const place = resolveInsideSync(root, path, { followLast: true });
  const stat = lstatSync(place);
  chownKeepingMode(place, stat, owner);
  if (!stat.isDirectory()) return;
  for await (const entry of walkTreePolitely(place)) chownKeepingMode(entry.place, entry.stat, owner);
}

function chownKeepingMode(place: string, stat: Stats, owner: Owner): void {
  if (stat.uid === owner.uid && stat.gid === owner.gid) return;
  lchownSync(place, owner.uid, owner.gid);
  if (!stat.isSymbolicLink() && (stat.mode & 0o6000) !== 0) chmodSync(place, stat.mode & MODE_BITS);
}

/** Sets both times of a path and all below it, in seconds since 1970. */
export async function setTimesInside(root: string, path: string, seconds: number): Promise<void> {
  const place = resolveInsideSync(root, path, { followLast: true });
  const folders: string[] = [place];
  for await (const entry of lstatSync(place).isDirectory() ? walkTreePolitely(place) : []) {
    if (entry.stat.isDirectory()) folders.push(entry.place);
    else lutimesSync(entry.place, seconds, seconds);
  }
  for (const folder of folders.reverse()) utimesSync(folder, seconds, seconds);
}
