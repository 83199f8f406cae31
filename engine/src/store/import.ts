import { chmodSync, lstatSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { contentDigest } from "./content.ts";
import { copyFileInto, copyTreeInto } from "./copy.ts";
import { errorCode, pathError } from "./paths.ts";
import { hostPatterns } from "./patterns.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Store } from "./store.ts";
import { type FilterOptions, type IgnoredAbove, TreeFilter } from "./tree-filter.ts";
import { walkTree } from "./tree-walk.ts";

/** Everything that comes from the host belongs to root. */
const ROOT = { uid: 0, gid: 0 };

/** What was read from the host. */
export interface Imported {
  /** Of the content after the filters; equal content has an equal digest, wherever it was. */
  readonly digest: string;
  readonly snapshot: Snapshot;
}

/**
 * Reads a folder of the host into a layer; content that is known already is only read, not copied.
 *
 * @param folder absolute
 * @param shown the path as the client knows it, for errors
 * @throws PathError `lstat /x: no such file or directory`, `stat /x/file: not a directory`
 */
export async function importFolder(
  store: Store,
  folder: string,
  shown: string,
  options: FilterOptions,
): Promise<Imported> {
  const stat = lookAt(folder, shown);
  if (!stat.isDirectory()) throw pathError("stat", shown, Object.assign(new Error(), { code: "ENOTDIR" }));
  const filter = new TreeFilter(folder, {
    include: hostPatterns(options.include ?? []),
    exclude: hostPatterns(options.exclude ?? []),
    gitignore: options.gitignore === true,
    ordinaryOnly: true,
    above: options.gitignore === true ? foldersOfRepositoryAbove(folder) : [],
  });
  const found = await contentDigest(folder, "/", { filter, ignoreOwners: true, ignoreTop: true }).catch(
    (error: NodeJS.ErrnoException) => {
      throw pathError("open", error.path ?? shown, error);
    },
  );
  const known = store.recall<Snapshot>(nameOf(found));
  if (known !== undefined && store.has(known)) return { digest: found, snapshot: known };
  const into = await store.makeScratch("import");
  await copyTreeInto({
    sourceRoot: folder,
    sourcePath: "/",
    destinationRoot: into,
    destinationPath: "/",
    // Without a filter everything is copied by one program, which is much quicker.
    ...(takesAll(options) && !hasSpecial(folder) ? {} : { filter }),
    owner: ROOT,
  });
  chmodSync(into, 0o755);
  // What was copied counts: the host may have changed since it was read first.
  const copied = await contentDigest(into, "/", { ignoreOwners: true, ignoreTop: true });
  const snapshot = { layers: [await store.addLayer(into)] };
  store.remember(nameOf(copied), snapshot);
  return { digest: copied, snapshot };
}

/**
 * Reads one file of the host into a layer, where it is at the top under its name. Links are not followed.
 *
 * @throws PathError `stat nope: no such file or directory`; Error `path sub is a directory, not a file`
 */
export async function importFile(store: Store, path: string, name: string): Promise<Imported> {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory()) throw new Error(`path ${name} is a directory, not a file`);
  if (stat === undefined || !stat.isFile())
    throw pathError("stat", name, Object.assign(new Error(), { code: "ENOENT" }));
  const into = await store.makeScratch("import");
  chmodSync(into, 0o755);
  copyFileInto({
    source: { root: dirname(path), path: name },
    name,
    destinationRoot: into,
    destinationPath: `/${name}`,
    owner: ROOT,
  });
  const digest = await contentDigest(into, "/", { ignoreTop: true });
  const snapshot = await store.once(nameOf(digest), async () => ({ layers: [await store.addLayer(into)] }));
  return { digest, snapshot };
}

function takesAll({ include = [], exclude = [], gitignore = false }: FilterOptions): boolean {
  return include.length + exclude.length === 0 && !gitignore;
}

/** Whether there is something that is not imported: a socket, a pipe, a device. */
function hasSpecial(folder: string): boolean {
  for (const { stat } of walkTree(folder)) {
    if (!stat.isFile() && !stat.isDirectory() && !stat.isSymbolicLink()) return true;
  }
  return false;
}

function nameOf(digest: string): string {
  return `import ${digest}`;
}

function lookAt(folder: string, shown: string) {
  try {
    return lstatSync(folder);
  } catch (error) {
    throw pathError("lstat", shown, error);
  }
}

/** The folders from the top of the repository that holds a folder down to the one above it; none outside of one. */
function foldersOfRepositoryAbove(folder: string): readonly IgnoredAbove[] {
  const above: IgnoredAbove[] = [];
  for (let at = folder; ; at = dirname(at)) {
    if (at !== folder) above.unshift({ folder: at, prefix: `${relative(at, folder)}/` });
    if (isThere(join(at, ".git"))) return above;
    if (at === dirname(at)) return [];
  }
}

function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if (errorCode(error) === "EACCES" || errorCode(error) === "ENOTDIR") return false;
    throw error;
  }
}
