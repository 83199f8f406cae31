import { type Catalogue, coreCatalogue, extendCatalogue } from "../api/catalogue.ts";
import { coreFieldNames } from "../api/core-texts.ts";
import { type Args, type Field, type Fields, Graph, type Obj } from "../api/graph.ts";
import type { Session, SessionEvent } from "../api/session.ts";
import type { CallContext } from "./call.ts";
import { FunctionCalls } from "./calls.ts";
import type { ToolchainConfig } from "./config.ts";
import { currentCallFields, FUNCTION_WORKDIR, type FunctionSession } from "./current-call.ts";
import type { ModuleDef } from "./definition.ts";
import type { ModuleHost } from "./host.ts";
import { HostGrants } from "./host-grants.ts";
import { loadModule } from "./load.ts";
import type { LoadedModule } from "./loaded-module.ts";
import { ModuleFields } from "./module-fields.ts";
import {
  constructorField,
  constructorsOf,
  dependencyText,
  type FieldShape,
  moduleTypesText,
  rootText,
  shapesOf,
} from "./schema-text.ts";
import type { ServedSources } from "./served-sources.ts";

/** Whoever has the token of a client sees these objects and types; the session server's `Client`. */
export interface ModuleClient {
  readonly graph: Graph;
  readonly catalogue: () => Catalogue;
}

export interface ServeOptions {
  readonly session: Session;
  /** The graph of the command itself. It gets the fields of the module. */
  readonly graph: Graph;
  /** What every graph of the session can do without modules. */
  readonly coreFields: Fields;
  /** What a dagger.json offers, from `readServedSources`. */
  readonly sources: ServedSources;
  readonly bundlesDir: string;
  /** Folder on the host with the session server's socket `engine.sock`. Asked for when the first function runs. */
  readonly socketDir: () => Promise<string>;
  /** Answers with the token. */
  readonly addClient: (client: ModuleClient) => string;
  readonly removeClient: (token: string) => void;
}

/** A module of a session, and how a command lists what is in it. */
export interface OfferedModule {
  readonly def: ModuleDef;
  /** Its functions stand at the top, and not under its name. */
  readonly isEntry: boolean;
  readonly toolchain?: ToolchainConfig;
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
  /** Ends processes that were prepared and not used. */
  close(): Promise<void>;
}

/**
 * Loads modules and their dependencies into a session.
 *
 * @throws ModuleProblem
 */
export async function serveModules(options: ServeOptions): Promise<ServedModules> {
  const { session, graph, coreFields, sources } = options;
  const clients = new FunctionClients(options);
  const host: ModuleHost = {
    session,
    bundlesDir: options.bundlesDir,
    socketDir: options.socketDir,
    openClient: (context) => clients.open(context),
  };
  const offered = await Promise.all(
    sources.modules.map(async ({ source, ...how }) => ({ ...how, module: await loadModule(source, host) })),
  );
  const grants = new HostGrants(graph);
  const calls = new FunctionCalls(host);
  const all = new Map<string, LoadedModule>();
  for (const { module } of offered) withDependencies(module, all);
  const fields = merge(
    currentCallFields(coreFields),
    ...[...all.values()].map((one) => new ModuleFields(one, calls, grants).fields()),
  );
  clients.fields = merge(coreFields, grants.fields(coreFields), oneWorkspace(coreFields), fields);
  graph.addFields(fields);
  const modules = offered.map(({ module, ...how }): OfferedModule => ({ ...how, def: module.def }));
  const entry = modules.find(({ isEntry }) => isEntry)?.def;
  const main = entry?.main;
  const construct = async (args: Args): Promise<Obj> => {
    if (main === undefined) throw new Error(`module "${entry?.name ?? sources.name}" has no class of its name`);
    const made = await graph.field("Query", constructorField(main)).run(graph.root, args, graph, undefined);
    return made as Obj;
  };
  const shapes = main === undefined ? [] : shapesOf(main).filter((shape) => !isCoreRoot(shape.name));
  graph.addShortcuts(rootFields(shapes, graph, construct));
  const beside = modules.filter(({ isEntry }) => !isEntry).map(({ def }) => def);
  let catalogue: Catalogue | undefined;
  return {
    moduleDir: sources.moduleDir,
    name: sources.name,
    modules,
    catalogue: () => {
      const types = modules.map(({ def }) => moduleTypesText(def));
      catalogue ??= extendCatalogue(
        coreCatalogue(),
        [...types, rootText([...shapes, ...constructorsOf(beside)])].join("\n"),
      );
      return catalogue;
    },
    construct,
    close: () => calls.pool.close(),
  };
}

