import {
  type FieldNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isScalarType,
  valueFromASTUntyped,
} from "graphql";
import { expectedType } from "../api/catalogue.ts";
import { ApiError } from "../api/errors.ts";
import type { Args, Graph, Obj } from "../api/graph.ts";
import { normalisePlatform } from "../api/platform.ts";

/**
 * The arguments of a field as its implementation takes them: ids are objects, what was not given is absent.
 *
 * @throws ApiError in the real engine's words
 */
export function coerceArgs(
  graph: Graph,
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  variables: Readonly<Record<string, unknown>>,
): Args {
  const args: Record<string, unknown> = {};
  for (const argument of field.args) {
    const given = node.arguments?.find((a) => a.name.value === argument.name);
    if (given === undefined) continue;
    const raw = valueFromASTUntyped(given.value, variables as Record<string, unknown>);
    const value = coerceArg(graph, argument, raw);
    if (value !== undefined) args[argument.name] = value;
  }
  return args;
}

/** One argument from a plain value. */
function coerceArg(graph: Graph, argument: GraphQLArgument, raw: unknown): unknown {
  if (raw === undefined) return undefined;
  if (raw === null && !isNonNullType(argument.type)) return undefined;
  try {
    return coerce(graph, argument.type, raw, expectedType(argument));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new ApiError(`init arg "${argument.name}" value as ${goType(raw)} using ${argument.type}: ${error.message}`);
  }
}

function coerce(graph: Graph, type: GraphQLInputType, raw: unknown, objectType: string | undefined): unknown {
  if (isNonNullType(type)) return coerce(graph, type.ofType, raw, objectType);
  if (isListType(type)) {
    const items = Array.isArray(raw) ? raw : [raw];
    return items.map((item) => coerce(graph, type.ofType, item, objectType));
  }
  if (isInputObjectType(type)) {
    if (raw === null || typeof raw !== "object") throw cannotCreate(type.name, raw);
    const fields: Record<string, unknown> = {};
    for (const field of Object.values(type.getFields())) {
      const value = (raw as Record<string, unknown>)[field.name] ?? field.defaultValue;
      if (value !== undefined && value !== null) fields[field.name] = coerce(graph, field.type, value, undefined);
      else if (isNonNullType(field.type)) throw new ApiError(`missing required input field "${field.name}"`);
    }
    return fields;
  }
  if (isEnumType(type)) {
    if (typeof raw !== "string") throw cannotCreate(type.name, raw);
    if (type.getValue(raw) === undefined) {
      throw new ApiError(`invalid enum member "${raw}" for core.${GO_ENUM_NAMES[type.name] ?? type.name}`);
    }
    return raw;
  }
  if (isScalarType(type) && (type.name === "ID" || objectType !== undefined)) {
    // What `load…FromID` gets is compared with its type by the field, in other words.
    return coerceId(graph, type.name === "ID" ? objectType : undefined, raw);
  }
  return coerceScalar(type.name, raw);
}

/** Where the real engine's own name of an enum, which its errors show, is another one. */
const GO_ENUM_NAMES: Readonly<Record<string, string>> = { ReturnType: "ReturnTypes" };

/** @param objectType undefined: any type, and an empty id is none at all */
function coerceId(graph: Graph, objectType: string | undefined, raw: unknown): Obj | undefined {
  if (typeof raw !== "string") throw cannotCreate("ID", raw);
  if (raw === "" && objectType === undefined) return undefined;
  if (raw === "") throw new ApiError("cannot decode empty string as ID");
  const object = graph.decode(raw);
  if (objectType !== undefined && object.type !== objectType) {
    throw new ApiError(`expected "${objectType}" ID, got ${object.type}! ID`);
  }
  return object;
}

function coerceScalar(name: string, raw: unknown): unknown {
  switch (name) {
    case "Int": {
      const number = typeof raw === "string" && /^-?\d+$/.test(raw) ? Number(raw) : raw;
      if (typeof number !== "number" || !Number.isInteger(number)) throw cannotCreate("Int", raw);
      return number;
    }
    case "Float": {
      const number = typeof raw === "string" && raw !== "" ? Number(raw) : raw;
      if (typeof number !== "number" || Number.isNaN(number)) throw cannotCreate("Float", raw);
      return number;
    }
    case "Boolean": {
      if (raw === "true" || raw === "false") return raw === "true";
      if (typeof raw !== "boolean") throw cannotCreate("Boolean", raw);
      return raw;
    }
    case "JSON":
      return typeof raw === "string" ? raw : JSON.stringify(raw);
    default:
      if (typeof raw !== "string") throw cannotCreate(name, raw);
      return name === "Platform" ? normalisePlatform(raw) : raw;
  }
}

function cannotCreate(type: string, raw: unknown): ApiError {
  return new ApiError(`cannot create ${type} from ${goType(raw)}`);
}

/** The type that Go's decoder gives to a value of a query. */
function goType(raw: unknown): string {
  if (raw === null || raw === undefined) return "<nil>";
  if (typeof raw === "number") return Number.isInteger(raw) ? "int64" : "float64";
  if (typeof raw === "boolean") return "bool";
  if (Array.isArray(raw)) return "[]interface {}";
  return typeof raw === "object" ? "map[string]interface {}" : typeof raw;
}
