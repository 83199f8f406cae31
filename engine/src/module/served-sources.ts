import { join } from "node:path";
import { ModuleProblem, type ToolchainConfig } from "./config.ts";
import { looksRemote } from "./git-address.ts";
import {
  type DefaultPlaces,
  findContextDir,
  findRelated,
  type ModuleSource,
  readConfig,
  readModuleSource,
  type Tell,
} from "./source.ts";

/** A module as a command offers it. */
export interface ServedSource {
  readonly source: ModuleSource;
  /** Its functions stand at the top, and not under its name. */
  readonly isEntry: boolean;
  /** What the dagger.json says that offers it as a toolchain. */
  readonly toolchain?: ToolchainConfig;
}

/** What a dagger.json offers. */
export interface ServedSources {
  readonly moduleDir: string;
  /** As in dagger.json. */
  readonly name: string;
  /** In the order in which their checks are listed. */
  readonly modules: readonly ServedSource[];
}

/**
 * Reads all that a dagger.json offers: its toolchains, its blueprint, and the module itself.
 *
 * @param isNamed whether the person named the module: then default paths lead into its repository, else into the workspace
 * @param tell gets a line when this installation answers for an address
 * @throws ModuleProblem in the words of the real engine, with the way to the module
 */
export function readServedSources(moduleDir: string, isNamed: boolean, tell: Tell = () => {}): ServedSources {
  const kind = isNamed ? "extra module" : "module";
  const config = located(kind, moduleDir, () => readConfig(moduleDir));
  const contextDir = findContextDir(moduleDir);
  const within = { moduleDir, contextDir, moduleName: config.name, tell };
  const defaults: DefaultPlaces = isNamed ? { kind: "context", contextDir, moduleDir } : { kind: "workspace" };
  const related = (source: string, read: () => ModuleSource): ModuleSource =>
    located(kind, isNamed ? moduleDir : looksRemote(source) ? source : join(moduleDir, source), read);
  const toolchains = config.toolchains.map((toolchain): ServedSource => {
    const as = { ...toolchain, defaults, tell };
    const source = related(toolchain.source, () => readModuleSource(findRelated(toolchain, within), as, [moduleDir]));
    return { source, isEntry: false, toolchain };
  });
  const { blueprint } = config;
  const modules: ServedSource[] = [...toolchains];
  if (blueprint !== undefined) {
    const as = { name: blueprint.name, defaults, envDir: moduleDir, tell };
    const source = related(blueprint.source, () => readModuleSource(findRelated(blueprint, within), as, [moduleDir]));
    modules.push({ source, isEntry: true });
  }
  if (blueprint !== undefined || config.hasSdk) {
    const source = located(kind, moduleDir, () => readModuleSource(moduleDir, { tell }));
    modules.push({ source, isEntry: blueprint === undefined });
  }
  return { moduleDir, name: config.name, modules };
}

/** Adds the steps of the real engine on the way to what went wrong. */
function located<T>(kind: string, place: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ModuleProblem)) throw error;
    const where = JSON.stringify(place);
    throw new ModuleProblem(
      `query module objects: loading modules: loading ${kind} ${where}: resolving module source ${where}: ${error.message}`,
    );
  }
}
