import { existsSync, readdirSync } from "node:fs";
import { posix } from "node:path";
import { copyDifference } from "../store/compare.ts";
import { contentDigest } from "../store/content.ts";
import { copyFileInto, copyTreeInto } from "../store/copy.ts";
import {
  changeOwnerInside,
  makeDirectoryInto,
  removeInto,
  setTimesInside,
  symlinkInto,
  writeFileInto,
} from "../store/edit.ts";
import { exportFolder } from "../store/export.ts";
import { holdsStore } from "../store/own-store.ts";
import { applyPatch } from "../store/patch.ts";
import { leavesFolder, pathError } from "../store/paths.ts";
import { compileGlob } from "../store/patterns.ts";
import { EMPTY } from "../store/snapshot.ts";
import { walkTree } from "../store/tree-walk.ts";
import { type Owner, parseOwner } from "../store/users.ts";
import { flag, object, text, texts } from "./arguments.ts";
import { ApiError } from "./errors.ts";
import { readsValue } from "./field-kinds.ts";
import { readText } from "./file-contents.ts";
import type { Args, Field, Fields, Graph, Obj, Pin } from "./graph.ts";
import { hostPlace, sessionOf } from "./session.ts";
import { existsIn, readStat } from "./stat.ts";
import { changeTree, directoryIn, fileIn, pathIn, placeIn, rootOf } from "./trees.ts";
import type { DirectoryValue, FileValue } from "./values.ts";

const EMPTY_DIRECTORY: DirectoryValue = { snapshot: EMPTY, path: "/" };

const NEW_FILE_MODE = 0o644;
const NEW_FOLDER_MODE = 0o644;

/** A field that gives another directory. */
function makes(make: (directory: DirectoryValue, args: Args, graph: Graph) => Promise<DirectoryValue>): Field {
  return { run: async (self, args, graph) => make(await self.value<DirectoryValue>(), args, graph) };
}

/** A field that is read from the files. */
const reads = readsValue<DirectoryValue>;

