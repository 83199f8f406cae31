import { execFile, execFileSync } from "node:child_process";
import {
  chmodSync,
  constants,
  copyFileSync,
  lchownSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  type Stats,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { cleanPath, errorCode, PathError, resolveInsideSync } from "./paths.ts";
import { type EntryFilter, type FilterOptions, TreeFilter } from "./tree-filter.ts";
import { type TreeEntry, walkTree, walkTreePolitely } from "./tree-walk.ts";
import type { Owner } from "./users.ts";

const MODE_BITS = 0o7777;
const SPECIAL_BITS = 0o7000;

/** Who owns what this process makes. */
const OURSELVES = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };

/** Folders that have to be made on the way to something else. */
const PARENT_MODE = 0o755;

export interface TreeCopy extends FilterOptions {
  /** In place of include, exclude and gitignore. */
  readonly filter?: EntryFilter;
  readonly sourceRoot: string;
  /** Folder inside `sourceRoot` whose content is copied. */
  readonly sourcePath: string;
  readonly destinationRoot: string;
  /** Folder inside `destinationRoot` that gets the content; made when missing, with the mode of the source. */
  readonly destinationPath: string;
  /** Of all that is copied; what was there keeps its own. Absent: as in the source. */
  readonly owner?: Owner | undefined;
  /** Mode of all that is copied, files and folders alike. Absent: as in the source. */
  readonly permissions?: number | undefined;
}

/**
 * Copies a tree: modes, owners, times, symlinks and hard links as they are. Folders are merged, everything else that is
 * in the way is replaced, also a link to a folder by a folder.
 *
 * @throws Error `syntax error in pattern`, PathError
 */
export async function copyTreeInto(copy: TreeCopy): Promise<void> {
  const source = resolveInsideSync(copy.sourceRoot, copy.sourcePath, { followLast: true });
  const destination = resolveInsideSync(copy.destinationRoot, copy.destinationPath, { followLast: true });
  const filter = copy.filter ?? filterOf(source, copy);
  makeParents(copy.destinationRoot, destination);
  const made = prepareFolder(destination);
  if (filter === undefined && copy.permissions === undefined && (made || isEmptyFolder(destination))) {
    const before = lstatSync(destination);
    await copyWhole(source, destination, copy.owner);
    if (!made) finishFolder(destination, before, copy);
    return;
  }
  const entries = new EntryCopy(destination, copy, made);
  for await (const entry of walkTreePolitely(source, filter)) entries.add(entry);
  entries.finish();
  const top = lstatSync(source);
  if (made) finishFolder(destination, top, copy);
  else applyGiven(destination, copy);
  if (made) setTimes(destination, top);
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
  const entries = new EntryCopy(destination, given, isEmptyFolder(destination));
  for await (const entry of walkTreePolitely(source, filter)) entries.add(entry);
  entries.finish();
}

/** Copies a small tree into an empty folder, which becomes the same: for what is not worth a program of its own. */
export function copySmallTree(source: string, destination: string): void {
  const entries = new EntryCopy(destination, {}, true);
  for (const entry of walkTree(source)) entries.add(entry);
  entries.finish();
  const top = lstatSync(source);
  finishFolder(destination, top, {});
  setTimes(destination, top);
}

function filterOf(root: string, options: FilterOptions): TreeFilter | undefined {
  const { include = [], exclude = [], gitignore = false } = options;
  return include.length + exclude.length === 0 && !gitignore ? undefined : new TreeFilter(root, options);
}

/** The quickest way for the most frequent case: everything, to where nothing is. */
async function copyWhole(source: string, destination: string, owner: Owner | undefined): Promise<void> {
  const run = promisify(execFile);
  await run("cp", ["--archive", "--reflink=auto", "--no-target-directory", source, destination]);
  if (owner === undefined) return;
  await run("chown", ["--no-dereference", "--recursive", `${owner.uid}:${owner.gid}`, destination]);
}

function prepareFolder(place: string): boolean {
  const stat = lstatSync(place, { throwIfNoEntry: false });
  if (stat?.isDirectory()) return false;
  if (stat !== undefined) unlinkSync(place);
  mkdirSync(place);
  return true;
}

function isEmptyFolder(place: string): boolean {
  return readdirSync(place).length === 0;
}

/** One tree being copied, entry by entry, folders before what is in them. */
class EntryCopy {
  /** Folders that this copy has made: nothing can be in the way in them. */
  readonly #made = new Set<string>();
  readonly #folders: { readonly place: string; readonly stat: Stats }[] = [];
  /** The first copy of a file with several names. */
  readonly #twins = new Map<string, string>();

  constructor(
    readonly destination: string,
    readonly given: GivenMetadata,
    isEmpty: boolean,
  ) {
    if (isEmpty) this.#made.add(destination);
  }

  add({ path, place: source, stat }: TreeEntry): void {
    const place = join(this.destination, path);
    const present = this.#made.has(dirname(place)) ? undefined : lstatSync(place, { throwIfNoEntry: false });
    if (stat.isDirectory()) {
      this.#addFolder(place, stat, present);
      return;
    }
    if (present !== undefined) rmSync(place, { recursive: true, force: true });
    const twin = stat.nlink > 1 ? `${stat.dev}:${stat.ino}` : undefined;
    const first = twin === undefined ? undefined : this.#twins.get(twin);
    if (first !== undefined) {
      linkSync(first, place);
      return;
    }
    if (twin !== undefined) this.#twins.set(twin, place);
    copyLeaf(source, stat, place, this.given);
  }

