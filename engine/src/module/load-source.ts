import { realpathSync } from "node:fs";
import { join } from "node:path";
import { ApiError } from "../api/errors.ts";
import type { Graph, Obj } from "../api/graph.ts";
import { hostDirectory } from "../api/host.ts";
import { sessionOf } from "../api/session.ts";
import { placeIn } from "../api/trees.ts";
import type { DirectoryValue } from "../api/values.ts";
import { looksRemote } from "./git-address.ts";
import type { LoadedModule } from "./loaded-module.ts";
import { modulesOf } from "./session-modules.ts";
import { type DefaultPlaces, type ModuleSource, readModuleSource, relatedKey, type TakenAs } from "./source.ts";
import { configTextOf, isEdited } from "./source-edit.ts";
import { includesOf, type SourceValue } from "./source-value.ts";

/**
 * The module of a source, ready to be called.
 *
 * @throws ApiError `module name must be set`; ModuleProblem for what cannot be run here
 */
export async function loadSource(graph: Graph, value: SourceValue): Promise<LoadedModule> {
  if (value.name === "") throw new ApiError("module name must be set");
  return await modulesOf(graph).load(await readSource(graph, value));
}

async function readSource(graph: Graph, value: SourceValue): Promise<ModuleSource> {
  const { report, host } = sessionOf(graph);
  const { name, contextPath, rootSubpath } = value;
  const related = await readRelated(graph, value);
  const isFunction = host.isContainer === true;
  const tell = (text: string): void => report({ kind: "note", text });
  const taken: TakenAs = { name, related, isOfFunction: isFunction, tell };
  if (contextPath !== undefined && !isFunction && !isEdited(value)) {
    return readModuleSource(realpathSync(join(contextPath, rootSubpath)), taken);
  }
  const directory = treeOf(graph, value);
  const top = realpathSync(await placeIn(graph, await directory.value<DirectoryValue>(), "."));
  return readModuleSource(join(top, rootSubpath), {
    ...taken,
    defaults: defaultsOf(graph, value, directory, isFunction),
    ...(contextPath === undefined ? {} : { envDir: join(contextPath, rootSubpath) }),
    confinedTo: top,
  });
}

/** The modules of git repositories that it and its neighbours depend on, by what a dagger.json says of them. */
async function readRelated(graph: Graph, value: SourceValue): Promise<ReadonlyMap<string, ModuleSource>> {
  const { config, dependencies, toolchains, blueprint } = value;
  const named = [...config.dependencies, ...config.toolchains, ...(config.blueprint ? [config.blueprint] : [])];
  const sources = [...dependencies, ...toolchains, ...(blueprint === undefined ? [] : [blueprint])];
  const read = sources.map(async (source, nth): Promise<Iterable<readonly [string, ModuleSource]>> => {
    const config = named[nth];
    const isElsewhere = source.git !== undefined && config !== undefined && looksRemote(config.source);
    return isElsewhere ? [[relatedKey(config), await readSource(graph, source)]] : await readRelated(graph, source);
  });
  return new Map((await Promise.all(read)).flatMap((entries) => [...entries]));
}

/** Default paths lead into the context as it is, and not only into what a module takes of it. */
function defaultsOf(graph: Graph, value: SourceValue, directory: Obj, isFunction: boolean): DefaultPlaces {
  const { contextPath, git, rootSubpath } = value;
  if (git !== undefined) return { kind: "directory", directory: git.tree, path: rootSubpath };
  if (contextPath === undefined) return { kind: "directory", directory, path: rootSubpath };
  if (isFunction)
    return { kind: "directory", directory: hostDirectory(graph, { path: contextPath }), path: rootSubpath };
  return { kind: "context", contextDir: contextPath, moduleDir: join(contextPath, rootSubpath) };
}

/** The context with the modules that this one depends on, and with dagger.json as it was changed to. */
function treeOf(graph: Graph, value: SourceValue): Obj {
  const { contextPath, context, git, rootSubpath } = value;
  const read = { path: contextPath, include: allIncludes(value), gitignore: true };
  const tree = contextPath === undefined ? (git?.tree ?? context) : hostDirectory(graph, read);
  if (!isEdited(value)) return tree;
  const args = { path: join(rootSubpath, "dagger.json"), contents: configTextOf(value) };
  return graph.object("Directory", { parent: tree, field: "withNewFile", args });
}

function allIncludes(value: SourceValue): readonly string[] {
  const related = [
    ...value.dependencies,
    ...value.toolchains,
    ...(value.blueprint === undefined ? [] : [value.blueprint]),
  ].filter(({ git }) => git === undefined);
  return [...includesOf(value), ...related.flatMap(allIncludes)];
}
