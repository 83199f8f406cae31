import { posix } from "node:path";
import { text, texts } from "../api/arguments.ts";
import { ApiError } from "../api/errors.ts";
import { existing } from "../api/field-kinds.ts";
import type { Args, Field, Graph, Obj } from "../api/graph.ts";
import { leavesFolder } from "../store/paths.ts";
import { checkKnownSdk, parseConfigFile } from "./config-file.ts";
import { type ConfigChange, changedConfigText } from "./config-text.ts";
import { gitSource } from "./find-source.ts";
import { textOfPlace } from "./git-place.ts";
import { withClient, withoutClient, withUpdatedClients } from "./source-clients.ts";
import { contextOf } from "./source-context.ts";
import { checkAdded, relatedOf, updated, withLess, withMore } from "./source-related.ts";
import { type SourceValue, sourceSubpathOf } from "./source-value.ts";

function edits(edit: (value: SourceValue, args: Args, graph: Graph) => SourceValue | Promise<SourceValue>): Field {
  return { run: async (self, args, graph) => edit(await self.value<SourceValue>(), args, graph) };
}

const changes: Readonly<Record<string, Field>> = {
  withBlueprint: edits(async (value, args, graph) =>
    withBlueprint(graph, value, await (args["blueprint"] as Obj).value<SourceValue>()),
  ),
  withDependencies: edits(async (value, args, graph) =>
    withMore(value, "dependency", await sourcesOf(args["dependencies"]), changer(graph)),
  ),
  withClient: edits(async (value, args, graph) => {
    const client = { generator: text(args["generator"]), directory: text(args["outputDir"]) };
    return edited(graph, value, { clients: await withClient(graph, value, client) });
  }),
  withUpdatedClients: edits(async (value, args, graph) =>
    edited(graph, value, { clients: await withUpdatedClients(graph, value, texts(args["clients"])) }),
  ),
  withoutClient: edits((value, args, graph) =>
    edited(graph, value, { clients: withoutClient(value, text(args["path"])) }),
  ),
  withEngineVersion: edits((value, args, graph) =>
    edited(graph, { ...value, madeFor: { version: text(args["version"]) } }, {}),
  ),
  withExperimentalFeatures: edits((value, args, graph) => withFeatures(graph, value, texts(args["features"]), true)),
  withIncludes: edits((value, args, graph) => {
    const patterns = texts(args["patterns"]);
    return patterns.length === 0 ? value : edited(graph, value, { include: [...value.config.include, ...patterns] });
  }),
  withSDK: edits((value, args, graph) => {
    const source = text(args["source"]);
    if (source === "") return { ...edited(graph, value, { sdk: undefined }), sourceSubpath: value.sourceSubpath };
    checkKnownSdk(source, "module source");
    return edited(graph, value, { sdk: { ...writtenSdk(value), source } });
  }),
  withSourceSubpath: edits((value, args, graph) => {
    const source = posix.join(".", text(args["path"]));
    if (leavesFolder(source)) {
      const root = JSON.stringify(value.rootSubpath);
      throw new ApiError(`local module source subpath ${JSON.stringify(source)} escapes source root ${root}`);
    }
    const changed = edited(graph, value, {}, { source });
    return { ...changed, sourceSubpath: posix.join(value.rootSubpath, source) };
  }),
  withToolchains: edits(async (value, args, graph) =>
    withMore(value, "toolchain", await sourcesOf(args["toolchains"]), changer(graph)),
  ),
  withUpdateBlueprint: edits(async (value, _args, graph) => {
    const { blueprint } = value;
    if (blueprint?.git === undefined) return value;
    const ref = textOfPlace(blueprint.git, blueprint.rootSubpath);
    return withBlueprint(graph, value, await gitSource(graph, ref, "", { findUp: true }));
  }),
  withUpdateDependencies: edits((value, args, graph) =>
    updated(graph, value, "dependency", texts(args["dependencies"]), changer(graph)),
  ),
  withUpdateToolchains: edits((value, args, graph) =>
    updated(graph, value, "toolchain", texts(args["toolchains"]), changer(graph)),
  ),
  withoutBlueprint: edits((value, _args, graph) => ({
    ...edited(graph, value, { blueprint: undefined }),
    blueprint: undefined,
  })),
  withoutDependencies: edits((value, args, graph) =>
    withLess(value, "dependency", texts(args["dependencies"]), changer(graph)),
  ),
  withoutExperimentalFeatures: edits((value, args, graph) =>
    withFeatures(graph, value, texts(args["features"]), false),
  ),
  withoutToolchains: edits((value, args, graph) =>
    withLess(value, "toolchain", texts(args["toolchains"]), changer(graph)),
  ),
};