  #addFolder(place: string, stat: Stats, present: Stats | undefined): void {
    if (present?.isDirectory() !== true) {
      if (present !== undefined) unlinkSync(place);
      mkdirSync(place);
      this.#made.add(place);
    }
    finishFolder(place, stat, this.given);
    this.#folders.push({ place, stat });
  }

  /** After everything, because what is put into a folder changes its times. */
  finish(): void {
    for (const { place, stat } of this.#folders.reverse()) setTimes(place, stat);
  }
}

interface GivenMetadata {
  readonly owner?: Owner | undefined;
  readonly permissions?: number | undefined;
}

function copyLeaf(source: string, stat: Stats, place: string, given: GivenMetadata): void {
  const { uid, gid } = given.owner ?? stat;
  if (stat.isSymbolicLink()) {
    symlinkSync(readlinkSync(source), place);
    lchownSync(place, uid, gid);
  } else if (stat.isFile()) {
    // Gives the copy the mode of the source, and us as owner.
    copyFileSync(source, place, constants.COPYFILE_FICLONE);
    const isOurs = uid === OURSELVES.uid && gid === OURSELVES.gid;
    if (!isOurs) lchownSync(place, uid, gid);
    // After the rest, because a change of owner or content takes the set-user-id bit away.
    const isWhole = isOurs && given.permissions === undefined && (stat.mode & SPECIAL_BITS) === 0;
    if (!isWhole) chmodSync(place, (given.permissions ?? stat.mode) & MODE_BITS);
  } else {
    execFileSync("cp", ["--archive", "--no-target-directory", source, place]);
    applyGiven(place, given);
  }
  setTimes(place, stat);
}

function finishFolder(place: string, stat: Stats, given: GivenMetadata): void {
  const { uid, gid } = given.owner ?? stat;
  lchownSync(place, uid, gid);
  chmodSync(place, (given.permissions ?? stat.mode) & MODE_BITS);
}

function applyGiven(place: string, given: GivenMetadata): void {
  if (given.owner !== undefined) lchownSync(place, given.owner.uid, given.owner.gid);
  if (given.permissions !== undefined) chmodSync(place, given.permissions & MODE_BITS);
}

/** Node cuts times to microseconds: without the half one a copy of a copy would be older and older. */
function toSeconds(ms: number): number {
  return (ms + 0.0005) / 1000;
}

function setTimes(place: string, stat: Stats): void {
  lutimesSync(place, toSeconds(stat.atimeMs), toSeconds(stat.mtimeMs));
}

/** Makes the folders above a place that was resolved already. */
export function makeParents(root: string, place: string, mode = PARENT_MODE): void {
  const missing: string[] = [];
  for (let folder = dirname(place); folder.length >= root.length; folder = dirname(folder)) {
    const stat = lstatSync(folder, { throwIfNoEntry: false });
    if (stat?.isDirectory()) break;
    if (stat !== undefined)
      throw new Error(`cannot copy directory to non-directory ${JSON.stringify(inside(root, folder))}`);
    missing.push(folder);
  }
  for (const folder of missing.reverse()) {
    mkdirSync(folder);
    chmodSync(folder, mode);
  }
}

function inside(root: string, place: string): string {
  return place.length <= root.length ? "/" : place.slice(root.length);
}

export interface FileCopy extends GivenMetadata {
  /** A file that exists (a link to one is followed), or what is to be in it. */
  readonly source: { readonly root: string; readonly path: string } | { readonly contents: string | Buffer };
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
  const { destinationRoot: root, destinationPath } = copy;
  const wanted =
    destinationPath.endsWith("/") || isFolderInside(root, destinationPath)
      ? `${destinationPath}/${copy.name}`
      : destinationPath;
  const clean = cleanPath(wanted);
  const folder = resolveParent(root, clean);
  const place = join(folder, basename(clean));
  makeParents(root, place);
  if (lstatSync(place, { throwIfNoEntry: false })?.isDirectory()) throw new PathError("open", clean, "EISDIR");
  rmSync(place, { force: true });
  if ("contents" in copy.source) {
    writeFileSync(place, copy.source.contents);
    if (copy.owner !== undefined) lchownSync(place, copy.owner.uid, copy.owner.gid);
    chmodSync(place, (copy.permissions ?? 0o644) & MODE_BITS);
    return;
  }
  const source = resolveInsideSync(copy.source.root, copy.source.path, { followLast: true });
  copyLeaf(source, lstatSync(source), place, copy);
}

function isFolderInside(root: string, path: string): boolean {
  try {
    const place = resolveInsideSync(root, path, { followLast: true });
    return lstatSync(place, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch (error) {
    if (errorCode(error) === "ENOTDIR" || error instanceof PathError) return false;
    throw error;
  }
}

/** Below a file there is no folder to resolve; the words for that are those of a copy. */
function resolveParent(root: string, path: string): string {
  try {
    return resolveInsideSync(root, dirname(path), { followLast: true });
  } catch (error) {
    if (!(error instanceof PathError) || error.code !== "ENOTDIR") throw error;
    throw new Error(`cannot copy directory to non-directory ${JSON.stringify(firstFile(root, path))}`);
  }
}

function firstFile(root: string, path: string): string {
  let at = "";
  for (const part of path.split("/").slice(1)) {
    at = `${at}/${part}`;
    const stat = lstatSync(join(root, at), { throwIfNoEntry: false });
    if (stat !== undefined && !stat.isDirectory() && !stat.isSymbolicLink()) return at;
  }
  return path;
}
