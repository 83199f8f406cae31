import { posix } from "node:path";
import { text, texts } from "../api/arguments.ts";
import { ApiError } from "../api/errors.ts";
import { existing } from "../api/field-kinds.ts";
import type { Args, Field, Graph, Obj } from "../api/graph.ts";
import { leavesFolder } from "../store/paths.ts";
import { type Related, type RelatedKind, updatesOf, withoutRelated, withRelated } from "./author/related-lists.ts";
import type { DependencyConfig } from "./config.ts";
import { checkKnownSdk, parseConfigFile } from "./config-file.ts";
import { type ConfigChange, changedConfigText } from "./config-text.ts";
import { hostContext, type SourceValue, sourceSubpathOf } from "./source-value.ts";

function edits(edit: (value: SourceValue, args: Args, graph: Graph) => SourceValue | Promise<SourceValue>): Field {
  return { run: async (self, args, graph) => edit(await self.value<SourceValue>(), args, graph) };
}

const changes: Readonly<Record<string, Field>> = {
  withBlueprint: edits(async (value, args, graph) => {
    if (value.config.sdk !== undefined) throw new ApiError("cannot set blueprint on module that already has SDK");
    if (value.dependencies.length > 0) throw new ApiError("cannot set blueprint on module that has dependencies");
    const blueprint = await (args["blueprint"] as Obj).value<SourceValue>();
    const [added] = relatedOf(value, "dependency", [blueprint], []);
    return { ...edited(graph, value, { blueprint: added?.config }), blueprint };
  }),
  withDependencies: edits((value, args, graph) => withMore(graph, value, "dependency", args["dependencies"])),
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
  withToolchains: edits((value, args, graph) => withMore(graph, value, "toolchain", args["toolchains"])),
  withUpdateBlueprint: edits((value) => value),
  withUpdateDependencies: edits((value, args) => updated(value, "dependency", texts(args["dependencies"]))),
  withUpdateToolchains: edits((value, args) => updated(value, "toolchain", texts(args["toolchains"]))),
  withoutBlueprint: edits((value, _args, graph) => ({
    ...edited(graph, value, { blueprint: undefined }),
    blueprint: undefined,
  })),
  withoutDependencies: edits((value, args, graph) => withLess(graph, value, "dependency", texts(args["dependencies"]))),
  withoutExperimentalFeatures: edits((value, args, graph) =>
    withFeatures(graph, value, texts(args["features"]), false),
  ),
  withoutToolchains: edits((value, args, graph) => withLess(graph, value, "toolchain", texts(args["toolchains"]))),
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
  if (kind !== "LOCAL_SOURCE" || (!configExists && !hasSdk)) return made;
  return { ...made, context: hostContext(graph, made) };
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

const LISTS = { dependency: "dependencies", toolchain: "toolchains" } as const;

async function withMore(graph: Graph, value: SourceValue, kind: RelatedKind, given: unknown): Promise<SourceValue> {
  const added = await Promise.all(((given ?? []) as readonly Obj[]).map((one) => one.value<SourceValue>()));
  const before = value[LISTS[kind]];
  const sources = new Map<string, SourceValue>();
  for (const one of [...before, ...added]) sources.set(placeOf(value, one), one);
  const list = withRelated(kind, known(value, kind), relatedOf(value, kind, added, []));
  return withList(graph, value, kind, list, sources);
}

function withLess(graph: Graph, value: SourceValue, kind: RelatedKind, wanted: readonly string[]): SourceValue {
  const sources = new Map(value[LISTS[kind]].map((one) => [placeOf(value, one), one]));
  return withList(graph, value, kind, withoutRelated(kind, known(value, kind), wanted), sources);
}

/** All that a source has here is of its own repository: there is nothing to be looked up anew. */
function updated(value: SourceValue, kind: RelatedKind, wanted: readonly string[]): SourceValue {
  updatesOf(kind, known(value, kind), wanted);
  return value;
}

function withList(
  graph: Graph,
  value: SourceValue,
  kind: RelatedKind,
  list: readonly Related[],
  sources: ReadonlyMap<string, SourceValue>,
): SourceValue {
  const changed = edited(graph, value, { [LISTS[kind]]: list.map(({ config }) => config) });
  return { ...changed, [LISTS[kind]]: list.flatMap(({ place }) => sources.get(place) ?? []) };
}

function known(value: SourceValue, kind: RelatedKind): readonly Related[] {
  return relatedOf(value, kind, value[LISTS[kind]], value.config[LISTS[kind]]);
}

/** @throws ApiError when one of them cannot stand in the dagger.json of the module */
function relatedOf(
  value: SourceValue,
  kind: RelatedKind,
  sources: readonly SourceValue[],
  written: readonly DependencyConfig[],
): readonly Related[] {
  return sources.map((source, nth): Related => {
    for (const one of [value, source]) {
      if (one.kind !== "LOCAL_SOURCE") throw new ApiError(`unhandled module source kind: ${one.kind}`);
    }
    const [own, other] = [value.contextPath ?? "/", source.contextPath ?? "/"];
    if (leavesFolder(posix.relative(own, other))) {
      throw new ApiError(
        `local module ${kind} context directory ${JSON.stringify(other)} is not in parent context directory ${JSON.stringify(own)}`,
      );
    }
    const place = placeOf(value, source);
    return { config: { ...written[nth], name: source.name, source: place }, place, version: undefined, isLocal: true };
  });
}

/** The way from one module to another. */
function placeOf(value: SourceValue, other: SourceValue): string {
  const [from, to] = [value, other].map((one) => posix.join(one.contextPath ?? "/", one.rootSubpath));
  return posix.relative(from ?? "/", to ?? "/") || ".";
}
