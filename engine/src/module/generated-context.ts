import { existsSync, readdirSync } from "node:fs";
import { posix } from "node:path";
import type { ChangesetValue } from "../api/changeset.ts";
import type { Field, Graph, Obj } from "../api/graph.ts";
import { placeIn } from "../api/trees.ts";
import type { DirectoryValue } from "../api/values.ts";
import { lookInside, readInside, resolveInsideSync } from "../store/inside.ts";
import { generateFiles, type PackageFolder } from "./author/generate.ts";
import { hasSelfCalls } from "./config.ts";
import { ignoresSdk } from "./config-text.ts";
import { loadSource } from "./load-source.ts";
import { modulesOf } from "./session-modules.ts";
import { configTextOf } from "./source-edit.ts";
import type { SourceValue } from "./source-value.ts";

/** Modes of what is made: dagger.json is for all, what git is told only for the owner, as the real engine has it. */
const CONFIG_MODE = 0o644;
const GIT_FILE_MODE = 0o600;

/** The files of a module as `develop` makes them, as objects of the API. */
export const generatedContextFields: Readonly<Record<string, Field>> = {
  generatedContextChangeset: {
    run: async (self, _args, graph): Promise<ChangesetValue> => {
      const source = await self.value<SourceValue>();
      const [before, after] = await Promise.all([
        source.context.value<DirectoryValue>(),
        generated(graph, source).then((made) => made.value<DirectoryValue>()),
      ]);
      return { before, after };
    },
  },
  generatedContextDirectory: {
    run: async (self, _args, graph) => await generatedDirectory(graph, await self.value<SourceValue>()),
  },
};

/** What is made for a module, without what was there already. */
export async function generatedDirectory(graph: Graph, source: SourceValue): Promise<DirectoryValue> {
  const other = await generated(graph, source);
  return (await graph.field("Directory", "diff").run(source.context, { other }, graph, undefined)) as DirectoryValue;
}

async function generated(graph: Graph, source: SourceValue): Promise<Obj> {
  const { rootSubpath, sourceSubpath, config } = source;
  const configText = configTextOf(source);
  let made = source.context;
  if (config.name !== "" && (config.sdk?.source ?? "") !== "") {
    const files = await filesOf(graph, source, configText);
    for (const [path, contents] of files) {
      const mode = path.startsWith(".git") ? { permissions: GIT_FILE_MODE } : {};
      made = withFile(made, { path: posix.join(sourceSubpath, path), contents, ...mode });
    }
  }
  return withFile(made, {
    path: posix.join(rootSubpath, "dagger.json"),
    contents: configText,
    permissions: CONFIG_MODE,
  });
}

function withFile(on: Obj, args: Readonly<Record<string, unknown>>): Obj {
  return on.graph.object("Directory", { parent: on, field: "withNewFile", args });
}

async function filesOf(graph: Graph, source: SourceValue, configText: string): Promise<ReadonlyMap<string, string>> {
  const tree = await source.context.value<DirectoryValue>();
  const folder = packageFolder(await placeIn(graph, tree, source.sourceSubpath));
  const { sdk } = JSON.parse(configText) as { readonly sdk?: unknown };
  const own = hasSelfCalls(sdk) && folder.hasSource ? [source] : [];
  const called = [...source.dependencies, ...source.toolchains, ...own];
  const loaded = await Promise.all(called.map((one) => loadSource(graph, one)));
  return generateFiles(folder, {
    name: source.config.name,
    ignoresSdk: ignoresSdk(configText),
    dependencies: loaded.map(({ def }) => def),
    bundlesDir: modulesOf(graph).host.bundlesDir,
  });
}

/** The package in a folder of a snapshot; nothing in it is followed out of it. */
function packageFolder(dir: string): PackageFolder {
  if (!existsSync(dir)) return { textOf: () => undefined, hasSource: false };
  const follow = { followLast: true };
  const source = resolveInsideSync(dir, "src", follow);
  const entries = existsSync(source) ? readdirSync(source, { recursive: true, withFileTypes: true }) : [];
  return {
    textOf: (path) =>
      lookInside(dir, path, follow) === undefined ? undefined : readInside(dir, path).toString("utf8"),
    hasSource: entries.some((entry) => entry.isFile() && entry.name.endsWith(".ts")),
  };
}
