import { closeSync, lstatSync, readdirSync, readlinkSync, type Stats } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { openFolderAt, openRoot, placeOfHandle } from "./opened.ts";
import { errorCode } from "./paths.ts";
import type { EntryFilter } from "./tree-filter.ts";

export interface TreeEntry {
  /** Relative to the root of the walk, without a slash at either end. */
  readonly path: string;
  /**
   * A path for calls that follow no link at its end: its folder is one that is open. Good until the walk has left that
   * folder, and in this process only.
   */
  readonly place: string;
  readonly stat: Stats;
}

interface Folder {
  readonly entry: TreeEntry;
  given: boolean;
}

/**
 * All entries below a folder, folders before what is in them, names in order of their bytes; links are not followed, also
 * not when somebody puts one in the place of a folder meanwhile.
 *
 * With a filter: what is taken, and the folders that lead to it. The order is the one in which the real engine lists.
 */
export function* walkTree(root: string, filter?: EntryFilter): Generator<TreeEntry> {
  const handle = openRoot(root);
  try {
    yield* walkFolder({ handle, path: "", shown: nameOf(root) }, filter, filter?.start, []);
  } finally {
    closeSync(handle);
  }
}

interface OpenFolder {
  readonly handle: number;
  readonly path: string;
  /** For errors. */
  readonly shown: string;
}

function* walkFolder(
  folder: OpenFolder,
  filter: EntryFilter | undefined,
  state: unknown,
  above: readonly Folder[],
): Generator<TreeEntry> {
  const at = placeOfHandle(folder.handle);
  for (const name of readdirSync(at).sort()) {
    const path = folder.path === "" ? name : `${folder.path}/${name}`;
    const place = `${at}/${name}`;
    const stat = lstatSync(place, { throwIfNoEntry: false });
    if (stat === undefined) {
      // What is not UTF-8 was read with this mark in its place, and must not be left out without a word.
      if (name.includes("\ufffd"))
        throw new Error(`${folder.shown} holds a name that is not UTF-8: ${name}; it has to be renamed`);
      // Something else removed it meanwhile; possible only in a folder of the host.
      continue;
    }
    const entry = { path, place, stat };
    const isFolder = stat.isDirectory();
    const verdict = filter?.judge(path, stat, state);
    if (verdict === undefined || verdict.taken) {
      for (const parent of above) {
        if (!parent.given) yield parent.entry;
        parent.given = true;
      }
      yield entry;
    }
    if (!isFolder || verdict?.descend === false) continue;
    const handle = openIfFolder(place);
    if (handle === undefined) continue;
    const self: Folder = { entry, given: verdict === undefined || verdict.taken };
    try {
      yield* walkFolder({ handle, path, shown: `${folder.shown}/${name}` }, filter, verdict?.state, [...above, self]);
    } finally {
      closeSync(handle);
    }
  }
}

/** The path of a folder as a person knows it; a root may be given by a handle that is open. */
function nameOf(root: string): string {
  return /^\/proc\/self\/fd\/\d+$/.test(root) ? readlinkSync(root) : root;
}

/** @returns undefined when it is not a folder any more: then nothing is in it */
function openIfFolder(place: string): number | undefined {
  try {
    return openFolderAt(place);
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "ELOOP"].includes(errorCode(error) ?? "")) return undefined;
    throw error;
  }
}

/** Lets other work of the process have its turn now and then during a long walk. */
export async function* walkTreePolitely(root: string, filter?: EntryFilter): AsyncGenerator<TreeEntry> {
  let count = 0;
  for (const entry of walkTree(root, filter)) {
    yield entry;
    count += 1;
    if (count % 128 === 0) await setImmediate();
  }
}
