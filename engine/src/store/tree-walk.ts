import { lstatSync, readdirSync, type Stats } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { EntryFilter } from "./tree-filter.ts";

export interface TreeEntry {
  /** Relative to the root of the walk, without a slash at either end. */
  readonly path: string;
  /** Where it is on the host. */
  readonly place: string;
  readonly stat: Stats;
}

interface Folder {
  readonly entry: TreeEntry;
  given: boolean;
}

/**
 * All entries below a folder, folders before what is in them, names in order of their bytes; links are not followed.
 *
 * With a filter: what is taken, and the folders that lead to it. The order is the one in which the real engine lists.
 */
export function* walkTree(root: string, filter?: EntryFilter): Generator<TreeEntry> {
  yield* walkFolder(root, "", filter, filter?.start, []);
}

function* walkFolder(
  root: string,
  folder: string,
  filter: EntryFilter | undefined,
  state: unknown,
  above: readonly Folder[],
): Generator<TreeEntry> {
  for (const name of readdirSync(join(root, folder)).sort()) {
    const path = folder === "" ? name : `${folder}/${name}`;
    const place = join(root, path);
    const stat = lstatSync(place, { throwIfNoEntry: false });
    if (stat === undefined) {
      // What is no UTF-8 was read with this mark in its place, and must not be left out without a word.
      if (name.includes("\ufffd")) throw new Error(`${join(root, folder)} holds a name that is no UTF-8: ${name}`);
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
    const self: Folder = { entry, given: verdict === undefined || verdict.taken };
    yield* walkFolder(root, path, filter, verdict?.state, [...above, self]);
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
