import { posix } from "node:path";
import { ApiError } from "../api/errors.ts";
import type { Graph } from "../api/graph.ts";
import { leavesFolder } from "../store/paths.ts";
import { type Related, type RelatedKind, updatesOf, withoutRelated, withRelated } from "./author/related-lists.ts";
import type { DependencyConfig } from "./config.ts";
import type { ConfigChange } from "./config-text.ts";
import { gitSource } from "./find-source.ts";
import { gitRefText } from "./git-address.ts";
import { textOfPlace } from "./git-place.ts";
import type { SourceKind, SourceValue } from "./source-value.ts";

/** Puts a change into the dagger.json of a source. */
type Change = (value: SourceValue, change: ConfigChange) => SourceValue;

const LISTS = { dependency: "dependencies", toolchain: "toolchains" } as const;

/**
 * The source with more modules in one of its lists.
 *
 * @throws ApiError when one of them cannot stand there
 */
export function withMore(
  value: SourceValue,
  kind: RelatedKind,
  added: readonly SourceValue[],
  change: Change,
): SourceValue {
  for (const one of added) checkAdded(value, kind, one);
  const sources = placed(value, [...value[LISTS[kind]], ...added]);
  const list = withRelated(kind, known(value, kind), relatedOf(value, kind, added, value.config[LISTS[kind]]));
  return withList(value, kind, list, { sources, change });
}

/** The source without modules of a name or a place in one of its lists. */
export function withLess(
  value: SourceValue,
  kind: RelatedKind,
  wanted: readonly string[],
  change: Change,
): SourceValue {
  const sources = placed(value, value[LISTS[kind]]);
  return withList(value, kind, withoutRelated(kind, known(value, kind), wanted), { sources, change });
}

/** The source with modules of git repositories in one of its lists looked up anew. */
export async function updated(
  graph: Graph,
  value: SourceValue,
  kind: RelatedKind,
  wanted: readonly string[],
  change: Change,
): Promise<SourceValue> {
  const updates = updatesOf(kind, known(value, kind), wanted);
  const found = await Promise.all(updates.map(({ ref }) => gitSource(graph, ref, "", { findUp: true })));
  return found.length === 0 ? value : withMore(value, kind, found, change);
}

function placed(value: SourceValue, sources: readonly SourceValue[]): ReadonlyMap<string, SourceValue> {
  return new Map(sources.map((one) => [placeOf(value, one), one]));
}

function withList(
  value: SourceValue,
  kind: RelatedKind,
  list: readonly Related[],
  { sources, change }: { readonly sources: ReadonlyMap<string, SourceValue>; readonly change: Change },
): SourceValue {
  const changed = change(value, { [LISTS[kind]]: list.map(({ config }) => config) });
  return { ...changed, [LISTS[kind]]: list.flatMap(({ place }) => sources.get(place) ?? []) };
}

function known(value: SourceValue, kind: RelatedKind): readonly Related[] {
  return relatedOf(value, kind, value[LISTS[kind]], value.config[LISTS[kind]]);
}

/** @throws ApiError for a module that the dagger.json of another one has no words for */
export function checkAdded(value: SourceValue, kind: RelatedKind, added: SourceValue): void {
  if (value.kind === "DIR_SOURCE") throw unhandled(value.kind);
  if (added.kind === "DIR_SOURCE") throw unhandled(added.kind);
  if (added.kind === "GIT_SOURCE") return;
  if (value.kind === "GIT_SOURCE") throw new ApiError(`cannot add local module source as ${kind} of git module source`);
  const [own, other] = [value.contextPath ?? "/", added.contextPath ?? "/"];
  if (leavesFolder(posix.relative(own, other))) {
    throw new ApiError(
      `local module ${kind} context directory ${JSON.stringify(other)} is not in parent context directory ${JSON.stringify(own)}`,
    );
  }
}

function unhandled(kind: SourceKind): ApiError {
  return new ApiError(`unhandled module source kind: ${kind}`);
}

/**
 * What stands in the dagger.json of a module about others.
 *
 * @param written what stood there, for what it says besides of a module of the same name
 */
export function relatedOf(
  value: SourceValue,
  kind: RelatedKind,
  sources: readonly SourceValue[],
  written: readonly DependencyConfig[],
): readonly Related[] {
  return sources.map((source): Related => {
    checkNamed(value, source);
    const before = written.find(({ name }) => name === source.name);
    const settings = kind === "toolchain" && before !== undefined ? before : {};
    const { git, name, rootSubpath } = source;
    const place = placeOf(value, source);
    if (git === undefined) {
      return { config: { ...settings, name, source: place }, place, version: undefined, isLocal: true };
    }
    const isSame = value.git?.cloneRef === git.cloneRef && value.git.commit === git.commit;
    const said = isSame
      ? { source: wayTo(value.rootSubpath, rootSubpath) }
      : { source: textOfPlace(git, rootSubpath), pin: git.commit };
    return { config: { ...settings, name, ...said }, place, version: git.version, isLocal: false };
  });
}

function checkNamed(value: SourceValue, { kind }: SourceValue): void {
  if (kind === "GIT_SOURCE" || kind === value.kind) return;
  if (value.kind === "GIT_SOURCE")
    throw new ApiError("cannot add local module source as dependency of git module source");
  throw unhandled(kind);
}

/** What a module is known by: its address without a version, or the way to it. */
function placeOf(value: SourceValue, { git, contextPath = "/", rootSubpath }: SourceValue): string {
  if (git !== undefined) return gitRefText(git.cloneRef, rootSubpath, "");
  return wayTo(posix.join(value.contextPath ?? "/", value.rootSubpath), posix.join(contextPath, rootSubpath));
}

function wayTo(from: string, to: string): string {
  return posix.relative(posix.resolve("/", from), posix.resolve("/", to)) || ".";
}
