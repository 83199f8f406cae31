import { closeSync, fchmodSync, fchownSync, lstatSync, readdirSync, type Stats, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  applyGiven,
  copyFile,
  EntryCopy,
  finishFolder,
  type GivenMetadata,
  MODE_BITS,
  setTimes,
  takeFolder,
} from "./copy-entries.ts";
import { copyFolders, copyWholeTree } from "./host-copy.ts";
import { lookInside, type Spot, useInside, useSpot } from "./inside.ts";
import { makeFileAt, putAt } from "./made-places.ts";
import { allBut, findNewFolders } from "./new-folders.ts";
import { type Opened, placeOfHandle } from "./opened.ts";
import { cleanPath, PathError } from "./paths.ts";
import { type EntryFilter, type FilterOptions, TreeFilter } from "./tree-filter.ts";
import { type TreeEntry, walkTree, walkTreePolitely } from "./tree-walk.ts";

/** Folders that have to be made on the way to something else. */
export const PARENT_MODE = 0o755;

export interface TreeCopy extends FilterOptions, GivenMetadata {
  /** In place of include, exclude and gitignore. */
  readonly filter?: EntryFilter;
  readonly sourceRoot: string;
  /** Folder inside `sourceRoot` whose content is copied. */
  readonly sourcePath: string;
  readonly destinationRoot: string;
  /** Folder inside `destinationRoot` that gets the content; made when missing, with the mode of the source. */
  readonly destinationPath: string;
  /** Nothing else can reach either tree, so a program of this machine may copy by names, which is quicker. */
  readonly sealed?: true;
}

/** A folder that gets copies. */
interface Destination {
  /** Its `Opened.place`. */
  readonly place: string;
  readonly path: string;
  readonly isNew: boolean;
}

/**
 * Copies a tree: modes, owners, times, symlinks and hard links as they are. Folders are merged, everything else that is
 * in the way is replaced, also a link to a folder by a folder. What was there keeps its owner.
 *
 * @throws Error `syntax error in pattern`, PathError
 */
export async function copyTreeInto(copy: TreeCopy): Promise<void> {
  await useInside(copy.sourceRoot, copy.sourcePath, { followLast: true }, async (source) => {
    const filter = copy.filter ?? filterOf(source.path, copy);
    await useDestination(copy.destinationRoot, copy.destinationPath, async (destination) => {
      const { place, isNew } = destination;
      const isWhole = copy.sealed === true && filter === undefined && copy.permissions === undefined;
      if (isWhole && (isNew || isEmptyFolder(place))) {
        const before = lstatSync(`${place}/.`);
        await copyWholeTree(
          join(copy.sourceRoot, source.path),
          join(copy.destinationRoot, destination.path),
          copy.owner,
        );
        if (!isNew) finishFolder(place, before, copy);
        return;
      }
      // First, since the times of folders that are merged are set after what comes into them.
      const folders = isWhole && copy.owner === undefined ? findNewFolders(source.place, place) : [];
      if (folders.length > 0)
        await copyFolders(join(copy.sourceRoot, source.path), folders, join(copy.destinationRoot, destination.path));
      await copyEntries(walkTreePolitely(source.place, folders.length > 0 ? allBut(folders) : filter), place, copy);
      finishTop(destination, source.stat, copy);
    });
  });
}

function finishTop({ place, isNew }: Destination, stat: Stats, given: GivenMetadata): void {
  if (isNew) finishFolder(place, stat, given);
  else applyGiven(place, given);
  if (isNew) setTimes(place, stat);
}

/**
 * Copies what is in a folder to what is in another one, which itself stays as it is: it may belong to somebody else.
 *
 * Merges and replaces as `copyTreeInto` does.
 */
export async function copyContents(
  source: string,
  destination: string,
  given: GivenMetadata,
  filter?: EntryFilter,
): Promise<void> {
  await copyEntries(walkTreePolitely(source, filter), destination, given);
}

