import type { Args, Field, Graph } from "./graph.ts";

/** A field that is read from the value of its object. */
export function readsValue<V>(read: (value: V, args: Args, graph: Graph) => unknown): Field {
  return { run: async (self, args, graph) => read(await self.value<V>(), args, graph) };
}

/** A field that gives another value of the same kind. */
export function changesValue<V>(change: (value: V, args: Args) => V | Promise<V>): Field {
  return { run: async (self, args) => change(await self.value<V>(), args) };
}

/** Fields that are just what the value has under the same name; absent is null. */
export function properties(...names: readonly string[]): Record<string, Field> {
  return Object.fromEntries(names.map((name) => [name, property(name)]));
}

/** A field that may be null, so it has to be known at once. */
export function nullableProperties(...names: readonly string[]): Record<string, Field> {
  return Object.fromEntries(names.map((name) => [name, { ...property(name), eager: true as const }]));
}

/** A field that is just what the value has under that name; absent is null. */
export function property(name: string): Field {
  return { run: async (self) => (await self.value<Record<string, unknown>>())[name] ?? null };
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
