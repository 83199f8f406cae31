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
import { type ModuleSource, readModuleSource, type TakenAs } from "./source.ts";
import { includesOf, type SourceValue } from "./source-value.ts";

/**
 * The module of a source, ready to be called.
 *
 * @throws ApiError `module name must be set`; ModuleProblem for what cannot be run here
 */
export async function loadSource(graph: Graph, value: SourceValue): Promise<LoadedModule> {
  if (value.config.name === "") throw new ApiError("module name must be set");
  return await modulesOf(graph).load(await readSource(graph, value));
}

async function readSource(graph: Graph, value: SourceValue): Promise<ModuleSource> {
  const { report, host } = sessionOf(graph);
  const { config, contextPath, rootSubpath } = value;
  const taken: TakenAs = { name: config.name, tell: (text) => report({ kind: "note", text }) };
  const isFunction = host.isContainer === true;
  if (contextPath !== undefined && !isFunction) {
    return readModuleSource(realpathSync(join(contextPath, rootSubpath)), taken);
  }
  const directory = treeOf(graph, value);
  const top = realpathSync(await placeIn(graph, await directory.value<DirectoryValue>(), "."));
  return readModuleSource(join(top, rootSubpath), {
    ...taken,
    defaults: { kind: "directory", directory, path: rootSubpath },
    confinedTo: top,
    fetchesNothing: isFunction,
  });
}

/** The context with the modules that this one depends on. */
function treeOf(graph: Graph, value: SourceValue): Obj {
  const { contextPath, context } = value;
  if (contextPath === undefined) return context;
  return hostDirectory(graph, { path: contextPath, include: allIncludes(value), gitignore: true });
}

function allIncludes(value: SourceValue): readonly string[] {
  const related = [
    ...value.dependencies,
    ...value.toolchains,
    ...(value.blueprint === undefined ? [] : [value.blueprint]),
  ];
  return [...includesOf(value), ...related.flatMap(allIncludes)];
}
