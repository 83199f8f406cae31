import { type Catalogue, coreCatalogue, extendCatalogue } from "../api/catalogue.ts";
import type { Args, Obj } from "../api/graph.ts";
import { mergeFields } from "../api/merge-fields.ts";
import type { ToolchainConfig } from "./config.ts";
import type { ModuleDef } from "./definition.ts";
import { rootFields, rootShapes } from "./entrypoint.ts";
import { constructorField, constructorsOf, moduleTypesText, rootText } from "./schema-text.ts";
import type { ServedSources } from "./served-sources.ts";
import type { SessionModules } from "./session-modules.ts";
import type { UserDefaults } from "./user-defaults.ts";

/** A module of a session, and how a command lists what is in it. */
export interface OfferedModule {
  readonly def: ModuleDef;
  /** Its functions stand at the top, and not under its name. */
  readonly isEntry: boolean;
  readonly toolchain?: ToolchainConfig;
  /** What `.env` files have for its arguments. */
  userDefaults(): UserDefaults;
}

/** Modules that are part of a session: their types are in the graph, and their functions run when they are asked for. */
export interface ServedModules {
  readonly moduleDir: string;
  /** As in dagger.json. */
  readonly name: string;
  readonly modules: readonly OfferedModule[];
  /** The core, the modules' types, and their functions as fields of the root, as a program beside the command sees it. */
  readonly catalogue: () => Catalogue;
  /**
   * The main object of the module at the top; runs the constructor.
   *
   * @throws ApiError `missing required argument: "name"`, or what the constructor fails with
   */
  construct(args: Args): Promise<Obj>;
}

/**
 * Loads the modules that a command is about, and their dependencies, into its session.
 *
 * @param sources what a dagger.json offers, from `readServedSources`
 * @throws ModuleProblem
 */
export async function serveModules(session: SessionModules, sources: ServedSources): Promise<ServedModules> {
  const { graph } = session.options;
  const offered = await Promise.all(
    sources.modules.map(async ({ source, ...how }) => ({ ...how, module: await session.load(source) })),
  );
  const fields = mergeFields(...offered.map(({ module }) => session.fieldsOf(module)));
  session.workspace = offered;
  session.share(fields);
  graph.addFields(fields);
  const modules = offered.map(
    ({ module, ...how }): OfferedModule => ({
      ...how,
      def: module.def,
      userDefaults: () => session.defaults.of(module),
    }),
  );
  const entry = modules.find(({ isEntry }) => isEntry)?.def;
  const main = entry?.main;
  const construct = async (args: Args): Promise<Obj> => {
    if (main === undefined) throw new Error(`module "${entry?.name ?? sources.name}" has no class of its name`);
    const made = await graph.field("Query", constructorField(main)).run(graph.root, args, graph, undefined);
    return made as Obj;
  };
  graph.addShortcuts(rootFields(main === undefined ? [] : rootShapes(main), graph, construct));
  let own: Catalogue | undefined;
  const ownCatalogue = (): Catalogue => {
    own ??= extendCatalogue(coreCatalogue(), ownText());
    return own;
  };
  const ownText = (): string => {
    const shown = offered.map(({ module, isEntry }) => ({ def: session.defaults.shown(module), isEntry }));
    const top = shown.find(({ isEntry }) => isEntry)?.def.main;
    const beside = shown.filter(({ isEntry }) => !isEntry).map(({ def }) => def);
    const shapes = top === undefined ? [] : rootShapes(top);
    const types = shown.map(({ def }) => moduleTypesText(def));
    return [...types, rootText([...shapes, ...constructorsOf(beside)])].join("\n");
  };
  session.setView(graph, ownCatalogue);
  return {
    moduleDir: sources.moduleDir,
    name: sources.name,
    modules,
    catalogue: () => session.catalogueFor(graph, ownCatalogue),
    construct,
  };
}
