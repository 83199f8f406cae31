import { existsSync } from "node:fs";
import { join, posix, resolve } from "node:path";
import { ApiError } from "../api/errors.ts";
import type { Graph, Obj } from "../api/graph.ts";
import { hostDirectory, hostFile } from "../api/host.ts";
import { workspaceObject } from "../api/workspace.ts";
import { isAtOrBelow } from "../store/paths.ts";
import type { ArgumentDef } from "./definition.ts";
import { originOfTree } from "./git-modules.ts";
import { type DefaultPlaces, placeOf } from "./source.ts";

const GIT_TYPES = ["GitRepository", "GitRef"];

/**
 * What lies at the default path of an argument: a folder, a file, or the git repository around them.
 *
 * @param machine whose host is this machine: a contextual directory is of the module's folder, whoever calls
 * @returns undefined for an argument that may be left out, where there is nothing of its type
 * @throws ApiError when the path leaves the context, or is none that its type has
 */
export function contextual(
  def: ArgumentDef,
  defaultPath: string,
  defaults: DefaultPlaces,
  machine: Graph,
): Obj | undefined {
  const { type, ignore, name } = def;
  if (GIT_TYPES.includes(type.name ?? "")) return contextualGit(def, defaultPath, defaults, machine);
  const isFile = type.name === "File";
  if (!isFile && type.name !== "Directory") {
    throw new ApiError(
      `argument ${JSON.stringify(name)}: unknown contextual argument type ${JSON.stringify(type.name)}`,
    );
  }
  // Read anew for each call: the session may live long, and the module means what is there now.
  if (defaults.kind === "workspace") {
    const parent = workspaceObject(machine);
    return isFile
      ? machine.object("File", { parent, field: "file", args: { path: defaultPath } })
      : machine.object("Directory", { parent, field: "directory", args: { path: defaultPath, exclude: ignore } });
  }
  if (defaults.kind === "directory") return inDirectory(def, defaultPath, defaults);
  const path = placeOf(placeOfDefault(def, defaultPath, defaults), defaults);
  return isFile
    ? hostFile(machine, { path, noCache: true })
    : hostDirectory(machine, { path, exclude: ignore, noCache: true });
}

/** A path means the whole repository of the module: `.`, `/` and `.git` do. An address is another one. */
function contextualGit(
  def: ArgumentDef,
  defaultPath: string,
  defaults: DefaultPlaces,
  machine: Graph,
): Obj | undefined {
  const { type, name } = def;
  const isOwn = [".", "", ".git"].includes(posix.normalize(defaultPath.replace(/^\/+|\/+$/g, "") || "."));
  if (!isOwn) {
    if (!/^(\w+:\/\/|[\w.-]+@[\w.-]+:)/.test(defaultPath))
      throw new ApiError(
        `default path ${JSON.stringify(defaultPath)} of argument ${JSON.stringify(name)}: a ${type.name} is ".", ".git" or the address of a git repository`,
      );
    const address = machine.object("Address", { parent: machine.root, field: "address", args: { value: defaultPath } });
    const field = type.name === "GitRef" ? "gitRef" : "gitRepository";
    return machine.object(type.name as string, { parent: address, field, args: {} });
  }
  const repository = repositoryOf(defaults, machine);
  if (repository === undefined) {
    if (type.optional) return undefined;
    throw new ApiError(
      `load contextual git ${JSON.stringify(defaultPath)} of argument ${JSON.stringify(name)}: the module is not in a git repository here: give the argument yourself`,
    );
  }
  if (type.name === "GitRepository") return repository;
  return repository.graph.object("GitRef", { parent: repository, field: "head", args: {} });
}

/** That of the folder with `.git` in it; of a module that was fetched, the one that it comes from, with its commit as the head. */
function repositoryOf(defaults: DefaultPlaces, machine: Graph): Obj | undefined {
  if (defaults.kind === "directory") return undefined;
  const origin = defaults.kind === "context" ? originOfTree(defaults.contextDir) : undefined;
  if (origin !== undefined) {
    const args = { url: origin.url, head: origin.commit };
    return machine.object("GitRepository", { parent: machine.root, field: "git", args });
  }
  const context = folderOf(defaults, machine);
  return context?.graph.object("GitRepository", { parent: context, field: "asGit", args: {} });
}

function folderOf(defaults: Exclude<DefaultPlaces, { kind: "directory" }>, machine: Graph): Obj | undefined {
  if (defaults.kind === "workspace") {
    const args = { path: "/", exclude: [] };
    return machine.object("Directory", { parent: workspaceObject(machine), field: "directory", args });
  }
  if (!existsSync(join(defaults.contextDir, ".git"))) return undefined;
  return hostDirectory(machine, { path: defaults.contextDir, gitignore: true, noCache: true });
}

/** What lies at a default path of a module that is a Directory of the API. */
function inDirectory(
  def: ArgumentDef,
  defaultPath: string,
  { directory, path }: Extract<DefaultPlaces, { kind: "directory" }>,
): Obj {
  const { graph } = directory;
  const contextDir = "/";
  const place = placeOfDefault(def, defaultPath, { kind: "context", contextDir, moduleDir: posix.join("/", path) });
  const args = { path: posix.relative(contextDir, place) || "." };
  if (def.type.name === "File") return graph.object("File", { parent: directory, field: "file", args });
  const found = graph.object("Directory", { parent: directory, field: "directory", args });
  if (def.ignore.length === 0) return found;
  return graph.object("Directory", { parent: found, field: "filter", args: { exclude: def.ignore } });
}

function placeOfDefault(
  { name }: ArgumentDef,
  defaultPath: string,
  { contextDir, moduleDir }: Extract<DefaultPlaces, { kind: "context" }>,
): string {
  const path = defaultPath.startsWith("/") ? posix.join(contextDir, defaultPath) : resolve(moduleDir, defaultPath);
  if (isAtOrBelow(path, contextDir)) return path;
  throw new ApiError(
    `default path ${JSON.stringify(defaultPath)} of argument ${JSON.stringify(name)} leaves ${contextDir}`,
  );
}
