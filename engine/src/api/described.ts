import { text } from "./arguments.ts";
import type { Args, Obj } from "./graph.ts";
import type { Described, SourceMapValue } from "./type-values.ts";

/** What arguments say of a type, of its part or of a function, under the name that it gets. */
export async function described(args: Args, name: string): Promise<Described> {
  return {
    name,
    description: text(args["description"]),
    deprecated: args["deprecated"] as string | undefined,
    sourceMap: await (args["sourceMap"] as Obj | undefined)?.value<SourceMapValue>(),
  };
}

/** The list with an item in it: what is there already under that name keeps its place. */
export function replaced<T extends { readonly name: string }>(list: readonly T[], item: T): readonly T[] {
  const isNew = !list.some((other) => other.name === item.name);
  return isNew ? [...list, item] : list.map((other) => (other.name === item.name ? item : other));
}
