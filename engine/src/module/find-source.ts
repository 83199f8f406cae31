import { posix } from "node:path";
import { ApiError } from "../api/errors.ts";
import { readText } from "../api/file-contents.ts";
import type { Graph, Obj } from "../api/graph.ts";
import { sessionOf } from "../api/session.ts";
import { fileIn } from "../api/trees.ts";
import type { DirectoryValue } from "../api/values.ts";
import { pathClean } from "../go-texts/path-clean.ts";
import { leavesFolder } from "../store/paths.ts";
import type { DependencyConfig } from "./config.ts";
import { checkKnownSdk, parseConfigFile } from "./config-file.ts";
import { looksRemote, parseGitAddress } from "./git-address.ts";
import { besideIn, findGitPlace, findUpInGit, type GitPlace, readInGit, textOfPlace } from "./git-place.ts";
import { absolute, contextOf, emptyContext, findUp, isThere, readHost } from "./source-context.ts";
import { CONFIG, type SourceValue, sourceAt, withRelated } from "./source-value.ts";

/** How a local source is looked for. */
export interface LocalSearch {
  readonly findUp: boolean;
  readonly allowNotExists: boolean;
}

/** The modules on the way to one that is looked for, by their places. */
type Above = readonly string[];

/**
 * The source that a path of the caller's host leads to: the folder with dagger.json there or above, or a dependency of that name.
 *
 * @throws ApiError `local path "x" does not exist`
 */
export async function localSource(
  graph: Graph,
  given: string,
  search: LocalSearch,
  above: Above = [],
): Promise<SourceValue> {
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
  const places = {
    contextPath,
    git: undefined,
    rootSubpath,
    originalSubpath: posix.relative(contextPath, place) || ".",
  };
  if (!hasConfig) {
    return {
      ...sourceAt("LOCAL_SOURCE", undefined, places),
      configExists: false,
      context: emptyContext(graph, rootSubpath),
    };
  }
  const value = sourceAt("LOCAL_SOURCE", readHost(graph, posix.join(root, CONFIG)), places);
  checkKnownSdk(value.config.sdk?.source ?? "", "local module source");
  return await complete(graph, { ...value, context: contextOf(graph, value) }, above);
}

/** The source with all that its dagger.json names. */
async function complete(graph: Graph, value: SourceValue, above: Above): Promise<SourceValue> {
  const deeper = [...above, placeOf(value, value.rootSubpath)];
  return await withRelated(value, (config) => relatedSource(graph, value, config, deeper));
}

/** What a module is known by on the way to others. */
function placeOf({ contextPath, git }: Pick<SourceValue, "contextPath" | "git">, rootSubpath: string): string {
  if (git !== undefined) return `${git.cloneRef} ${git.commit} ${pathClean(rootSubpath)}`;
  return contextPath === undefined ? pathClean(rootSubpath) : posix.resolve(contextPath, rootSubpath);
}

/**
 * The module that the dagger.json of another one names.
 *
 * @throws ApiError when it is not there, or where no module may be
 */
export async function relatedSource(
  graph: Graph,
  from: SourceValue,
  config: DependencyConfig,
  above: Above = [],
): Promise<SourceValue> {
  const { source } = config;
  if (looksRemote(source) && !(await isFolderOf(graph, from, source)))
    return await gitRelated(graph, from, config, above);
  if (posix.isAbsolute(source))
    throw new ApiError(`local module dep source path ${JSON.stringify(source)} is absolute`);
  const path = posix.join(from.rootSubpath, source);
  if (leavesFolder(path) && from.git === undefined) {
    const context = JSON.stringify(from.contextPath ?? "/");
    throw new ApiError(`local module dep source path ${JSON.stringify(path)} escapes context ${context}`);
  }
  if (above.includes(placeOf(from, path))) throw circular(from, config);
  const { git, contextPath, context } = from;
  if (git !== undefined) {
    const place = await findGitPlace(graph, besideIn(git, path), git.commit);
    return await sourceInGit(graph, place, place.folder, above);
  }
  if (contextPath === undefined) return await directorySource(graph, context, path, above);
  return await localSource(graph, posix.resolve(contextPath, path), { findUp: false, allowNotExists: false }, above);
}

function circular(from: SourceValue, { name, source }: DependencyConfig): ApiError {
  const [own, other] = [from.name, name || source].map((one) => JSON.stringify(one));
  return new ApiError(`module ${own} has a circular dependency on itself through dependency ${other}`);
}

