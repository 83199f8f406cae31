import { chmodSync, readlinkSync } from "node:fs";
import { readFile, realpath } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { contentDigest } from "./content.ts";
import { copyFileInto, copyTreeInto } from "./copy.ts";
import { removeTree } from "./folders.ts";
import { lookInside, readInside, useInside } from "./inside.ts";
import { KnownFiles, nameDisk, type StampRecord } from "./known-files.ts";
import type { Opened } from "./opened.ts";
import { isOfStore, OfStore } from "./own-store.ts";
import { errorCode, isAtOrBelow, PathError, pathError } from "./paths.ts";
import { hostPatterns } from "./patterns.ts";
import { SlowRead } from "./slow-read.ts";
import type { Snapshot } from "./snapshot.ts";
import { digestOf, type Store } from "./store.ts";
import { type EntryFilter, type FilterOptions, type IgnoredAbove, TreeFilter } from "./tree-filter.ts";

/** Everything that comes from the host belongs to root. */
const ROOT = { uid: 0, gid: 0 };

/** Something of the host: of the machine, or of the container that a function has for one. */
export interface HostPlace {
  /** The folder of this machine that is the host's `/`. */
  readonly root: string;
  /** Absolute. */
  readonly path: string;
}

/** A place that must not lead out of a folder of the host, not by links either. */
export interface PlaceWithin extends HostPlace {
  /** Absolute, links resolved. `.gitignore` files count from here on. */
  readonly within?: string;
}

/** A link on the way leads out of the folder that the place belongs to. */
export class LeadsOut extends Error {}

/** What was read from the host. */
export interface Imported {
  /** Of the content after the filters; equal content has an equal digest, wherever it was. */
  readonly digest: string;
  readonly snapshot: Snapshot;
}

/**
 * Reads a folder of the host into a layer; content that is known already is only read, not copied. Links to the folder
 * and on the way to it are followed, those in it are kept.
 *
 * @param tell gets lines for the person when it takes long
 * @throws PathError `lstat /x: no such file or directory`, `stat /x/file: not a directory`; LeadsOut
 */
export async function importFolder(
  store: Store,
  place: PlaceWithin,
  options: FilterOptions,
  tell: (text: string) => void = () => {},
): Promise<Imported> {
  const { root, path, within } = place;
  return await useInside(root, path, { followLast: true }, async (folder) => {
    staysWithin(folder, within);
    if (root === "/") staysOutOfStore(store, folder);
    if (!folder.stat.isDirectory()) throw new PathError("stat", folder.path, "ENOTDIR");
    const filter = new TreeFilter(root, {
      folder: folder.path,
      include: hostPatterns(options.include ?? []),
      exclude: hostPatterns(options.exclude ?? []),
      gitignore: options.gitignore === true,
      hostWithout: store.dir,
      above: options.gitignore === true ? foldersOfRepositoryAbove(root, folder.path, within) : [],
    });
    const disk = root === "/" ? nameDisk(folder) : undefined;
    const slow = new SlowRead(tell);
    const watched = slow.watch(folder.path, filter);
    return await importOpened(store, folder, { filter: watched, slow }, disk && ["files", disk, folder.path, options]);
  });
}

/** @param stamps under what the stamps of its files are remembered; absent for folders that are not the machine's own */
async function importOpened(
  store: Store,
  folder: Opened,
  { filter, slow }: { readonly filter: EntryFilter; readonly slow: SlowRead },
  stamps: unknown,
): Promise<Imported> {
  const found = await digestOfFolder(store, folder, filter, stamps).catch((error) => {
    throw error instanceof PathError ? error.below(folder.path) : pathError("open", folder.path, error);
  });
  const known = recallFolder(store, found);
  if (known !== undefined) return { digest: found, snapshot: known };
  slow.beginCopy();
  const into = await store.makeScratch("import");
  try {
    await copyTreeInto({
      sourceRoot: folder.place,
      sourcePath: "/",
      destinationRoot: into,
      destinationPath: "/",
      filter,
      owner: ROOT,
    });
  } catch (error) {
    // On a full disk others need the room before the session ends.
    removeTree(into);
    throw error;
  }
  chmodSync(into, 0o755);
  // What was copied counts: the host may have changed since it was read first.
  const copied = await contentDigest(into, "/", { ignoreOwners: true, ignoreTop: true });
  const snapshot = { layers: [await store.addLayer(into)] };
  store.remember(nameOf(copied), snapshot);
  return { digest: copied, snapshot };
}

async function digestOfFolder(store: Store, folder: Opened, filter: EntryFilter, stamps: unknown): Promise<string> {
  const options = { filter, ignoreOwners: true, ignoreTop: true };
  if (stamps === undefined) return await contentDigest(folder.place, "/", options);
  const name = digestOf(stamps);
  const known = new KnownFiles(folder, store.recall<StampRecord>(name));
  const digest = await contentDigest(folder.place, "/", { ...options, known });
  const record = known.record();
  if (record !== undefined) store.remember(name, record);
  return digest;
}

