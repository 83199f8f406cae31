import { type Catalogue, coreCatalogue, extendCatalogue } from "../api/catalogue.ts";
import { coreFieldNames } from "../api/core-texts.ts";
import { ApiError } from "../api/errors.ts";
import { type Fields, Graph, type Obj } from "../api/graph.ts";
import { mergeFields } from "../api/merge-fields.ts";
import type { Session, SessionEvent } from "../api/session.ts";
import { digestOf } from "../store/store.ts";
import type { CallContext } from "./call.ts";
import { FunctionCalls } from "./calls.ts";
import type { ToolchainConfig } from "./config.ts";
import { FUNCTION_WORKDIR, type FunctionSession } from "./current-call.ts";
import type { ModuleDef } from "./definition.ts";
import { rootFields, rootShapes } from "./entrypoint.ts";
import { GivenDefaults } from "./given-defaults.ts";
import type { ModuleHost } from "./host.ts";
import { HostGrants } from "./host-grants.ts";
import { loadModule } from "./load.ts";
import type { LoadedModule } from "./loaded-module.ts";
import { ModuleFields } from "./module-fields.ts";
import { constructorField, constructorsOf, dependencyText, moduleTypesText, rootText } from "./schema-text.ts";
import type { ModuleSource } from "./source.ts";

/** Whoever has the token of a client sees these objects and types; the session server's `Client`. */
export interface ModuleClient {
  readonly graph: Graph;
  readonly catalogue: () => Catalogue;
}

export interface SessionModulesOptions {
  readonly session: Session;
  /** The graph of the command itself. */
  readonly graph: Graph;
  /** What every graph of the session can do without modules. */
  readonly coreFields: Fields;
  readonly bundlesDir: string;
  /** Folder on the host with the session server's socket `engine.sock`. Asked for when the first function runs. */
  readonly socketDir: () => Promise<string>;
  /** Answers with the token. */
  readonly addClient: (client: ModuleClient) => string;
  readonly removeClient: (token: string) => void;
}

/** A module that the command is about. */
export interface WorkspaceModule {
  readonly module: LoadedModule;
  readonly toolchain?: ToolchainConfig;
}

/** A session in which modules can be loaded. */
interface ModuleSession extends Session {
  modules?: SessionModules;
}

/** @throws ApiError in a session without modules */
export function modulesOf(graph: Graph): SessionModules {
  const { modules } = graph.session as ModuleSession;
  if (modules === undefined) throw new ApiError("no modules can be loaded in this session");
  return modules;
}

/** The modules of a session: those of the command, and those that are loaded over the API. Ends their processes at its close. */
export class SessionModules {
  readonly host: ModuleHost;
  readonly calls: FunctionCalls;
  readonly grants: HostGrants;
  readonly defaults: GivenDefaults;
  /** What the workspace has, in the order in which its checks are listed. */
  workspace: readonly WorkspaceModule[] = [];
  /** What each function can do, whatever its module. */
  #shared: Fields;
  readonly #loaded = new Map<string, Promise<LoadedModule>>();
  readonly #realms = new WeakMap<Graph, Map<LoadedModule, Graph>>();
  readonly #catalogues = new Map<string, Catalogue>();
  readonly #functionFields = new Map<LoadedModule, Fields>();
  readonly #served = new WeakMap<Graph, ServedTypes>();
  readonly #views = new WeakMap<Graph, () => Catalogue>();

