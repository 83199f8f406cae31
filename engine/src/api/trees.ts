import { lstatSync, type Stats } from "node:fs";
import { posix } from "node:path";
import { cleanPath, PathError, resolveInside } from "../store/paths.ts";
import type { Snapshot } from "../store/snapshot.ts";
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
export async function statIn(graph: Graph, tree: Tree, path: string, shown = path): Promise<Stats> {
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
  const snapshot = await store.once(["tree", tree.snapshot.layers, tree.path, key], () =>
    store.change(tree.snapshot, async (root) => work(root)),
  );
  return { ...tree, snapshot };
}
