import { lstatSync, type Stats } from "node:fs";
import { basename } from "node:path";
import { PathError } from "../store/paths.ts";
import type { Fields, Graph, Obj } from "./graph.ts";
import { placeIn, type Tree } from "./trees.ts";

export interface StatValue {
  readonly name: string;
  readonly sizeBytes: number;
  /** `rwxrwxrwx` alone. */
  readonly permissions: number;
  readonly fileType: FileType;
}

type FileType = "REGULAR" | "DIRECTORY" | "SYMLINK" | "UNKNOWN";

export const statFields: Fields = {
  Stat: {
    name: { run: async (self) => (await statOf(self)).name },
    size: { run: async (self) => (await statOf(self)).sizeBytes },
    permissions: { run: async (self) => (await statOf(self)).permissions },
    fileType: { run: async (self) => (await statOf(self)).fileType },
  },
};

async function statOf(self: Obj): Promise<StatValue> {
  return await self.value<StatValue>();
}

/**
 * What is at a path of a tree; the name is that of the end of a link when it is followed.
 *
 * @throws PathError `stat nope: no such file or directory`
 */
export async function readStat(graph: Graph, tree: Tree, path: string, followLast: boolean): Promise<StatValue> {
  const place = await placeIn(graph, tree, path, followLast);
  const stat = lstatSync(place, { throwIfNoEntry: false });
  if (stat === undefined) throw new PathError("stat", path, "ENOENT");
  return { name: basename(place), sizeBytes: stat.size, permissions: stat.mode & 0o777, fileType: typeOf(stat) };
}

function typeOf(stat: Stats): FileType {
  if (stat.isFile()) return "REGULAR";
  if (stat.isDirectory()) return "DIRECTORY";
  return stat.isSymbolicLink() ? "SYMLINK" : "UNKNOWN";
}

/** Whether something of a type is there; a link that leads nowhere is not, unless links are not followed. */
export async function existsIn(
  graph: Graph,
  tree: Tree,
  path: string,
  expectedType: string | undefined,
  doNotFollow: boolean,
): Promise<boolean> {
  if (path === "") return false;
  const followLast = !doNotFollow && expectedType !== "SYMLINK_TYPE";
  const stat = lstatSync(await placeIn(graph, tree, path, followLast), { throwIfNoEntry: false });
  if (stat === undefined) return false;
  return expectedType === undefined || `${typeOf(stat)}_TYPE` === expectedType;
}
