import { lstatSync } from "node:fs";
import { basename, relative } from "node:path";
import { copyFileInto, copyTreeInto } from "../store/copy.ts";
import { removeInto, symlinkInto } from "../store/edit.ts";
import { resolveInsideSync } from "../store/inside.ts";
import { cleanPath, PathError } from "../store/paths.ts";
import { EMPTY, type Snapshot } from "../store/snapshot.ts";
import { lookupOwner, type Owner } from "../store/users.ts";
import { flag, object, text, texts } from "./arguments.ts";
import { absolutePath, changes, expandArgument, pathArgument, reads } from "./container.ts";
import { type Place, placeOf, withPlace } from "./container-mounts.ts";
import { ApiError } from "./errors.ts";
import type { Args, Fields, Graph } from "./graph.ts";
import { type Session, sessionOf } from "./session.ts";
import { existsIn, readStat } from "./stat.ts";
import type { ContainerValue, DirectoryValue, FileValue } from "./values.ts";

/** Files of containers: read through what is mounted, written as a new layer. */
export const containerFileFields: Fields = {
  Container: {
    rootfs: reads((c): DirectoryValue => ({ snapshot: c.rootfs, path: "/" })),
    withRootfs: changes(async (c, args, graph) => {
      const directory = await object(args["directory"]).value<DirectoryValue>();
      return { ...c, rootfs: await wholeSnapshot(sessionOf(graph), directory) };
    }),
    directory: reads((c, args, graph) => readDirectory(c, pathArgument(c, args), graph)),
    file: reads((c, args, graph) => readFile(c, pathArgument(c, args), graph)),
    exists: reads((c, args, graph) => {
      const { snapshot, path } = readablePlace(c, pathArgument(c, args));
      const expected = args["expectedType"] as string | undefined;
      return existsIn(graph, { snapshot, path: "/" }, path, expected, flag(args["doNotFollowSymlinks"]));
    }),
    stat: {
      ...reads((c, args, graph) => {
        const { snapshot, path } = readablePlace(c, pathArgument(c, args));
        return readStat(graph, { snapshot, path: "/" }, path, !flag(args["doNotFollowSymlinks"]));
      }),
      eager: true,
    },

    withNewFile: changes((c, args, graph) => {
      const contents = text(args["contents"]);
      const options = { permissions: (args["permissions"] as number | undefined) ?? 0o644, owner: text(args["owner"]) };
      return writeInto(c, args, graph, ["withNewFile", contents, options], options.owner, (root, path, owner) => {
        copyFileInto({
          source: { contents },
          name: basename(path),
          destinationRoot: root,
          destinationPath: path,
          permissions: options.permissions,
          owner,
        });
      });
    }),
    withFile: changes(async (c, args, graph) => {
      const path = keepingSlash(c, args, text(args["path"]));
      return await withFile(c, args, graph, path, await object(args["source"]).value<FileValue>());
    }),
    withFiles: changes(async (c, args, graph) => {
      const folder = keepingSlash(c, args, text(args["path"])).replace(/\/?$/, "/");
      let changed = c;
      for (const source of (args["sources"] ?? []) as readonly unknown[]) {
        changed = await withFile(changed, args, graph, folder, await object(source).value<FileValue>());
      }
      return changed;
    }),
    withDirectory: changes(async (c, args, graph) => {
      const session = sessionOf(graph);
      const source = await object(args["source"]).value<DirectoryValue>();
      const filter = {
        include: texts(args["include"]),
        exclude: texts(args["exclude"]),
        gitignore: flag(args["gitignore"]),
        permissions: args["permissions"] as number | undefined,
      };
      const key = ["withDirectory", source, filter];
      return await writeInto(c, args, graph, key, text(args["owner"]), async (root, path, owner) => {
        await copyTreeInto({
          sealed: true,
          ...filter,
          sourceRoot: await session.store.view(source.snapshot),
          sourcePath: source.path,
          destinationRoot: root,
          destinationPath: path,
          owner,
        });
      });
    }),
    withSymlink: changes((c, args, graph) => {
      const target = expandArgument(c, args, text(args["target"]));
      const link = { ...args, path: args["linkName"] };
      return writeInto(c, link, graph, ["withSymlink", target], "", (root, path) => symlinkInto(root, path, target));
    }),
    withoutFile: changes((c, args, graph) => removePath(c, args, graph, text(args["path"]))),
    withoutDirectory: changes((c, args, graph) => removePath(c, args, graph, text(args["path"]))),
    withoutFiles: changes(async (c, args, graph) => {
      let changed = c;
      for (const path of texts(args["paths"])) changed = await removePath(changed, args, graph, path);
      return changed;
    }),
  },
};

