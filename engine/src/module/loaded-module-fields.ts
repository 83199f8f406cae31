import { flag, text, texts } from "../api/arguments.ts";
import { ApiError } from "../api/errors.ts";
import type { Args, Field, Fields, Graph } from "../api/graph.ts";
import type { ModuleValue } from "../api/type-values.ts";
import { checkGroup } from "./check-fields.ts";
import type { SdkConfig } from "./config-file.ts";
import type { CurrentModuleValue } from "./current-call.ts";
import type { EntryKind } from "./entries.ts";
import { envDefaultsOf } from "./env-defaults.ts";
import { generatedDirectory } from "./generated-context.ts";
import { generatorGroup } from "./generator-fields.ts";
import { sourceOfLoaded } from "./loaded-source.ts";
import { entriesIn, type ModuleEntry, workspaceEntries } from "./module-entries.ts";
import { type LoadedModuleValue, loadedModuleValue } from "./module-value.ts";
import { modulesOf } from "./session-modules.ts";
import type { SourceValue } from "./source-value.ts";
import { upGroup } from "./up-fields.ts";

function reads(read: (module: LoadedModuleValue, args: Args, graph: Graph) => unknown): Field {
  return { run: async (self, args, graph) => read(loadedOf(await self.value<ModuleValue>()), args, graph) };
}

/** What can be done with a module that was loaded, and the checks, generators and services of a workspace. */
export const loadedModuleFields: Fields = {
  Module: {
    check: reads((module, args) => only(checksOf(module, args).checks, "check", module, args)),
    checks: reads((module, args) => checksOf(module, { ...args, name: undefined })),
    dependencies: {
      run: async (self) => {
        const value = await self.value<ModuleValue>();
        return isLoaded(value) ? dependenciesOf(value) : [];
      },
    },
    generator: reads((module, args) => {
      const group = generatorGroup(entriesIn(module, "generator", [text(args["name"])]));
      return only(group.generators, "generator", module, args);
    }),
    generators: reads((module, args) => generatorGroup(entriesIn(module, "generator", texts(args["include"])))),
    generatedContextDirectory: reads(async (module, _args, graph) =>
      generatedDirectory(graph, await sourceOf(module, graph)),
    ),
    sdk: { ...reads(async (module, _args, graph) => sdkOf((await sourceOf(module, graph)).config.sdk)), eager: true },
    serve: reads((module, args, graph) => {
      const dependencies = flag(args["includeDependencies"]) ? module.loaded.dependencies : [];
      const entry = flag(args["entrypoint"]) ? module.loaded : undefined;
      modulesOf(graph).serve(graph, [module.loaded, ...dependencies], entry);
      return null;
    }),
    services: reads((module, args) => upGroup(entriesIn(module, "service", texts(args["include"])))),
    userDefaults: reads(async (module, _args, graph) => envDefaultsOf(graph, await sourceOf(module, graph))),
    source: { ...reads((module, _args, graph) => sourceOf(module, graph)), eager: true },
  },
  CurrentModule: {
    generatedContextDirectory: {
      run: async (self, _args, graph) => {
        const { machine } = modulesOf(graph).grants;
        const { loaded } = await self.value<CurrentModuleValue>();
        return await generatedDirectory(machine, await sourceOfLoaded(machine, loaded));
      },
    },
    dependencies: { run: async (self) => dependenciesOf(await self.value<CurrentModuleValue>()) },
    generators: {
      run: async (self, args) =>
        generatorGroup(entriesIn(await self.value<CurrentModuleValue>(), "generator", texts(args["include"]))),
    },
  },
  Workspace: {
    checks: inWorkspace((entries, args) => checkGroup(entries("check"), entries("generator"), args)),
    generators: inWorkspace((entries) => generatorGroup(entries("generator"))),
    services: inWorkspace((entries) => upGroup(entries("service"))),
  },
};

async function sourceOf({ source, loaded }: LoadedModuleValue, graph: Graph): Promise<SourceValue> {
  return source ?? (await sourceOfLoaded(modulesOf(graph).grants.machine, loaded));
}

function isLoaded(value: ModuleValue): value is LoadedModuleValue {
  return "loaded" in value;
}

/** @throws ApiError for a module that was put together of parts: nothing of it can be called */
function loadedOf(value: ModuleValue): LoadedModuleValue {
  if (isLoaded(value)) return value;
  throw new ApiError(`${JSON.stringify(value.name)}: no main object`);
}

function dependenciesOf({ loaded }: Pick<LoadedModuleValue, "loaded">): readonly LoadedModuleValue[] {
  const { config } = loaded.moduleSource;
  return loaded.dependencies.slice(0, config.dependencies.length).map((one) => loadedModuleValue(one));
}

function checksOf(module: LoadedModuleValue, args: Args) {
  const include = args["name"] === undefined ? texts(args["include"]) : [text(args["name"])];
  return checkGroup(entriesIn(module, "check", include), entriesIn(module, "generator", include), args);
}

/** @throws ApiError unless there is exactly one of that name */
function only<T>(found: readonly T[], kind: string, { loaded }: LoadedModuleValue, args: Args): T {
  const [first, ...more] = found;
  const [name, module] = [text(args["name"]), loaded.def.name].map((one) => JSON.stringify(one));
  if (first === undefined) throw new ApiError(`${kind} ${name} not found in module ${module}`);
  if (more.length > 0) throw new ApiError(`multiple ${kind}s found with name ${name} in module ${module}`);
  return first;
}

function sdkOf(sdk: SdkConfig | undefined): SdkConfig {
  return sdk ?? { source: "", debug: false };
}

type Entries = (kind: EntryKind) => readonly ModuleEntry[];

function inWorkspace(make: (entries: Entries, args: Args) => unknown): Field {
  return {
    run: (_self, args, graph) => {
      const { workspace } = modulesOf(graph);
      return make((kind) => workspaceEntries(workspace, kind, texts(args["include"])), args);
    },
  };
}
