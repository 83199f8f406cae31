import { posix } from "node:path";
import { ApiError } from "../api/errors.ts";
import { readText } from "../api/file-contents.ts";
import type { Args, Graph, Obj } from "../api/graph.ts";
import { hostDirectory } from "../api/host.ts";
import { hostPlace, sessionOf } from "../api/session.ts";
import { fileIn } from "../api/trees.ts";
import type { DirectoryValue } from "../api/values.ts";
import { pathClean } from "../go-texts/path-clean.ts";
import { lookInside, readInside } from "../store/inside.ts";
import { leavesFolder } from "../store/paths.ts";
import type { DependencyConfig } from "./config.ts";
import { type ConfigFile, checkKnownSdk, parseConfigFile } from "./config-file.ts";
import type { ConfigChange, MadeFor } from "./config-text.ts";
import { looksRemote } from "./git-address.ts";

export type SourceKind = "LOCAL_SOURCE" | "GIT_SOURCE" | "DIR_SOURCE";

/** A module's source as the API has it: nothing of it has to be loaded, nor has it to be there at all. */
export interface SourceValue {
  readonly kind: SourceKind;
  readonly configExists: boolean;
  /** What it is called here. */
  readonly name: string;
  /** As dagger.json says, or as it was changed to. */
  readonly config: ConfigFile;
  /** The text of dagger.json before any change; undefined when there is none. */
  readonly text: string | undefined;
  readonly change: ConfigChange;
  /** Set when the module is to be for another engine. */
  readonly madeFor: MadeFor | undefined;
  /** What it called itself first. */
  readonly originalName: string;
  /** Of a local one: the context on the host of whoever asked. */
  readonly contextPath: string | undefined;
  /** What the context holds, as a Directory. */
  readonly context: Obj;
  /** Folder of dagger.json, from the context; `.` for that itself. */
  readonly rootSubpath: string;
  /** The folder that was asked for. */
  readonly originalSubpath: string;
  /** Folder of the package, from the context; empty without an SDK. */
  readonly sourceSubpath: string;
  readonly dependencies: readonly SourceValue[];
  readonly blueprint: SourceValue | undefined;
  readonly toolchains: readonly SourceValue[];
}

const CONFIG = "dagger.json";

const NO_CONFIG: ConfigFile = {
  name: "",
  engineVersion: "",
  sdk: undefined,
  source: "",
  include: [],
  dependencies: [],
  blueprint: undefined,
  toolchains: [],
  clients: [],
};

/** How a local source is looked for. */
export interface LocalSearch {
  readonly findUp: boolean;
  readonly allowNotExists: boolean;
}

/**
 * The source that a path of the caller's host leads to: the folder with dagger.json there or above, or a dependency of that name.
 *
 * @throws ApiError `local path "x" does not exist`
 */
export async function localSource(graph: Graph, given: string, search: LocalSearch): Promise<SourceValue> {
  const path = given === "" ? "." : given;
  const place = absolute(graph, path);
  if (!isThere(graph, place)) {
    const named = search.findUp ? await namedDependency(graph, path) : undefined;
    if (named !== undefined) return named;
    if (!search.allowNotExists) throw new ApiError(`local path ${JSON.stringify(path)} does not exist`);
  }
  const found = findUp(graph, place, CONFIG);
  const hasConfig = search.findUp ? found !== undefined : found === place;
  const root = search.findUp ? (found ?? place) : place;
  const contextPath = findUp(graph, place, ".git") ?? root;
  const rootSubpath = posix.relative(contextPath, root) || ".";
  if (leavesFolder(rootSubpath)) {
    throw new ApiError(
      `source root path ${JSON.stringify(rootSubpath)} escapes context ${JSON.stringify(contextPath)}`,
    );
  }
  const places = { contextPath, rootSubpath, originalSubpath: posix.relative(contextPath, place) || "." };
  if (!hasConfig) {
    return {
      ...sourceAt("LOCAL_SOURCE", undefined, places),
      configExists: false,
      context: emptyContext(graph, rootSubpath),
    };
  }
  const value = sourceAt("LOCAL_SOURCE", readHost(graph, posix.join(root, CONFIG)), places);
  checkKnownSdk(value.config.sdk?.source ?? "", "local module source");
  const context = hostContext(graph, value);
  const related = (one: DependencyConfig) => localRelated(graph, one, { contextPath, root });
  return await withRelated({ ...value, context }, related);
}

/** @throws ApiError when a dependency's path leaves the context */
async function localRelated(
  graph: Graph,
  { source }: DependencyConfig,
  { contextPath, root }: { readonly contextPath: string; readonly root: string },
): Promise<SourceValue> {
  const place = posix.resolve(root, source);
  if (looksRemote(source) && !isThere(graph, place)) throw notFromGit(source);
  if (posix.isAbsolute(source))
    throw new ApiError(`local module dep source path ${JSON.stringify(source)} is absolute`);
  const fromContext = posix.relative(contextPath, place);
  if (leavesFolder(fromContext)) {
    throw new ApiError(
      `local module dep source path ${JSON.stringify(fromContext)} escapes context ${JSON.stringify(contextPath)}`,
    );
  }
  return await localSource(graph, place, { findUp: false, allowNotExists: false });
}

async function namedDependency(graph: Graph, name: string): Promise<SourceValue | undefined> {
  const root = findUp(graph, sessionOf(graph).host.workdir, CONFIG);
  if (root === undefined) return undefined;
  const config = parseConfigFile(readHost(graph, posix.join(root, CONFIG)));
  const found = config.dependencies.find((one) => one.name === name);
  if (found === undefined) return undefined;
  if (looksRemote(found.source)) throw notFromGit(found.source);
  return await localSource(graph, posix.join(root, found.source), { findUp: false, allowNotExists: false });
}