/**
 * Reads one file of the host into a layer, where it is at the top under its name. A link at the end of the path is not
 * followed, as on the real engine.
 *
 * @throws PathError `stat nope: no such file or directory`; Error `path sub is a directory, not a file`
 */
export async function importFile(
  store: Store,
  { root, path }: HostPlace,
  name: string,
  { followLast, isOfMachine } = { followLast: false, isOfMachine: root === "/" },
): Promise<Imported> {
  const into = await store.makeScratch("import");
  chmodSync(into, 0o755);
  try {
    useInside(root, path, { followLast }, (file) => {
      if (isOfMachine) staysOutOfStore(store, file);
      if (file.stat.isDirectory()) throw new Error(`path ${name} is a directory, not a file`);
      if (!file.stat.isFile()) throw new PathError("stat", name, "ENOENT");
      copyFileInto({ source: file, name, destinationRoot: into, destinationPath: `/${name}`, owner: ROOT });
    });
  } catch (error) {
    const isMissing = errorCode(error) === "ENOENT" && !(error instanceof OfStore);
    throw isMissing ? new PathError("stat", name, "ENOENT") : error;
  }
  const digest = await contentDigest(into, "/", { ignoreTop: true });
  const snapshot = await store.once(nameOf(digest), async () => ({ layers: [await store.addLayer(into)] }));
  return { digest, snapshot };
}

/**
 * The bytes of a file of the host, links followed. On the machine also a pipe that the person names.
 *
 * @throws OfStore
 */
export async function readHostFile({ root, path }: HostPlace, storeDir: string): Promise<Buffer> {
  if (root !== "/") return readInside(root, path);
  // A pipe has no path, and what is missing is told by who reads it.
  const found = await realpath(path).catch(() => path);
  if (isOfStore(found, storeDir)) throw new OfStore("open", path);
  return await readFile(path);
}

/** A folder that was read before, by its digest; undefined when it is not there any more. */
export function recallFolder(store: Store, digest: string): Snapshot | undefined {
  for (const known of store.recallAll<Snapshot>(nameOf(digest))) if (store.has(known)) return known;
  return undefined;
}

function nameOf(digest: string): string {
  return `import ${digest}`;
}

/** @throws LeadsOut */
function staysWithin(folder: Opened, within: string | undefined): void {
  if (within !== undefined && !isAtOrBelow(folder.path, within)) throw new LeadsOut(folder.path);
}

/**
 * What the engine keeps is nothing of the machine's, whatever led there. A function's host is a folder of the store itself, with no
 * store in it.
 *
 * @throws OfStore `lstat /store: no such file or directory: …`
 */
function staysOutOfStore(store: Store, { place, path }: Opened): void {
  if (isOfStore(readlinkSync(place), store.dir)) throw new OfStore("lstat", path);
}

/**
 * Reads one file of a folder of the host, as `importFile` does. A link is followed as if the folder were all there is.
 *
 * @throws PathError; LeadsOut; Error `path sub is a directory, not a file`
 */
export async function importFileOfFolder(store: Store, folder: PlaceWithin, name: string): Promise<Imported> {
  return await useInside(folder.root, folder.path, { followLast: true }, async (opened) => {
    const isOfMachine = folder.root === "/";
    staysWithin(opened, folder.within);
    if (isOfMachine) staysOutOfStore(store, opened);
    if (!opened.stat.isDirectory()) throw new PathError("stat", opened.path, "ENOTDIR");
    const file = { root: opened.place, path: `/${name}` };
    return await importFile(store, file, name, { followLast: true, isOfMachine });
  });
}

/**
 * The folders from the top of the repository that holds a folder down to the one above it; none outside of one.
 *
 * @param top the top when that is known
 */
function foldersOfRepositoryAbove(root: string, folder: string, top: string | undefined): readonly IgnoredAbove[] {
  const above: IgnoredAbove[] = [];
  for (let at = folder; ; at = dirname(at)) {
    if (at !== folder) above.unshift({ folder: at, prefix: `${relative(at, folder)}/` });
    if (top === undefined ? isThere(root, join(at, ".git")) : at === top) return above;
    if (at === dirname(at)) return [];
  }
}

/** Whether something of the host is there, also a link that leads nowhere; not what may not be seen. */
export function isThere(root: string, path: string): boolean {
  try {
    return lookInside(root, path, { followLast: false }) !== undefined;
  } catch (error) {
    if (errorCode(error) === "EACCES" || errorCode(error) === "ENOTDIR") return false;
    throw error;
  }
}
