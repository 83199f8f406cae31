import { posix } from "node:path";
import { flag, text } from "../api/arguments.ts";
import { ApiError } from "../api/errors.ts";
import { existing, readsValue } from "../api/field-kinds.ts";
import type { Args, Field, Fields, Graph, Obj } from "../api/graph.ts";
import { directoryIn } from "../api/trees.ts";
import type { DirectoryValue } from "../api/values.ts";
import { digestOf } from "../store/store.ts";
import type { ClientConfig, SdkConfig } from "./config-file.ts";
import { envDefaultsOf } from "./env-defaults.ts";
import { directorySource, gitSource, localSource } from "./find-source.ts";
import { generatedContextFields } from "./generated-context.ts";
import { looksRemote } from "./git-address.ts";
import { type GitPlace, pageOf, textOfPlace } from "./git-place.ts";
import { loadSource } from "./load-source.ts";
import { type LoadedModuleValue, loadedModuleValue } from "./module-value.ts";
import { absolute, isThere } from "./source-context.ts";
import { sourceEditFields } from "./source-edit.ts";
import { renamed, type SourceValue } from "./source-value.ts";

const reads = readsValue<SourceValue>;

/** A field that may be null, so it has to be known at once. */
function readsNow(read: (value: SourceValue) => unknown): Field {
  return { ...reads(read), eager: true };
}

/** The sources of modules, and what can be read of them. */
export const moduleSourceFields: Fields = {
  Query: {
    moduleSource: existing("ModuleSource", "moduleSource", { run: (_self, args, graph) => sourceOf(graph, args) }),
  },
  Directory: {
    asModuleSource: existing("ModuleSource", "asModuleSource", {
      run: (self, args, graph) => sourceIn(graph, self, args),
    }),
    asModule: existing("Module", "asModule", {
      run: async (self, args, graph) => await moduleOf(graph, await sourceIn(graph, self, args)),
    }),
  },
  ModuleSource: {
    sync: {
      run: async (self) => {
        await self.value();
        return await self.id();
      },
    },
    asModule: existing(
      "Module",
      "asModule",
      reads((source, _args, graph) => moduleOf(graph, source)),
    ),
    asString: reads(nameOfPlace),
    blueprint: reads(({ blueprint }) => {
      if (blueprint === undefined) throw new ApiError("the module source has no blueprint");
      return blueprint;
    }),
    cloneRef: reads((value) => gitOf(value).cloneRef),
    commit: reads(({ git }) => git?.commit ?? ""),
    configClients: reads(({ config }) => config.clients),
    configExists: reads(({ configExists }) => configExists),
    contextDirectory: reads(async ({ context }) => await context.value<DirectoryValue>()),
    dependencies: reads(({ dependencies }) => dependencies),
    digest: reads((value, _args, graph) => digestOfSource(graph, value)),
    directory: reads(async ({ context, sourceSubpath, rootSubpath }, args, graph) =>
      directoryIn(
        graph,
        await context.value<DirectoryValue>(),
        posix.join(sourceSubpath || rootSubpath, text(args["path"])),
      ),
    ),
    engineVersion: reads(({ config }) => config.engineVersion),
    htmlRepoURL: reads(({ git }) => git?.htmlRepoUrl ?? ""),
    htmlURL: reads((value) => pageOf(gitOf(value), value.rootSubpath)),
    kind: reads(({ kind }) => kind),
    localContextDirectoryPath: reads(({ kind, contextPath }) => {
      if (kind !== "LOCAL_SOURCE") throw new ApiError("module source is not local");
      return contextPath;
    }),
    moduleName: reads(({ name }) => name),
    moduleOriginalName: reads(({ originalName }) => originalName),
    originalSubpath: reads(({ originalSubpath }) => originalSubpath),
    pin: reads(({ git }) => git?.commit ?? ""),
    repoRootPath: reads((value) => gitOf(value).repoRootPath),
    sdk: readsNow(({ config }) => config.sdk ?? null),
    sourceRootSubpath: reads(({ rootSubpath }) => rootSubpath),
    sourceSubpath: reads(({ sourceSubpath }) => sourceSubpath),
    toolchains: reads(({ toolchains }) => toolchains),
    userDefaults: reads((value, _args, graph) => envDefaultsOf(graph, value)),
    version: reads(({ git }) => git?.version ?? ""),
    withName: reads((value, args) => renamed(value, text(args["name"]))),
    ...sourceEditFields,
    ...generatedContextFields,
  },
  SDKConfig: {
    source: { run: async (self) => (await self.value<SdkConfig>()).source },
    debug: { run: async (self) => (await self.value<SdkConfig>()).debug },
  },
  ModuleConfigClient: {
    directory: { run: async (self) => (await self.value<ClientConfig>()).directory },
    generator: { run: async (self) => (await self.value<ClientConfig>()).generator },
  },
};

const KIND_NAMES: Readonly<Record<string, string>> = {
  LOCAL: "local",
  GIT: "git",
  DIR: "directory",
};

async function sourceOf(graph: Graph, args: Args): Promise<SourceValue> {
  const ref = text(args["refString"]);
  const isAddress = looksRemote(ref) && (ref.includes("://") || !isThere(graph, absolute(graph, ref)));
  const isGit = text(args["refPin"]) !== "" || isAddress;
  const required = text(args["requireKind"]).replace(/_SOURCE$/, "");
  const kind = isGit ? "GIT" : "LOCAL";
  if (required !== "" && required !== kind) {
    const [wanted, got] = [required, kind].map((name) => JSON.stringify(KIND_NAMES[name]));
    throw new ApiError(`module source ${JSON.stringify(ref)} kind must be ${wanted}, got ${got}`);
  }
  const findUp = !flag(args["disableFindUp"]);
  if (isGit) return await gitSource(graph, ref, text(args["refPin"]), { findUp });
  const path = ref.startsWith("file://") ? ref.slice("file://".length) : ref;
  return await localSource(graph, path, { findUp, allowNotExists: flag(args["allowNotExists"]) });
}

function sourceIn(graph: Graph, directory: Obj, args: Args): Promise<SourceValue> {
  return directorySource(graph, directory, text(args["sourceRootPath"], "."));
}

async function moduleOf(graph: Graph, source: SourceValue): Promise<LoadedModuleValue> {
  return loadedModuleValue(await loadSource(graph, source), source);
}

/** @throws ApiError in the words of the real engine, with its inner name of the kind */
function gitOf({ git, kind }: SourceValue): GitPlace {
  if (git !== undefined) return git;
  throw new ApiError(`module source is not a git module: ${kind}`);
}

function nameOfPlace({ kind, contextPath, git, rootSubpath }: SourceValue): string {
  if (git !== undefined) return textOfPlace(git, rootSubpath);
  return kind === "LOCAL_SOURCE" ? posix.join(contextPath ?? "/", rootSubpath) : "";
}

/** Equal for the same content, whoever asks. */
async function digestOfSource(graph: Graph, value: SourceValue): Promise<string> {
  const { context, rootSubpath, config, name, originalName, dependencies, toolchains, blueprint } = value;
  const content: unknown = await graph.field("Directory", "digest").run(context, {}, graph, undefined);
  const related = [...dependencies, ...toolchains, ...(blueprint === undefined ? [] : [blueprint])];
  const digests = await Promise.all(related.map((one) => digestOfSource(graph, one)));
  return `sha256:${digestOf([content, rootSubpath, config, name, originalName, digests])}`;
}