/** An address may be the name of a folder too. */
async function isFolderOf(graph: Graph, { contextPath, git, rootSubpath }: SourceValue, source: string) {
  const path = posix.join(rootSubpath, source);
  if (contextPath !== undefined) return isThere(graph, posix.resolve(contextPath, path));
  if (git === undefined) return false;
  const args = { path, expectedType: "DIRECTORY_TYPE" };
  return (await graph.field("Directory", "exists").run(git.tree, args, graph, undefined)) as boolean;
}

async function namedDependency(graph: Graph, name: string): Promise<SourceValue | undefined> {
  const root = findUp(graph, sessionOf(graph).host.workdir, CONFIG);
  if (root === undefined) return undefined;
  const config = parseConfigFile(readHost(graph, posix.join(root, CONFIG)));
  const found = config.dependencies.find((one) => one.name === name);
  if (found === undefined) return undefined;
  if (looksRemote(found.source)) return await gitSource(graph, found.source, found.pin ?? "", { findUp: false });
  return await localSource(graph, posix.join(root, found.source), { findUp: false, allowNotExists: false });
}

/** A module in a git repository that a dagger.json names. */
async function gitRelated(
  graph: Graph,
  from: SourceValue,
  config: DependencyConfig,
  above: Above,
): Promise<SourceValue> {
  const { git, folder } = await foundInGit(graph, config.source, config.pin ?? "", { findUp: true }).catch(notLoaded);
  if (above.includes(placeOf({ git, contextPath: undefined }, folder))) throw circular(from, config);
  return await sourceInGit(graph, git, folder, above).catch(notLoaded);
}

function notLoaded(error: Error): never {
  throw new ApiError(`failed to load git dep: ${error.message}`);
}

/**
 * The source in a git repository, as an address names it.
 *
 * @param pin the commit; empty: what the address means now
 * @throws ApiError when there is no such repository, version or module
 */
export async function gitSource(
  graph: Graph,
  ref: string,
  pin: string,
  search: Pick<LocalSearch, "findUp">,
): Promise<SourceValue> {
  const { git, folder } = await foundInGit(graph, ref, pin, search);
  return await sourceInGit(graph, git, folder, []);
}

/** The repository that an address names, and the folder of the module in it. */
async function foundInGit(graph: Graph, ref: string, pin: string, { findUp: searches }: Pick<LocalSearch, "findUp">) {
  const git = await findGitPlace(graph, parseGitAddress(ref), pin);
  const folder = searches ? await findUpInGit(graph, git, CONFIG) : git.folder;
  if (folder === undefined) throw withoutConfig(git, git.folder);
  return { git, folder };
}

async function sourceInGit(graph: Graph, git: GitPlace, rootSubpath: string, above: Above): Promise<SourceValue> {
  const text = await readInGit(graph, git, posix.join(rootSubpath, CONFIG));
  if (text === undefined) throw withoutConfig(git, rootSubpath);
  const originalSubpath = git.folder === "." ? "" : git.folder;
  const value = sourceAt("GIT_SOURCE", text, { contextPath: undefined, git, rootSubpath, originalSubpath });
  checkKnownSdk(value.config.sdk?.source ?? "", "git module source");
  return await complete(graph, { ...value, context: contextOf(graph, value) }, above);
}

function withoutConfig(git: GitPlace, folder: string): ApiError {
  return new ApiError(
    `git module source ${JSON.stringify(textOfPlace(git, folder))} does not contain a dagger config file`,
  );
}

/**
 * The source in a Directory.
 *
 * @throws PathError when it has no dagger.json there
 */
export async function directorySource(
  graph: Graph,
  context: Obj,
  given: string,
  above: Above = [],
): Promise<SourceValue> {
  const rootSubpath = pathClean(given);
  const tree = await context.value<DirectoryValue>();
  let text: string;
  try {
    text = await readText(graph, await fileIn(graph, tree, posix.join(rootSubpath, CONFIG)));
  } catch (error) {
    throw new ApiError(`failed to load dir module dagger config: ${(error as Error).message}`);
  }
  // The real engine says nothing about where a folder was asked for when it is a Directory.
  const places = { contextPath: undefined, git: undefined, rootSubpath, originalSubpath: "" };
  const value = sourceAt("DIR_SOURCE", text, places);
  checkKnownSdk(value.config.sdk?.source ?? "", "dir module source");
  return await complete(graph, { ...value, context }, above);
}
