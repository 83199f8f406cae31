import type { Graph } from "../api/graph.ts";
import { directorySource, localSource } from "./find-source.ts";
import type { LoadedModule } from "./loaded-module.ts";
import { renamed, type SourceValue } from "./source-value.ts";

/**
 * The source of a module that a command or another module has loaded.
 *
 * @param machine whose host is this machine
 */
export async function sourceOfLoaded(machine: Graph, { moduleSource }: LoadedModule): Promise<SourceValue> {
  const { defaults, moduleDir, name } = moduleSource;
  const found =
    defaults.kind === "directory"
      ? await directorySource(defaults.directory.graph, defaults.directory, defaults.path)
      : await localSource(machine, moduleDir, { findUp: false, allowNotExists: false });
  return renamed(found, name);
}
