import { realpathSync } from "node:fs";
import { join } from "node:path";
import { ApiError } from "../api/errors.ts";
import type { Graph, Obj } from "../api/graph.ts";
import { hostDirectory } from "../api/host.ts";
import { sessionOf } from "../api/session.ts";
import { placeIn } from "../api/trees.ts";
import type { DirectoryValue } from "../api/values.ts";
import type { LoadedModule } from "./loaded-module.ts";
import { modulesOf } from "./session-modules.ts";
import { type DefaultPlaces, type ModuleSource, readModuleSource, type TakenAs } from "./source.ts";
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
  const taken: TakenAs = { name, tell: (text) => report({ kind: "note", text }) };
  const isFunction = host.isContainer === true;
  if (contextPath !== undefined && !isFunction && !isEdited(value)) {
    return readModuleSource(realpathSync(join(contextPath, rootSubpath)), taken);
  }
  const directory = treeOf(graph, value);
  const top = realpathSync(await placeIn(graph, await directory.value<DirectoryValue>(), "."));
  return readModuleSource(join(top, rootSubpath), {
    ...taken,
    defaults: defaultsOf(graph, value, directory, isFunction),
    confinedTo: top,
    fetchesNothing: isFunction,
  });
}

/** Default paths lead into the context as it is, and not only into what a module takes of it. */
function defaultsOf(graph: Graph, value: SourceValue, directory: Obj, isFunction: boolean): DefaultPlaces {
  const { contextPath, rootSubpath } = value;
  if (contextPath === undefined) return { kind: "directory", directory, path: rootSubpath };
  if (isFunction)
    return { kind: "directory", directory: hostDirectory(graph, { path: contextPath }), path: rootSubpath };
  return { kind: "context", contextDir: contextPath, moduleDir: join(contextPath, rootSubpath) };
}

/** The context with the modules that this one depends on, and with dagger.json as it was changed to. */
function treeOf(graph: Graph, value: SourceValue): Obj {
  const { contextPath, context, rootSubpath } = value;
  const read = { path: contextPath, include: allIncludes(value), gitignore: true };
  const tree = contextPath === undefined ? context : hostDirectory(graph, read);
  if (!isEdited(value)) return tree;
  const args = { path: join(rootSubpath, "dagger.json"), contents: configTextOf(value) };
  return graph.object("Directory", { parent: tree, field: "withNewFile", args });
}

function allIncludes(value: SourceValue): readonly string[] {
  const related = [
    ...value.dependencies,
    ...value.toolchains,
    ...(value.blueprint === undefined ? [] : [value.blueprint]),
  ];
  return [...includesOf(value), ...related.flatMap(allIncludes)];
}