export const directoryFields: Fields = {
  Query: {
    directory: { run: () => EMPTY_DIRECTORY },
  },
  Directory: {
    sync: {
      run: async (self) => {
        await self.value();
        return await self.id();
      },
    },
    name: reads((d) => (d.path === "/" ? "/" : `${posix.basename(d.path)}/`)),
    digest: reads(async (d, _args, graph) => contentDigest(await rootOf(graph, d), d.path)),
    entries: reads(async (d, args, graph) => listEntries(graph, d, text(args["path"], "."))),
    glob: reads(async (d, args, graph) => {
      const matches = compileGlob(text(args["pattern"]));
      const found: string[] = [];
      for (const entry of walkTree(await placeIn(graph, d, "."))) {
        if (matches(entry.path)) found.push(entry.stat.isDirectory() ? `${entry.path}/` : entry.path);
      }
      return found;
    }),
    exists: reads((d, args, graph) =>
      existsIn(
        graph,
        d,
        text(args["path"]),
        args["expectedType"] as string | undefined,
        flag(args["doNotFollowSymlinks"]),
      ),
    ),
    stat: {
      ...reads((d, args, graph) => readStat(graph, d, text(args["path"]), !flag(args["doNotFollowSymlinks"]))),
      eager: true,
    },
    findUp: reads((d, args, graph) => findUp(graph, d, text(args["name"]), text(args["start"]))),
    export: {
      run: async (self, args, graph) => {
        const d = await self.value<DirectoryValue>();
        const { store } = sessionOf(graph);
        const destination = hostPlace(sessionOf(graph), text(args["path"]));
        const wipe = flag(args["wipe"]);
        if (wipe && destination.root === "/" && holdsStore(destination.path, store.dir))
          throw new ApiError(
            `${destination.path} is not wiped: the engine's store is in it\n  to do: export without wipe, or set SLIPWAY_STORE to a folder elsewhere`,
          );
        await exportFolder({
          sourceRoot: await rootOf(graph, d),
          sourcePath: d.path,
          destination,
          wipe,
        });
        return destination.path;
      },
    },

    directory: {
      ...makes((d, args, graph) => directoryIn(graph, d, text(args["path"]))),
      pin: pinPart,
    },
    file: {
      run: async (self, args, graph) => fileIn(graph, await self.value<DirectoryValue>(), text(args["path"])),
      pin: pinPart,
      check: async (self, args, graph) => {
        await fileIn(graph, await self.value<DirectoryValue>(), text(args["path"]));
      },
    },

    withNewFile: makes((d, args, graph) => {
      const path = pathIn(d, text(args["path"]));
      const mode = (args["permissions"] as number | undefined) ?? NEW_FILE_MODE;
      const contents = text(args["contents"]);
      return changeTree(graph, d, ["withNewFile", path, mode, contents], (root) =>
        writeFileInto(root, path, contents, mode),
      );
    }),
    withNewDirectory: makes((d, args, graph) => {
      const given = text(args["path"]);
      if (leavesFolder(given)) throw new ApiError(`cannot create directory outside parent: ${given}`);
      const path = pathIn(d, given);
      const mode = (args["permissions"] as number | undefined) ?? NEW_FOLDER_MODE;
      return changeTree(graph, d, ["withNewDirectory", path, mode], (root) => makeDirectoryInto(root, path, mode));
    }),
    withSymlink: makes((d, args, graph) => {
      const [path, target] = [pathIn(d, text(args["linkName"])), text(args["target"])];
      return changeTree(graph, d, ["withSymlink", path, target], (root) => symlinkInto(root, path, target));
    }),
    withFile: makes((d, args, graph) => withFile(graph, d, text(args["path"]), object(args["source"]), args)),
    withFiles: makes(async (d, args, graph) => {
      let directory = d;
      for (const source of args["sources"] as readonly Obj[]) {
        directory = await withFile(graph, directory, `${text(args["path"])}/`, source, args);
      }
      return directory;
    }),
    withDirectory: makes(withDirectory),
    withTimestamps: makes((d, args, graph) => {
      const seconds = args["timestamp"] as number;
      return changeTree(graph, d, ["withTimestamps", seconds], (root) => setTimesInside(root, d.path, seconds));
    }),
    chown: makes((d, args, graph) => {
      const owner = parseOwner(text(args["owner"]));
      const path = pathIn(d, text(args["path"]));
      return changeTree(graph, d, ["chown", path, owner], (root) => changeOwnerInside(root, path, owner));
    }),
    withoutFile: makes((d, args, graph) => without(graph, d, [text(args["path"])])),
    withoutFiles: makes((d, args, graph) => without(graph, d, texts(args["paths"]))),
    withoutDirectory: makes((d, args, graph) => without(graph, d, [text(args["path"])])),

    filter: makes(async (d, args, graph) => {
      const filter = filterArguments(args);
      return await changeTree(graph, EMPTY_DIRECTORY, ["filter", d, filter], async (root) =>
        copyTreeInto({
          sealed: true,
          sourceRoot: await rootOf(graph, d),
          sourcePath: d.path,
          destinationRoot: root,
          destinationPath: "/",
          ...filter,
        }),
      );
    }),
    diff: makes(async (d, args, graph) => {
      const other = await object(args["other"]).value<DirectoryValue>();
      const [before, after] = await Promise.all([placeIn(graph, d, "."), placeIn(graph, other, ".")]);
      return await changeTree(graph, EMPTY_DIRECTORY, ["diff", d, other], (root) =>
        copyDifference(before, after, root),
      );
    }),
    withPatch: makes((d, args, graph) => withPatch(graph, d, text(args["patch"]))),
    withPatchFile: makes(async (d, args, graph) => {
      const patch = await readText(graph, await object(args["patch"]).value<FileValue>());
      return await withPatch(graph, d, patch);
    }),
    withError: {
      run: async (self, args) => {
        failWith(text(args["err"]));
        return await self.value();
      },
      check: async (_self, args) => failWith(text(args["err"])),
    },
  },
};