  constructor(readonly options: SessionModulesOptions) {
    const { session, graph, coreFields, bundlesDir, socketDir } = options;
    this.host = { session, bundlesDir, socketDir, openClient: (context) => this.#open(context) };
    this.grants = new HostGrants(graph);
    this.defaults = new GivenDefaults(graph);
    this.calls = new FunctionCalls(this.host);
    this.#shared = mergeFields(coreFields, this.grants.fields(coreFields), oneWorkspace(coreFields));
    (session as ModuleSession).modules = this;
  }

  /**
   * Gets a module ready, once for each content, name and place of its default paths and of its `.env`.
   *
   * @throws ModuleProblem
   */
  load(source: ModuleSource): Promise<LoadedModule> {
    const { digest, name, defaults, customizations, envDirs = null } = source;
    const place = defaults.kind === "directory" ? defaults.directory.structure : defaults;
    const key = digestOf([digest, name, place, customizations, envDirs]);
    let loading = this.#loaded.get(key);
    if (loading === undefined) {
      loading = loadModule(source, this.host);
      this.#loaded.set(key, loading);
      loading.catch(() => this.#loaded.delete(key));
    }
    return loading;
  }

  /** The types of a module and of all that it depends on, and what makes their main objects. */
  fieldsOf(module: LoadedModule): Fields {
    const all = new Map<string, LoadedModule>();
    withDependencies(module, all);
    const { calls, grants, defaults } = this;
    return mergeFields(...[...all.values()].map((one) => new ModuleFields(one, calls, grants, defaults).fields()));
  }

  /** Lets every function use these types, as objects that it is given. */
  share(fields: Fields): void {
    this.#shared = mergeFields(this.#shared, fields);
    this.#functionFields.clear();
  }

  /**
   * Where the objects of a module are made for somebody who does not know its types. Two modules of the same code are apart:
   * their default paths may lead into different directories.
   */
  realmOf(module: LoadedModule, caller: Graph): Graph {
    const realms = this.#realms.get(caller) ?? new Map<LoadedModule, Graph>();
    this.#realms.set(caller, realms);
    const realm = realms.get(module) ?? caller.fork(this.fieldsOf(module));
    realms.set(module, realm);
    return realm;
  }

  /** Tells what a client sees before it asks for anything to be served. */
  setView(graph: Graph, base: () => Catalogue): void {
    this.#views.set(graph, base);
  }

  /** All that a client sees. */
  catalogueOf(graph: Graph): Catalogue {
    return this.catalogueFor(graph, this.#views.get(graph) ?? coreCatalogue);
  }

  /** The module that a field of a client's root comes from; empty: the core. */
  moduleOfField(graph: Graph, field: string): string {
    if (coreFieldNames("Query").includes(field)) return "";
    const own = graph === this.options.graph ? this.workspace : [];
    const seen = [...own.map(({ module }) => module), ...(this.#served.get(graph)?.modules() ?? [])];
    const named = seen.find(({ def }) => def.main !== undefined && constructorField(def.main) === field);
    return (named ?? own.at(-1)?.module)?.def.name ?? "";
  }

  /** What a client sees beside `base`: the modules that it has asked to be served. */
  catalogueFor(graph: Graph, base: () => Catalogue): Catalogue {
    return this.#served.get(graph)?.over(base()) ?? base();
  }

  /**
   * Gives a client the types of modules and the fields of the root that make their main objects.
   *
   * @param entry the one of them whose functions stand on the root instead
   * @throws ApiError when it has another module of that name
   */
  serve(graph: Graph, modules: readonly LoadedModule[], entry?: LoadedModule): void {
    const served = this.#served.get(graph) ?? new ServedTypes((one) => this.defaults.shown(one));
    this.#served.set(graph, served);
    for (const module of modules) {
      served.add(module, module === entry);
      graph.addFields(this.fieldsOf(module));
    }
    const main = entry?.def.main;
    if (main === undefined) return;
    const make = graph.field("Query", constructorField(main));
    graph.addShortcuts(
      rootFields(rootShapes(main), graph, async (args) => (await make.run(graph.root, args, graph, undefined)) as Obj),
    );
  }

  /** Ends processes that were prepared and not used. */
  close(): Promise<void> {
    return this.calls.pool.close();
  }

  /** Each process of a function is a client with a graph of its own: its host is its container, its call is its own. */
  #open(context: CallContext): { readonly token: string; close(): void } {
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
    const graph = new Graph(
      this.#fieldsIn(context.module),
      functionSession,
      session.store.privateKey("id-key"),
    ) as Graph;
    const own = () => this.#catalogueOf(context.module);
    this.setView(graph, own);
    const token = addClient({ graph, catalogue: () => this.catalogueFor(graph, own) });
    return { token, close: () => removeClient(token) };
  }

  /** What the functions of a module can do. */
  #fieldsIn(module: LoadedModule): Fields {
    const fields = this.#functionFields.get(module) ?? mergeFields(this.#shared, this.fieldsOf(module));
    this.#functionFields.set(module, fields);
    return fields;
  }

  /** The core, the dependencies and the module itself: for its client to have that too, dagger.json has to ask for it. */
  #catalogueOf(module: LoadedModule): Catalogue {
    const known = this.#catalogues.get(module.digest);
    if (known !== undefined) return known;
    const made = withModules(
      coreCatalogue(),
      [...module.dependencies, module].map((one) => this.defaults.shown(one)),
    );
    this.#catalogues.set(module.digest, made);
    return made;
  }
}

/** What one client has asked to be served. */
class ServedTypes {
  readonly #modules = new Map<string, LoadedModule>();
  readonly #entries = new Set<string>();
  #made: { readonly base: Catalogue; readonly size: number; readonly catalogue: Catalogue } | undefined;

  constructor(readonly shown: (module: LoadedModule) => ModuleDef) {}

  add(module: LoadedModule, isEntry: boolean): void {
    const { name } = module.def;
    const known = this.#modules.get(name);
    // Of equal content but with other default places it is another one too.
    if (known !== undefined && known !== module) {
      const [ours, theirs] = [module, known].map((one) => one.moduleSource.moduleDir);
      throw new ApiError(
        `module ${name} (source: ${ours} | pin: ) already exists with different source ${theirs} (pin: )`,
      );
    }
    this.#modules.set(name, module);
    if (isEntry) this.#entries.add(name);
  }

  modules(): readonly LoadedModule[] {
    return [...this.#modules.values()];
  }

  over(base: Catalogue): Catalogue {
    const size = this.#modules.size + this.#entries.size;
    if (this.#made?.base !== base || this.#made.size !== size) {
      this.#made = { base, size, catalogue: extendCatalogue(base, this.#text()) };
    }
    return this.#made.catalogue;
  }

  #text(): string {
    const defs = this.modules().map(this.shown);
    const entries = defs.filter(({ name }) => this.#entries.has(name));
    const mains = entries.flatMap(({ main }) => (main === undefined ? [] : rootShapes(main)));
    const beside = defs.filter(({ name }) => !this.#entries.has(name));
    return [...defs.map(moduleTypesText), rootText([...mains, ...constructorsOf(beside)])].join("\n");
  }
}

/** What somebody sees who has these modules. */
export function withModules(base: Catalogue, modules: readonly ModuleDef[]): Catalogue {
  return extendCatalogue(base, dependencyText(modules));
}

/** Adds the module and all that it depends on, each once. */
function withDependencies(module: LoadedModule, found: Map<string, LoadedModule>): void {
  if (found.has(module.digest)) return;
  found.set(module.digest, module);
  for (const dependency of module.dependencies) withDependencies(dependency, found);
}

/** For one call of a function the workspace stays what it was when it was first looked at. */
function oneWorkspace(base: Fields): Fields {
  const field = base["Query"]?.["currentWorkspace"];
  return field === undefined ? {} : { Query: { currentWorkspace: { ...field, fresh: () => false } } };
}

/** What begins for a function and names no parent is a part of its call. */
function belowCall(event: SessionEvent, { stepId }: CallContext): SessionEvent {
  if (event.kind !== "start" || event.parent !== undefined || stepId === undefined) return event;
  return { ...event, parent: stepId };
}
