import { coreFieldNames } from "../api/core-texts.ts";
import type { Args, Field, Graph, Obj } from "../api/graph.ts";
import type { ObjectDef } from "./definition.ts";
import { type FieldShape, shapesOf } from "./schema-text.ts";

/** On the real engine a function with a name of the core's root would take that field's place, and break the arguments of others. */
export function rootShapes(main: ObjectDef): readonly FieldShape[] {
  const core = new Set(coreFieldNames("Query"));
  return shapesOf(main).filter(({ name }) => !core.has(name));
}

/** Functions and properties of the main object as fields of the root: `{ hello }` instead of `{ slipway { hello } }`. */
export function rootFields(
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