/** A directory as a snapshot of its own, whose root it is. */
async function wholeSnapshot(session: Session, directory: DirectoryValue): Promise<Snapshot> {
  if (directory.path === "/") return directory.snapshot;
  const { store } = session;
  return await store.once(["subtree", directory.snapshot, directory.path], () =>
    store.change(EMPTY, async (root) => {
      await copyTreeInto({
        sealed: true,
        sourceRoot: await store.view(directory.snapshot),
        sourcePath: directory.path,
        destinationRoot: root,
        destinationPath: "/",
      });
    }),
  );
}

/** The clean absolute path, with the slash at the end that says "into this folder". */
function keepingSlash(container: ContainerValue, args: Args, path: string): string {
  const absolute = absolutePath(container, expandArgument(container, args, path));
  return path.endsWith("/") && absolute !== "/" ? `${absolute}/` : absolute;
}

type Write = (root: string, path: string, owner: Owner | undefined) => void | Promise<void>;

/** Writes at the `path` argument, wherever that path leads; remembered by what was there and by `key`. */
async function writeInto(
  container: ContainerValue,
  args: Args,
  graph: Graph,
  key: readonly unknown[],
  owner: string,
  write: Write,
  given?: string,
): Promise<ContainerValue> {
  const { store } = sessionOf(graph);
  const wanted = given ?? pathArgument(container, args);
  const place = writablePlace(container, cleanPath(wanted));
  const path = wanted.endsWith("/") && place.path !== "/" ? `${place.path}/` : place.path;
  const who = owner === "" ? undefined : ownerOf(await store.view(container.rootfs), owner);
  const snapshot = await store.once([...key, place.snapshot, path, who ?? null], () =>
    store.change(place.snapshot, async (root) => write(root, path, who)),
  );
  return withPlace(container, place, snapshot);
}

function ownerOf(root: string, owner: string): Owner {
  try {
    return lookupOwner(root, owner);
  } catch (error) {
    throw new ApiError(`failed to resolve ownership for ${owner}: ${(error as Error).message}`);
  }
}

async function withFile(
  container: ContainerValue,
  args: Args,
  graph: Graph,
  path: string,
  source: FileValue,
): Promise<ContainerValue> {
  const { store } = sessionOf(graph);
  const permissions = args["permissions"] as number | undefined;
  const key = ["withFile", source, permissions ?? null];
  const write: Write = async (root, destinationPath, owner) =>
    copyFileInto({
      source: { root: await store.view(source.snapshot), path: source.path },
      name: basename(source.path),
      destinationRoot: root,
      destinationPath,
      permissions,
      owner,
    });
  return await writeInto(container, args, graph, key, text(args["owner"]), write, path);
}

async function removePath(container: ContainerValue, args: Args, graph: Graph, path: string): Promise<ContainerValue> {
  const absolute = absolutePath(container, expandArgument(container, args, path));
  return await writeInto(container, args, graph, ["remove"], "", removeInto, absolute);
}

/** @throws ApiError for a path in a cache or a temporary folder, whose content is none of the container's */
function readablePlace(container: ContainerValue, path: string): Place {
  const place = placeOf(container, path);
  if (typeof place !== "string") return place;
  throw new ApiError(`${path}: cannot retrieve path from ${place === "temp" ? "tmpfs" : place}`);
}

function writablePlace(container: ContainerValue, path: string): Place {
  try {
    return readablePlace(container, path);
  } catch (error) {
    throw new ApiError(`failed to locate path ${path}: ${(error as Error).message}`);
  }
}

/** Where a path of the container is kept, links on the way followed. */
async function findPath(container: ContainerValue, path: string, graph: Graph) {
  const place = readablePlace(container, path);
  const root = await sessionOf(graph).store.view(place.snapshot);
  const found = resolveInsideSync(root, place.path, { followLast: true });
  const stats = lstatSync(found, { throwIfNoEntry: false });
  if (stats === undefined) throw new PathError("stat", path, "ENOENT");
  return { snapshot: place.snapshot, path: `/${relative(root, found)}`, stats };
}

async function readDirectory(container: ContainerValue, path: string, graph: Graph): Promise<DirectoryValue> {
  const found = await findPath(container, path, graph);
  if (!found.stats.isDirectory()) throw new ApiError(`path ${path} is a file, not a directory`);
  return { snapshot: found.snapshot, path: found.path };
}

async function readFile(container: ContainerValue, path: string, graph: Graph): Promise<FileValue> {
  const found = await findPath(container, path, graph);
  if (found.stats.isDirectory()) throw new ApiError(`path ${path} is a directory, not a file`);
  return { snapshot: found.snapshot, path: found.path };
}
