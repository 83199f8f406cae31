import { type GraphQLField, type GraphQLOutputType, getNamedType, isListType, isNonNullType } from "graphql";
import { isObject } from "../api/catalogue.ts";
import { type ApiError, unsupported } from "../api/errors.ts";
import { type Args, type Graph, Obj } from "../api/graph.ts";
import { refusalOf, whyRefused } from "../api/refusals.ts";

/**
 * Takes one field of an object: a scalar, an object, a list of either, or null. Objects come back as recipes that have
 * not run yet, except where the field says that they must.
 *
 * @throws ApiError when the field is not supported here, or fails
 */
export async function select(
  graph: Graph,
  on: Obj,
  type: string,
  field: GraphQLField<unknown, unknown>,
  args: Args,
): Promise<unknown> {
  if (field.name === "id" && type !== "Query") return await on.id();
  const how = graph.asked(on, field.name);
  if (how === undefined) throw refused(on.type, field.name);
  const named = getNamedType(field.type);
  if (!isObject(named)) return await how.run(on, args, graph, undefined);
  if (isList(field.type)) {
    const values = (await how.run(on, args, graph, undefined)) as readonly unknown[];
    return values.map((value, nth) =>
      value instanceof Obj ? value : graph.object(named.name, { parent: on, field: field.name, args, nth }, { value }),
    );
  }
  if (how.eager === true) {
    const value = await how.run(on, args, graph, undefined);
    if (value === null || value === undefined || value instanceof Obj) return value;
    return graph.object(named.name, { parent: on, field: field.name, args }, { value });
  }
  return graph.object(named.name, { parent: on, field: field.name, args });
}

function isList(type: GraphQLOutputType): boolean {
  return isListType(isNonNullType(type) ? type.ofType : type);
}

function refused(type: string, field: string): ApiError {
  const kind = refusalOf(type, field);
  return unsupported(`${type}.${field}`, kind === undefined ? undefined : whyRefused(kind));
}
