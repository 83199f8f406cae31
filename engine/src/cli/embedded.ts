import { existsSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { getNamedType } from "graphql";
import { coreCatalogue, fieldOf } from "../api/catalogue.ts";
import { type Graph, Obj } from "../api/graph.ts";
import { engineFields } from "../module/engine-fields.ts";
import { findModuleDir } from "../module/module-dir.ts";
import { defaultBundlesDir } from "../module/runtime-files.ts";
import { type ServedModules, serveModules } from "../module/serve.ts";
import { readServedSources, type ServedSources } from "../module/served-sources.ts";
import { SessionModules } from "../module/session-modules.ts";
import { resolveModuleRef, type Tell } from "../module/source.ts";
import { answer } from "../protocol/query.ts";
import { select } from "../protocol/select.ts";
import type { Client } from "../protocol/server.ts";
import { digestOf } from "../store/store.ts";
import { keepModule } from "./completion/keep.ts";
import type { Engine, Handle, OpenEngine, OpenOptions } from "./engine.ts";
import { type OpenSession, openSession } from "./open-session.ts";
import { outsideSteps } from "./progress/step-scope.ts";
import { constructorsBeside, startOf, typesOfModule } from "./types-of-module.ts";
import { expectedOf, typesOfSchema } from "./types-of-schema.ts";

/** The embedded engine, in this process. */
export const openEmbeddedEngine: OpenEngine = async (options) => {
  const told = new Set<string>();
  const tell = (line: string): void => {
    if (!told.has(line)) options.report({ kind: "note", text: line });
    told.add(line);
  };
  const sources = options.served ?? findSources(options, tell);
  const open = await openSession({
    host: { workdir: options.callerDir, env: process.env, root: "/" },
    workspaceDir: options.searchDir,
    terminal: options.terminal,
    interrupted: options.interrupted,
    report: options.report,
  });
  try {
    const modules = modulesIn(open);
    const engine = engineOf(open, modules, sources === undefined ? undefined : await serveModules(modules, sources));
    if (sources !== undefined) keepModule(engine, sources, process.env);
    return engine;
  } catch (error) {
    // What went wrong first is what counts.
    await open.close().catch(() => {});
    throw error;
  }
};

function findSources(options: OpenOptions, tell: Tell): ServedSources | undefined {
  const moduleDir = findModule(options, tell);
  if (moduleDir === undefined) return undefined;
  return readServedSources(moduleDir, options.moduleRef !== undefined, tell);
}

/** @throws Error when `-m` names nothing that is there */
function findModule({ noModule, moduleRef, searchDir }: OpenOptions, tell: Tell): string | undefined {
  if (noModule) return undefined;
  if (moduleRef === undefined) return findModuleDir(searchDir);
  const isPath = isAbsolute(moduleRef) || /^\.{1,2}(\/|$)/.test(moduleRef);
  if (isPath && !existsSync(resolve(searchDir, moduleRef))) {
    throw new Error(`local path ${JSON.stringify(moduleRef)} does not exist`);
  }
  return resolveModuleRef(moduleRef, searchDir, tell);
}

function modulesIn(open: OpenSession): SessionModules {
  return new SessionModules({
    session: open.session,
    graph: open.graph,
    coreFields: engineFields,
    bundlesDir: defaultBundlesDir(),
    socketDir: () => outsideSteps(() => open.socketDir()),
    addClient: (client) => open.addClient(client),
    removeClient: (token) => open.server.removeClient(token),
  });
}

function engineOf(open: OpenSession, modules: SessionModules, served: ServedModules | undefined): Engine {
  const { graph } = open;
  const catalogue = served?.catalogue ?? (() => modules.catalogueFor(graph, coreCatalogue));
  const client: Client = { graph, catalogue };
  const core = typesOfSchema(coreCatalogue());
  const offered = served?.modules ?? [];
  const start = startOf(offered);
  const main = offered.find(({ isEntry }) => isEntry)?.def;
  const declared = new DeclaredTypes();
  return {
    module: main,
    offered,
    moduleDir: served?.moduleDir,
    types: offered.reduce((types, { def }) => typesOfModule(def, types), core),
    start,
    root: graph.root,
    construct: async (args, first) => {
      if (served === undefined) throw new Error("no module found here (dagger.json)");
      const isBeside = constructorsBeside(offered).some(({ name }) => name === first);
      return isBeside ? graph.root : await served.construct(args);
    },
    select: async (on, name, args) => {
      const type = client.catalogue().type(on.type) === undefined ? declared.of(on) : on.type;
      const field = fieldOf(client.catalogue(), type, name);
      if (field === undefined) throw new Error(`Cannot query field "${name}" on type "${type}".`);
      const value = await select(graph, on as Obj, type, field, args);
      declared.note(value, getNamedType(field.type).name);
      return expectedOf(field) !== undefined && typeof value === "string" ? graph.decode(value) : value;
    },
    force: (object) => force(graph, object),
    reference: async (object) => `${object.type}@sha256:${digestOf(await (object as Obj).key())}`,
    query: async (request) => (await answer(graph, client.catalogue(), request)).body,
    hide: (text, isCut) => open.session.hidden.hide(text, isCut),
    listen: async () => ({ token: open.addClient(client), port: await open.server.listen() }),
    close: async () => {
      await modules.close();
      await open.close();
    },
  };
}

/** What fields say of the objects that they give: of a type that the command does not know, that is all that can be asked. */
class DeclaredTypes {
  readonly #types = new WeakMap<Handle, string>();

  note(value: unknown, type: string): void {
    for (const one of [value].flat()) if (one instanceof Obj) this.#types.set(one, type);
  }

  of(handle: Handle): string {
    return this.#types.get(handle) ?? handle.type;
  }
}

async function force(graph: Graph, object: Handle): Promise<void> {
  const sync = fieldOf(coreCatalogue(), object.type, "sync");
  if (sync !== undefined && object instanceof Obj) await select(graph, object, object.type, sync, {});
}