function failWith(message: string): void {
  if (message !== "") throw new ApiError(message);
}

async function listEntries(graph: Graph, directory: DirectoryValue, path: string): Promise<readonly string[]> {
  const place = await placeIn(graph, directory, path);
  try {
    return readdirSync(place, { withFileTypes: true })
      .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
      .sort();
  } catch (error) {
    throw pathError("open", pathIn(directory, path), error);
  }
}

/** The nearest folder, from `start` up, that has the name; as a path like `start` is one, relative or absolute. */
async function findUp(graph: Graph, directory: DirectoryValue, name: string, start: string): Promise<string | null> {
  if (name === "") throw new ApiError("name cannot be empty");
  for (let folder = posix.normalize(start); ; folder = posix.dirname(folder)) {
    const candidate = posix.join(folder, name);
    if (await existsIn(graph, directory, candidate, undefined, true)) return candidate;
    if (folder === "." || folder === "/" || folder.startsWith("..")) return null;
  }
}

function filterArguments(args: Args) {
  return { include: texts(args["include"]), exclude: texts(args["exclude"]), gitignore: flag(args["gitignore"]) };
}

function ownerArgument(args: Args): Owner | undefined {
  const owner = text(args["owner"]);
  return owner === "" ? undefined : parseOwner(owner);
}

/**
 * A part of what is known by its content is known by its own: a change beside it changes nothing that is made from it.
 * Whatever has to be made first keeps its recipe, so that nothing runs for the sake of an id.
 */
async function pinPart(self: Obj, args: Args, graph: Graph): Promise<Pin | undefined> {
  if ((await self.pin()) === undefined) return undefined;
  const whole = await self.value<DirectoryValue>();
  const path = text(args["path"]);
  // What is not there is said by whoever needs it.
  if (!existsSync(await placeIn(graph, whole, path))) return undefined;
  return { key: `part ${await contentDigest(await rootOf(graph, whole), pathIn(whole, path))}` };
}

async function withDirectory(d: DirectoryValue, args: Args, graph: Graph): Promise<DirectoryValue> {
  const source = await object(args["source"]).value<DirectoryValue>();
  const path = pathIn(d, text(args["path"]));
  const given = {
    ...filterArguments(args),
    owner: ownerArgument(args),
    permissions: args["permissions"] as number | undefined,
  };
  return await changeTree(graph, d, ["withDirectory", path, source, given], async (root) =>
    copyTreeInto({
      sealed: true,
      sourceRoot: await rootOf(graph, source),
      sourcePath: source.path,
      destinationRoot: root,
      destinationPath: path,
      ...given,
    }),
  );
}

async function withFile(
  graph: Graph,
  d: DirectoryValue,
  given: string,
  from: Obj,
  args: Args,
): Promise<DirectoryValue> {
  const source = await from.value<FileValue>();
  const path = given.endsWith("/") ? `${pathIn(d, given)}/` : pathIn(d, given);
  const metadata = { owner: ownerArgument(args), permissions: args["permissions"] as number | undefined };
  return await changeTree(graph, d, ["withFile", path, source, metadata], async (root) =>
    copyFileInto({
      source: { root: await rootOf(graph, source), path: source.path },
      name: posix.basename(source.path),
      destinationRoot: root,
      destinationPath: path,
      ...metadata,
    }),
  );
}

async function without(graph: Graph, d: DirectoryValue, given: readonly string[]): Promise<DirectoryValue> {
  const paths = given.map((path) => pathIn(d, path));
  return await changeTree(graph, d, ["without", paths], (root) => {
    for (const path of paths) removeInto(root, path);
  });
}

async function withPatch(graph: Graph, d: DirectoryValue, patch: string): Promise<DirectoryValue> {
  if (patch === "") return d;
  return await changeTree(graph, d, ["withPatch", patch], (root) => applyPatch(root, d.path, patch));
}