/**
 * The source in a Directory.
 *
 * @throws PathError when it has no dagger.json there
 */
export async function directorySource(graph: Graph, context: Obj, given: string): Promise<SourceValue> {
  const rootSubpath = pathClean(given);
  const tree = await context.value<DirectoryValue>();
  let text: string;
  try {
    text = await readText(graph, await fileIn(graph, tree, posix.join(rootSubpath, CONFIG)));
  } catch (error) {
    throw new ApiError(`failed to load dir module dagger config: ${(error as Error).message}`);
  }
  // The real engine says nothing about where a folder was asked for when it is a Directory.
  const value = sourceAt("DIR_SOURCE", text, { contextPath: undefined, rootSubpath, originalSubpath: "" });
  checkKnownSdk(value.config.sdk?.source ?? "", "dir module source");
  return await withRelated({ ...value, context }, async ({ source }) => {
    const place = posix.join(rootSubpath, source);
    if (looksRemote(source)) throw notFromGit(source);
    if (posix.isAbsolute(source))
      throw new ApiError(`local module dep source path ${JSON.stringify(source)} is absolute`);
    if (leavesFolder(place)) {
      throw new ApiError(`local module dep source path ${JSON.stringify(place)} escapes context "/"`);
    }
    return await directorySource(graph, context, place);
  });
}

type Places = Pick<SourceValue, "contextPath" | "rootSubpath" | "originalSubpath">;

function sourceAt(kind: SourceKind, text: string | undefined, places: Places): Omit<SourceValue, "context"> {
  const config = text === undefined ? NO_CONFIG : parseConfigFile(text);
  return {
    kind,
    configExists: true,
    config,
    name: config.name,
    text,
    change: {},
    madeFor: undefined,
    originalName: config.name,
    sourceSubpath: sourceSubpathOf(config, places.rootSubpath),
    dependencies: [],
    blueprint: undefined,
    toolchains: [],
    ...places,
  };
}

/** Folder of the package, from the context; empty without an SDK. */
export function sourceSubpathOf({ sdk, source }: ConfigFile, rootSubpath: string): string {
  return (sdk?.source ?? "") === "" ? "" : posix.join(rootSubpath, source);
}

/** What a local source takes of the folder on the host. */
export function hostContext(graph: Graph, value: Omit<SourceValue, "context">): Obj {
  const { contextPath = "/", rootSubpath } = value;
  if (!isThere(graph, contextPath)) return emptyContext(graph, rootSubpath);
  return hostDirectory(graph, { path: contextPath, include: includesOf(value), gitignore: true });
}

async function withRelated(
  value: SourceValue,
  load: (one: DependencyConfig) => Promise<SourceValue>,
): Promise<SourceValue> {
  const { config } = value;
  const named = async (one: DependencyConfig, what: string): Promise<SourceValue> => {
    const found = await load(one).catch((error: Error) => {
      throw new ApiError(`failed to resolve ${what} to source: ${error.message}`);
    });
    return one.name === "" ? found : renamed(found, one.name);
  };
  return {
    ...value,
    dependencies: await Promise.all(config.dependencies.map((one) => named(one, "dep"))),
    toolchains: await Promise.all(config.toolchains.map((one) => named(one, "toolchain"))),
    blueprint: config.blueprint === undefined ? undefined : await named(config.blueprint, "blueprint"),
  };
}

/** The source under another name; the first name that it gets is its own. */
export function renamed(value: SourceValue, name: string): SourceValue {
  return { ...value, name, originalName: value.originalName || name };
}

/** What is taken of a context: the configuration, the package, and what dagger.json names besides. */
export function includesOf({ rootSubpath, sourceSubpath, config }: Omit<SourceValue, "context">): readonly string[] {
  const source = sourceSubpath === "." ? "*" : sourceSubpath || rootSubpath;
  const named = config.include.map((pattern) =>
    pattern.startsWith("!") ? `!${posix.join(rootSubpath, pattern.slice(1))}` : posix.join(rootSubpath, pattern),
  );
  return [posix.join(rootSubpath, CONFIG), source, ...named];
}

function emptyContext(graph: Graph, path: string): Obj {
  const empty = graph.object("Directory", { parent: graph.root, field: "directory", args: {} });
  const args: Args = { path, source: empty };
  return graph.object("Directory", { parent: empty, field: "withDirectory", args });
}

function absolute(graph: Graph, path: string): string {
  return hostPlace(sessionOf(graph), path).path;
}

function isThere(graph: Graph, path: string): boolean {
  return lookInside(sessionOf(graph).host.root, path, { followLast: true }) !== undefined;
}

function readHost(graph: Graph, path: string): string {
  return readInside(sessionOf(graph).host.root, path).toString("utf8");
}

function findUp(graph: Graph, from: string, name: string): string | undefined {
  for (let folder = from; ; folder = posix.dirname(folder)) {
    if (isThere(graph, posix.join(folder, name))) return folder;
    if (folder === "/") return undefined;
  }
}

/** Modules of git repositories are loaded by commands, not over the API. */
export function notFromGit(source: string): ApiError {
  return new ApiError(
    `moduleSource of a git repository (${source}) is not supported by the embedded engine yet: use the real Dagger engine for it (dagger call …), or name the module in dagger.json or by -m`,
    { code: "UNSUPPORTED_FIELD" },
  );
}
