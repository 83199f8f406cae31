import { coreCatalogue, fieldOf } from "../api/catalogue.ts";
import { type Graph, Obj } from "../api/graph.ts";
import { answer, select } from "../protocol/query.ts";
import type { Engine, Handle, OpenEngine } from "./engine.ts";
import { coreClient, openSession } from "./open-session.ts";
import { expectedOf, typesOfSchema } from "./types-of-schema.ts";

/** The embedded engine, in this process. */
export const openEmbeddedEngine: OpenEngine = async (options) => {
  const open = await openSession({
    host: { workdir: options.callerDir, env: process.env, resolve: (path) => path },
    interrupted: options.interrupted,
    report: options.report,
  });
  const { graph } = open;
  const client = coreClient(open);
  const engine: Engine = {
    module: undefined,
    moduleDir: undefined,
    types: typesOfSchema(coreCatalogue()),
    root: graph.root,
    construct: async () => graph.root,
    select: async (on, name, args) => {
      const field = fieldOf(client.catalogue(), on.type, name);
      if (field === undefined) throw new Error(`Cannot query field "${name}" on type "${on.type}".`);
      const value = await select(graph, on as Obj, on.type, field, args);
      return expectedOf(field) !== undefined && typeof value === "string" ? graph.decode(value) : value;
    },
    force: (object) => force(graph, object),
    reference: async (object) => `${object.type}@sha256:${await (object as Obj).key()}`,
    query: async (request) => (await answer(graph, client.catalogue(), request)).body,
    listen: async () => ({ token: open.addClient(client), port: await open.server.listen() }),
    close: () => open.close(),
  };
  return engine;
};

async function force(graph: Graph, object: Handle): Promise<void> {
  const sync = fieldOf(coreCatalogue(), object.type, "sync");
  if (sync !== undefined && object instanceof Obj) await select(graph, object, object.type, sync, {});
}
