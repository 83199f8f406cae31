import type { Args, Field, Graph, Obj } from "../api/graph.ts";

/** A field `run`: what it gives has an id only when it has run. */
export function ran(type: string, run: (self: Obj, args: Args, graph: Graph) => Promise<unknown>): Field {
  return {
    run,
    check: async (parent, args, graph) => void (await graph.object(type, { parent, field: "run", args }).value()),
  };
}
