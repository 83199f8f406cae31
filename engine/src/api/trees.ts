import { lstatSync, type Stats } from "node:fs";
import { posix } from "node:path";
import { copySmallTree } from "../store/copy.ts";
import { resolveInside } from "../store/inside.ts";
import { cleanPath, PathError } from "../store/paths.ts";
import { EMPTY, type Snapshot } from "../store/snapshot.ts";
import { walkTree } from "../store/tree-walk.ts";
import { ApiError } from "./errors.ts";
import type { Graph } from "./graph.ts";
import { sessionOf } from "./session.ts";
import type { DirectoryValue, FileValue } from "./values.ts";

/** A place in a snapshot: `path` is clean and absolute, links on it are not resolved yet. */
export interface Tree {
  readonly snapshot: Snapshot;
  readonly path: string;
}

/** The snapshot's path of something below a tree; `..` leads to what is above the tree, but never out of the snapshot. */
export function pathIn(tree: Tree, path: string): string {
  return cleanPath(posix.join(tree.path, path));
}

/** A folder of this process that shows the whole snapshot. */
export async function rootOf(graph: Graph, tree: Tree): Promise<string> {
  return await sessionOf(graph).store.view(tree.snapshot);
}

/** Where something below a tree can be read, links followed inside the snapshot. It need not exist. */
export async function placeIn(graph: Graph, tree: Tree, path: string, followLast = true): Promise<string> {
  return await resolveInside(await rootOf(graph, tree), pathIn(tree, path), { followLast });
}

/**
 * What is at a path, links followed.
 *
 * @throws PathError `stat nope: no such file or directory`
 */
async function statIn(graph: Graph, tree: Tree, path: string, shown = path): Promise<Stats> {
  const stat = lstatSync(await placeIn(graph, tree, path), { throwIfNoEntry: false });
  if (stat === undefined) throw new PathError("stat", shown, "ENOENT");
  return stat;
}

/** @throws ApiError when it is a file, PathError when it is missing */
export async function directoryIn(graph: Graph, tree: Tree, path: string): Promise<DirectoryValue> {
  const stat = await statIn(graph, tree, path);
  if (!stat.isDirectory()) throw new ApiError(`path ${path} is a file, not a directory`);
  return { snapshot: tree.snapshot, path: pathIn(tree, path) };
}

/** @throws ApiError when it is a folder, PathError when it is missing */
export async function fileIn(graph: Graph, tree: Tree, path: string): Promise<FileValue> {
  const stat = await statIn(graph, tree, path);
  if (stat.isDirectory()) throw new ApiError(`path ${path} is a directory, not a file`);
  return { snapshot: tree.snapshot, path: pathIn(tree, path) };
}

/**
 * The tree after a change, remembered under what the change depends on besides the tree.
 *
 * @param work gets a writable folder with the whole snapshot
 */
export async function changeTree<T extends Tree>(
  graph: Graph,
  tree: T,
  key: readonly unknown[],
  work: (root: string) => Promise<void> | void,
): Promise<T> {
  const { store } = sessionOf(graph);
  const snapshot = await store.once(["tree", tree.snapshot.layers, tree.path, key], async () => {
    const small = tree.snapshot.layers.length === 1 ? await store.view(tree.snapshot) : undefined;
    if (small === undefined || !isSmall(small)) return await store.change(tree.snapshot, async (root) => work(root));
    // A tree that is put together from a few files is copied for each step: that is less work than a mount.
    return await store.change(EMPTY, async (root) => {
      copySmallTree(small, root);
      await work(root);
    });
  });
  return { ...tree, snapshot };
}

const SMALL_ENTRIES = 32;
const SMALL_BYTES = 256 << 10;

function isSmall(root: string): boolean {
  let entries = 0;
  let bytes = 0;
  for (const { stat } of walkTree(root)) {
    entries += 1;
    bytes += stat.size;
    const isOrdinary = stat.isFile() || stat.isDirectory() || stat.isSymbolicLink();
    if (entries > SMALL_ENTRIES || bytes > SMALL_BYTES || !isOrdinary) return false;
  }
  return true;
}