async function copyEntries(
  entries: AsyncIterable<TreeEntry>,
  destination: string,
  given: GivenMetadata,
): Promise<void> {
  const copy = new EntryCopy(destination, given);
  try {
    for await (const entry of entries) copy.add(entry);
  } finally {
    copy.finish();
  }
}

/** Copies a small tree into an empty folder, which becomes the same: for what is not worth a program of its own. */
export function copySmallTree(source: string, destination: string): void {
  const entries = new EntryCopy(destination, {});
  try {
    for (const entry of walkTree(source)) entries.add(entry);
  } finally {
    entries.finish();
  }
  const top = lstatSync(source);
  finishFolder(destination, top, {});
  setTimes(destination, top);
}

function filterOf(folder: string, options: TreeCopy): TreeFilter | undefined {
  const { include = [], exclude = [], gitignore = false } = options;
  if (include.length + exclude.length === 0 && !gitignore) return undefined;
  return new TreeFilter(options.sourceRoot, { include, exclude, gitignore, folder });
}

/** Uses the folder at a path, which is made when it is missing or something else. */
async function useDestination(
  root: string,
  path: string,
  use: (destination: Destination) => Promise<void>,
): Promise<void> {
  const options = { followLast: true, makeMode: PARENT_MODE, makeBehindLinks: true, notFolder };
  await useSpot(root, path, options, async ({ present, place, path: found }) => {
    if (present?.stat.isDirectory()) return await use({ place: present.place, path: found, isNew: false });
    const handle = takeFolder(place);
    try {
      return await use({ place: placeOfHandle(handle), path: found, isNew: true });
    } finally {
      closeSync(handle);
    }
  });
}

function isEmptyFolder(place: string): boolean {
  return readdirSync(place).length === 0;
}

/** The real engine's words for a file where a folder has to be. */
export function notFolder(path: string): Error {
  return new Error(`cannot copy directory to non-directory ${JSON.stringify(path)}`);
}

export interface FileCopy extends GivenMetadata {
  /** A file that exists (a link to one is followed), one that is open, or what is to be in it. */
  readonly source: { readonly root: string; readonly path: string } | Opened | { readonly contents: string | Buffer };
  /** Its name when the destination turns out to be a folder. */
  readonly name: string;
  readonly destinationRoot: string;
  /** A folder when it ends with a slash or when one is there; else the new file. */
  readonly destinationPath: string;
}

/**
 * Puts a file somewhere as `withFile` does: what is there is replaced (a link itself, not what it points to), folders
 * above are made. Mode and owner are those of the source (0644 and ours for contents) unless given.
 *
 * @throws Error `cannot copy directory to non-directory "/f"` below a file
 */
export function copyFileInto(copy: FileCopy): void {
  const { destinationRoot: root, destinationPath, source } = copy;
  const isInto = destinationPath.endsWith("/") || isFolderInside(root, destinationPath);
  const clean = cleanPath(isInto ? `${destinationPath}/${copy.name}` : destinationPath);
  useSpot(root, clean, { followLast: false, makeMode: PARENT_MODE, makeBehindLinks: true, notFolder }, (spot) => {
    if (spot.present?.stat.isDirectory()) throw new PathError("open", clean, "EISDIR");
    if ("contents" in source) return putContents(spot, source.contents, copy);
    if ("fd" in source) return putAt(spot.place, () => copyFile(source, spot.place, copy));
    return useInside(source.root, source.path, { followLast: true }, (opened) =>
      putAt(spot.place, () => copyFile(opened, spot.place, copy)),
    );
  });
}

function putContents({ place }: Spot, contents: string | Buffer, given: GivenMetadata): void {
  putAt(place, () =>
    makeFileAt(place, (fd) => {
      writeFileSync(fd, contents);
      if (given.owner !== undefined) fchownSync(fd, given.owner.uid, given.owner.gid);
      fchmodSync(fd, (given.permissions ?? 0o644) & MODE_BITS);
    }),
  );
}

function isFolderInside(root: string, path: string): boolean {
  try {
    return lookInside(root, path, { followLast: true })?.isDirectory() === true;
  } catch (error) {
    if (error instanceof PathError) return false;
    throw error;
  }
}