/** Adds the module and all that it depends on, each once. */
function withDependencies(module: LoadedModule, found: Map<string, LoadedModule>): void {
  if (found.has(module.digest)) return;
  found.set(module.digest, module);
  for (const dependency of module.dependencies) withDependencies(dependency, found);
}

/** On the real engine such a function would take the place of the core's own field, and break the arguments of others. */
function isCoreRoot(name: string): boolean {
  return coreFieldNames("Query").includes(name);
}

/** Functions and properties of the main object as fields of the root: `{ hello }` instead of `{ slipway { hello } }`. */
function rootFields(
  shapes: readonly FieldShape[],
  graph: Graph,
  construct: (args: Args) => Promise<Obj>,
): Record<string, Field> {
  const entries = shapes.map(({ name }) => {
    const run = async (_self: Obj, args: Args): Promise<unknown> => {
      const main = await construct({});
      return await graph.field(main.type, name).run(main, args, graph, undefined);
    };
    return [name, { eager: true as const, run }] as const;
  });
  return Object.fromEntries(entries);
}

/** For one call of a function the workspace stays what it was when it was first looked at. */
function oneWorkspace(base: Fields): Fields {
  const field = base["Query"]?.["currentWorkspace"];
  return field === undefined ? {} : { Query: { currentWorkspace: { ...field, fresh: () => false } } };
}

function merge(...parts: readonly Fields[]): Fields {
  const all: Record<string, Record<string, Fields[string][string]>> = {};
  for (const part of parts) {
    for (const [type, own] of Object.entries(part)) all[type] = { ...all[type], ...own };
  }
  return all;
}

/** Each process of a function is a client with a graph of its own: its host is its container, its call is its own. */
class FunctionClients {
  fields: Fields = {};
  readonly #catalogues = new Map<string, Catalogue>();

  constructor(readonly options: ServeOptions) {}

  open(context: CallContext): { readonly token: string; close(): void } {
    const { session, addClient, removeClient } = this.options;
    const functionSession: FunctionSession = {
      ...session,
      functionContext: context,
      reads: context.reads,
      report: (event) => session.report(belowCall(event, context)),
      host: {
        isContainer: true,
        workdir: FUNCTION_WORKDIR,
        env: { HOME: "/root" },
        // Known when the container is open, which is before the process can ask for anything.
        get root() {
          return context.rootDir;
        },
      },
    };
    const graph = new Graph(this.fields, functionSession, functionSession.store.privateKey("id-key")) as Graph;
    const token = addClient({ graph, catalogue: () => this.#catalogueOf(context.module) });
    return { token, close: () => removeClient(token) };
  }

  /** The core and the dependencies; not the module itself. */
  #catalogueOf(module: LoadedModule): Catalogue {
    const known = this.#catalogues.get(module.digest);
    if (known !== undefined) return known;
    const made =
      module.dependencies.length === 0
        ? coreCatalogue()
        : extendCatalogue(coreCatalogue(), dependencyText(module.dependencies.map(({ def }) => def)));
    this.#catalogues.set(module.digest, made);
    return made;
  }
}

/** What begins for a function and names no parent is a part of its call. */
function belowCall(event: SessionEvent, { stepId }: CallContext): SessionEvent {
  if (event.kind !== "start" || event.parent !== undefined || stepId === undefined) return event;
  return { ...event, parent: stepId };
}
