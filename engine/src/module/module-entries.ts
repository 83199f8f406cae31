import { coreCatalogue, fieldOf } from "../api/catalogue.ts";
import type { ErrorValue } from "../api/error.ts";
import { ApiError, messageOf } from "../api/errors.ts";
import { type Graph, Obj } from "../api/graph.ts";
import { kebabName } from "../api/names.ts";
import { type Entry, type EntryKind, entriesOf, ignoredIn, isIncluded } from "./entries.ts";
import type { LoadedModule } from "./loaded-module.ts";
import type { LoadedModuleValue } from "./module-value.ts";
import { constructorField } from "./schema-text.ts";
import { modulesOf, type WorkspaceModule } from "./session-modules.ts";

/** A check, a generator or a service of a module, as the API has it. */
export interface ModuleEntry {
  readonly module: LoadedModule;
  /** `module:object:function` in a workspace, else without the module; in kebab case. */
  readonly name: string;
  readonly description: string;
  /** The same as names of the API. */
  readonly path: readonly string[];
  /** Fields to take, from the main object on. */
  readonly fields: readonly string[];
}

/** @throws ApiError when the module has no main object */
export function entriesIn(
  { loaded }: Pick<LoadedModuleValue, "loaded">,
  kind: EntryKind,
  include: readonly string[],
): readonly ModuleEntry[] {
  return entriesOf(withMain(loaded).def, kind)
    .filter(({ path }) => isIncluded(path, include))
    .map((entry) => entryOf(loaded, entry));
}

/**
 * What the modules of a workspace have, each under the name of its module; without what is to be left out of a toolchain.
 * Patterns may leave the name of the module out, for generators only where a single module has some.
 */
export function workspaceEntries(
  modules: readonly WorkspaceModule[],
  kind: EntryKind,
  include: readonly string[],
): readonly ModuleEntry[] {
  const found = modules.map(({ module, toolchain }) => ({
    module,
    toolchain,
    all: entriesOf(withMain(module).def, kind),
  }));
  const withSome = found.filter(({ all }) => all.length > 0);
  const mayBeShort = kind !== "generator" || withSome.length === 1;
  return withSome.flatMap(({ module, toolchain, all }) => {
    const { name } = module.def;
    const ignored = ignoredIn(toolchain, kind);
    const matches = ({ path }: Entry, patterns: readonly string[], isShort: boolean) =>
      isIncluded([name, ...path], patterns) || (isShort && isIncluded(path, patterns));
    return all
      .filter((entry) => matches(entry, include, mayBeShort))
      .filter((entry) => ignored.length === 0 || !matches(entry, ignored, true))
      .map((entry) => entryOf(module, entry, name));
  });
}

function withMain(module: LoadedModule): LoadedModule {
  if (module.def.main === undefined) throw new ApiError(`${JSON.stringify(module.def.name)}: no main object`);
  return module;
}

function entryOf(module: LoadedModule, entry: Entry, moduleName?: string): ModuleEntry {
  const { description, path, name } = entry;
  if (moduleName === undefined) return { module, name, description, path, fields: path };
  return { module, name: `${kebabName(moduleName)}:${name}`, description, path: [moduleName, ...path], fields: path };
}

/**
 * What the function returns, on a main object that is made without arguments: all that they have are defaults.
 *
 * @throws ApiError with the extensions of what failed in it
 */
export async function runEntry(entry: ModuleEntry, caller: Graph): Promise<unknown> {
  const { module, fields } = entry;
  const { main } = module.def;
  if (main === undefined) throw new ApiError(`${JSON.stringify(module.def.name)}: no main object`);
  const graph = modulesOf(caller).realmOf(module, caller);
  let on: unknown = await graph.field("Query", constructorField(main)).run(graph.root, {}, graph, undefined);
  for (const field of fields) {
    const object = on as Obj;
    on = await graph.field(object.type, field).run(object, {}, graph, undefined);
  }
  return on;
}

/** Runs what has to run for an object to exist, where its type can be forced. */
export async function force(value: unknown): Promise<void> {
  if (!(value instanceof Obj)) return;
  const { graph, type } = value;
  if (fieldOf(coreCatalogue(), type, "sync") === undefined || !graph.supports(type, "sync")) return;
  await graph.field(type, "sync").run(value, {}, graph, undefined);
}

/** An error as an object of the API: its extensions are values, sorted by name. */
export function errorValueOf(error: unknown): ErrorValue {
  const extensions = error instanceof ApiError ? (error.extensions ?? {}) : {};
  const names = Object.keys(extensions).sort();
  return {
    message: messageOf(error),
    values: names.map((name) => ({ name, value: JSON.stringify(extensions[name]) })),
  };
}

/** All that went wrong, one after the other; whoever asks gets the extensions of the first. */
export function joinedError(errors: readonly unknown[]): ApiError {
  const [first] = errors;
  const extensions = first instanceof ApiError ? first.extensions : undefined;
  return new ApiError(errors.map(messageOf).join("\n"), extensions);
}
