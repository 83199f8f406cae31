import {
  chmodSync,
  chownSync,
  constants,
  fchmodSync,
  fchownSync,
  lchownSync,
  lutimesSync,
  openSync,
  readdirSync,
  type Stats,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { notFolder, PARENT_MODE } from "./copy.ts";
import { type Spot, useInside, useSpot } from "./inside.ts";
import { emptyFolder, makeFolderAt, openNewFileAt, removeAt } from "./made-places.ts";
import { closeAfter, systemError, useAt } from "./opened.ts";
import { cleanPath, errorCode, PathError, pathError } from "./paths.ts";
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
    useSpot(root, clean, { followLast: true, makeMode: PARENT_MODE, makeBehindLinks: true }, (spot) =>
      writeAt(spot, (fd) => {
        writeFileSync(fd, contents);
        fchmodSync(fd, mode & 0o777);
        if (owner !== undefined) fchownSync(fd, owner.uid, owner.gid);
      }),
    );
  } catch (error) {
    if (errorCode(error) === "ENAMETOOLONG") {
      throw new Error("File name length exceeds the maximum supported 255 characters");
    }
    throw pathError("open", clean, error);
  }
}

/**
 * Gives a file that is there other contents, through links; mode and owner stay.
 *
 * @throws PathError
 */
export function overwriteInside(root: string, path: string, contents: Buffer): void {
  useSpot(root, cleanPath(path), { followLast: true }, (spot) => writeAt(spot, (fd) => writeFileSync(fd, contents)));
}

/** Writes to the file that is there, which is emptied before, or to a new one. Nothing but a file is ever opened. */
export function writeAt<T>(spot: Spot, fill: (fd: number) => T): T {
  const fd = openForWriting(spot);
  return closeAfter([fd], () => fill(fd));
}

/** Opens the file that is there, which is emptied, or a new one of the caller alone; to be closed by the caller. */
export function openForWriting({ place, present }: Spot): number {
  if (present === undefined) return openNewFileAt(place);
  if (!present.stat.isFile()) throw systemError(present.stat.isDirectory() ? "EISDIR" : "ENXIO");
  return openSync(present.place, constants.O_WRONLY | constants.O_TRUNC);
}

/**
 * Makes a folder and those above it, all with the same mode; folders that exist keep theirs.
 *
 * @throws PathError
 */
export function makeDirectoryInto(root: string, path: string, mode: number, owner?: Owner): void {
  const clean = cleanPath(path);
  const makeMode = mode & 0o777;
  try {
    useSpot(root, clean, { followLast: true, makeMode, makeBehindLinks: true }, ({ present, place }) => {
      if (present?.stat.isDirectory()) return;
      if (present !== undefined) throw new PathError("mkdir", clean, "ENOTDIR");
      makeFolderAt(place, makeMode);
      if (owner !== undefined) useAt(place, (made) => chownSync(made.place, owner.uid, owner.gid));
    });
  } catch (error) {
    throw pathError("mkdir", clean, error);
  }
}

const OWNED_FOLDER_MODE = 0o755;

/**
 * Makes what is missing of a path, each folder with the owner that is given; `makeDirectoryInto` gives it to the last only.
 *
 * @param path absolute and clean
 * @throws PathError
 */
export function makeOwnedFolders(root: string, path: string, owner: Owner | undefined): void {
  for (let end = path.indexOf("/", 1); end >= 0; end = path.indexOf("/", end + 1)) {
    makeDirectoryInto(root, path.slice(0, end), OWNED_FOLDER_MODE, owner);
  }
  makeDirectoryInto(root, path, OWNED_FOLDER_MODE, owner);
}

/** Removes what is there: a tree, a file, a link itself. A pattern (Go's `filepath.Match`) removes all that it matches. */
export function removeInto(root: string, path: string): void {
  const clean = cleanPath(path);
  if (clean === "/") {
    useInside(root, "/", { followLast: true }, ({ place }) => emptyFolder(place));
    return;
  }
  for (const match of hasWildcards(clean) ? expandPattern(root, clean) : [clean]) removePath(root, match);
}

/** Removes what is at exactly that path, whatever signs are in it. */
export function removePath(root: string, path: string): void {
  try {
    useSpot(root, path, { followLast: false }, ({ place }) => removeAt(place));
  } catch (error) {
    if (errorCode(error) !== "ENOTDIR" && errorCode(error) !== "ENOENT") throw error;
  }
}

/** The paths that a pattern matches, links on the way followed: Go's `filepath.Match`, name by name. */
export function expandPattern(root: string, path: string): readonly string[] {
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
    return useInside(root, folder, { followLast: true }, ({ place }) => readdirSync(place));
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
  const options = { followLast: false, makeMode: PARENT_MODE, makeBehindLinks: true, notFolder };
  try {
    useSpot(root, clean, options, ({ place }) => {
      symlinkSync(target, place);
      if (owner !== undefined) lchownSync(place, owner.uid, owner.gid);
    });
  } catch (error) {
    throw pathError("symlink", `${target} ${clean}`, error);
  }
}

/** Changes the owner of a path and all below it; links themselves, not what they point to. */
export async function changeOwnerInside(root: string, path: string, owner: Owner): Promise<void> {
  await useInside(root, path, { followLast: true }, async ({ place, stat }) => {
    chownKeepingMode(place, stat, owner);
    if (!stat.isDirectory()) return;
    for await (const entry of walkTreePolitely(place)) {
      useAt(entry.place, (opened) => chownKeepingMode(opened.place, opened.stat, owner));
    }
  });
}

/** @param place of something open, which is what it is */
function chownKeepingMode(place: string, stat: Stats, owner: Owner): void {
  if (stat.uid === owner.uid && stat.gid === owner.gid) return;
  chownSync(place, owner.uid, owner.gid);
  if (!stat.isSymbolicLink() && (stat.mode & 0o6000) !== 0) chmodSync(place, stat.mode & MODE_BITS);
}

/** Sets both times of a path and all below it, in seconds since 1970. */
export async function setTimesInside(root: string, path: string, seconds: number): Promise<void> {
  await useInside(root, path, { followLast: true }, async ({ place, stat }) => {
    const folders: string[] = [];
    for await (const entry of stat.isDirectory() ? walkTreePolitely(place) : []) {
      if (entry.stat.isDirectory()) folders.push(entry.path);
      else lutimesSync(entry.place, seconds, seconds);
    }
    // Reading a folder changes its times, and so does what happens in it.
    for (const folder of folders.reverse()) {
      useInside(place, folder, { followLast: false }, (opened) => utimesSync(opened.place, seconds, seconds));
    }
    utimesSync(place, seconds, seconds);
  });
}
