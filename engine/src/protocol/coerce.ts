import {
  type FieldNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isScalarType,
} from "graphql";
import { type Catalogue, expectedType, isOneOf } from "../api/catalogue.ts";
import { coreFieldNames } from "../api/core-texts.ts";
import { ApiError } from "../api/errors.ts";
import { jsonKind } from "../api/go-json.ts";
import type { Args, Graph, Obj } from "../api/graph.ts";
import { normalisePlatform } from "../api/platform.ts";
import { coerceScalar, jsonInput, zeroOf } from "./coerce-scalar.ts";
import { goType, literalValue, QueryNumber } from "./literal.ts";

/** Who asks: the objects, and the types that are known there. */
export interface Asked {
  readonly graph: Graph;
  readonly catalogue: Catalogue;
}

/**
 * The arguments of a field as its implementation takes them: ids are objects, what was not given is absent. A null that a function of
 * a module was given is a null.
 *
 * @param owner the type that has the field
 * @throws ApiError in the real engine's words
 */
export function coerceArgs(
  asked: Asked,
  owner: string,
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  variables: Readonly<Record<string, unknown>>,
): Args {
  const args: Record<string, unknown> = {};
  for (const argument of field.args) {
    const given = node.arguments?.find((a) => a.name.value === argument.name);
    if (given === undefined) continue;
    const raw = literalValue(given.value, variables);
    const value =
      raw === null && !isNonNullType(argument.type) && !coreFieldNames(owner).includes(field.name)
        ? null
        : coerceArg(asked, argument, raw);
    if (value !== undefined) args[argument.name] = value;
  }
  return args;
}

/** One argument from a plain value. A null takes the place of a default of the core, and is then the zero value of Go's type. */
function coerceArg(asked: Asked, argument: GraphQLArgument, raw: unknown): unknown {
  if (raw === null && !isNonNullType(argument.type)) {
    return argument.defaultValue === undefined ? undefined : zeroOf(argument.type);
  }
  try {
    return coerce(asked, argument.type, raw, expectedType(argument));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new ApiError(
      `init arg ${JSON.stringify(argument.name)} value as ${goType(raw)} using ${argument.type}: ${error.message}`,
    );
  }
}

function coerce(asked: Asked, type: GraphQLInputType, raw: unknown, objectType: string | undefined): unknown {
  if (isNonNullType(type)) return coerce(asked, type.ofType, raw, objectType);
  if (isListType(type)) return listOf(raw).map((item) => coerce(asked, type.ofType, item, objectType));
  if (isInputObjectType(type)) return coerceInput(asked, type, raw);
  if (isEnumType(type)) return memberOf(type, raw);
  if (isScalarType(type) && (type.name === "ID" || objectType !== undefined)) {
    // What `load…FromID` gets is compared with its type by the field, in other words.
    return coerceId(asked, type.name === "ID" ? objectType : undefined, raw);
  }
  if (type.name === "Platform" && typeof raw === "string") return normalisePlatform(raw);
  return coerceScalar(type.name, raw);
}

/** A list is never made of one value; a text is read as the JSON that defaults are written in. */
function listOf(raw: unknown): readonly unknown[] {
  if (Array.isArray(raw)) return raw;
  if (typeof raw !== "string") throw new ApiError(`expected array, got ${goType(raw)}`);
  const items = jsonInput(raw);
  if (items === null) return [];
  if (!Array.isArray(items)) {
    const kind = items instanceof QueryNumber ? "number" : jsonKind(items);
    throw new ApiError(
      `decode ${JSON.stringify(raw)}: json: cannot unmarshal ${kind} into Go value of type []interface {}`,
    );
  }
  return items;
}

function coerceInput(asked: Asked, { name }: GraphQLInputObjectType, raw: unknown): Record<string, unknown> {
  // What another type says of it need not have its fields.
  const type = asked.catalogue.type(name) as GraphQLInputObjectType;
  if (!goType(raw).startsWith("map")) throw new ApiError(`expected map[string]any, got ${goType(raw)}`);
  const given = raw as Readonly<Record<string, unknown>>;
  const fields: Record<string, unknown> = {};
  for (const field of Object.values(type.getFields())) {
    if (Object.hasOwn(given, field.name)) {
      const isAbsent =
        given[field.name] === null && !isNonNullType(field.type) && !isEnumType(getNamedType(field.type));
      if (!isAbsent) fields[field.name] = coerce(asked, field.type, given[field.name], undefined);
    } else if (field.defaultValue !== undefined) fields[field.name] = field.defaultValue;
    else if (isNonNullType(field.type)) throw new ApiError(`missing required input field "${field.name}"`);
  }
  return fields;
}

/** Where the real engine's own name of an enum, which its errors show, is another one. */
const GO_ENUM_NAMES: Readonly<Record<string, string>> = { ReturnType: "ReturnTypes" };

function memberOf(type: Extract<GraphQLInputType, { getValue(name: string): unknown }>, raw: unknown): string {
  if (raw === null || typeof raw === "boolean") throw new ApiError(`invalid enum name ${raw}`);
  if (typeof raw !== "string") throw new ApiError(`cannot create enum name from ${goType(raw)}`);
  if (type.getValue(raw) === undefined) {
    throw new ApiError(`invalid enum member ${JSON.stringify(raw)} for core.${GO_ENUM_NAMES[type.name] ?? type.name}`);
  }
  return raw;
}

/** @param objectType undefined: any type, and an empty id is none at all */
function coerceId({ graph, catalogue }: Asked, objectType: string | undefined, raw: unknown): Obj | undefined {
  if (typeof raw !== "string") {
    throw new ApiError(
      objectType === undefined
        ? `cannot convert ${goType(raw)} to ID`
        : `cannot create ID[*core.${objectType}] from ${goType(raw)}`,
    );
  }
  if (raw === "" && objectType === undefined) return undefined;
  if (raw === "") throw new ApiError("cannot decode empty string as ID");
  const object = decoded(graph, objectType, raw);
  if (objectType !== undefined && !mayStandFor(catalogue, object.type, objectType)) {
    throw new ApiError(`expected "${objectType}" ID, got ${object.type}! ID`);
  }
  return object;
}

/** What a client does not know the type of may have every interface: where it comes from that was looked at. */
function mayStandFor(catalogue: Catalogue, type: string, expected: string): boolean {
  if (type === expected) return true;
  if (!isInterfaceType(catalogue.type(expected))) return false;
  return catalogue.type(type) === undefined || isOneOf(catalogue, type, expected);
}

/** Only where any type is taken, the error begins with what the text should have been. */
function decoded(graph: Graph, objectType: string | undefined, id: string): Obj {
  try {
    return graph.decode(id);
  } catch (error) {
    if (!(error instanceof ApiError) || objectType === undefined) throw error;
    throw new ApiError(error.message.replace(/^invalid ID string: /, ""));
  }
}
