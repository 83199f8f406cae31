import type { Args, Field, Graph } from "./graph.ts";

/** A field that is read from the value of its object. */
export function readsValue<V>(read: (value: V, args: Args, graph: Graph) => unknown): Field {
  return { run: async (self, args, graph) => read(await self.value<V>(), args, graph) };
}

/**
 * The same field, whose id stands for something that is there: what goes wrong with it is told when the id is taken.
 *
 * @param type of what it gives
 * @param field its name
 */
export function existing(type: string, field: string, how: Field): Field {
  return {
    ...how,
    check: async (parent, args, graph) => void (await graph.object(type, { parent, field, args }).value()),
  };
}