/**
 * Changes of a module's source. Nothing is written before somebody exports what `generatedContextDirectory` gives. What cannot
 * be has no id either.
 */
export const sourceEditFields: Readonly<Record<string, Field>> = Object.fromEntries(
  Object.entries(changes).map(([field, how]) => [field, existing("ModuleSource", field, how)]),
);

/** What dagger.json says after the changes. */
export function configTextOf({ text: before, originalName, change, madeFor }: SourceValue): string {
  return changedConfigText(before, { name: originalName, ...change }, madeFor ?? { keep: true });
}

/** Whether dagger.json says something else than what is there. */
export function isEdited({ change, madeFor }: SourceValue): boolean {
  return madeFor !== undefined || Object.keys(change).length > 0;
}

/** @param kept what counts only once there is an SDK */
function edited(graph: Graph, value: SourceValue, change: ConfigChange, kept: ConfigChange = {}): SourceValue {
  const all: SourceValue = { ...value, change: { ...value.change, ...change, ...kept } };
  const hasSdk = "sdk" in all.change ? all.change.sdk !== undefined : value.config.sdk !== undefined;
  // A folder for code says nothing without an SDK, and the real engine refuses to read it.
  const shown = hasSdk ? all : { ...all, change: { ...all.change, source: "" } };
  const config = parseConfigFile(configTextOf(shown));
  const made = { ...all, config, sourceSubpath: sourceSubpathOf(config, value.rootSubpath) };
  const { kind, configExists } = made;
  if (kind === "DIR_SOURCE" || (!configExists && !hasSdk)) return made;
  return { ...made, context: contextOf(graph, made) };
}

function changer(graph: Graph): (value: SourceValue, change: ConfigChange) => SourceValue {
  return (value, change) => edited(graph, value, change);
}

async function sourcesOf(given: unknown): Promise<readonly SourceValue[]> {
  return await Promise.all(((given ?? []) as readonly Obj[]).map((one) => one.value<SourceValue>()));
}

function withBlueprint(graph: Graph, value: SourceValue, blueprint: SourceValue): SourceValue {
  if (value.config.sdk !== undefined) throw new ApiError("cannot set blueprint on module that already has SDK");
  if (value.dependencies.length > 0) throw new ApiError("cannot set blueprint on module that has dependencies");
  checkAdded(value, "dependency", blueprint);
  const [added] = relatedOf(value, "dependency", [blueprint], []);
  return { ...edited(graph, value, { blueprint: added?.config }), blueprint };
}

function writtenSdk({ text: before, change }: SourceValue): Readonly<Record<string, unknown>> {
  if (change.sdk !== undefined) return change.sdk;
  const sdk = before === undefined ? undefined : (JSON.parse(before) as { readonly sdk?: unknown }).sdk;
  if (typeof sdk === "string") return { source: sdk };
  return (sdk ?? {}) as Readonly<Record<string, unknown>>;
}

function withFeatures(graph: Graph, value: SourceValue, features: readonly string[], isOn: boolean): SourceValue {
  if (value.config.sdk === undefined) throw new ApiError("module source has no SDK");
  const sdk = writtenSdk(value);
  const before = !isOn && features.length === 0 ? {} : (sdk["experimental"] as Readonly<Record<string, boolean>>);
  const experimental = { ...before, ...Object.fromEntries(features.map((feature) => [feature, isOn])) };
  return edited(graph, value, { sdk: { ...sdk, experimental } });
}
