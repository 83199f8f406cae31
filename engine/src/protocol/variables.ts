import {
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  type OperationDefinitionNode,
  type TypeNode,
  typeFromAST,
} from "graphql";
import { ApiError } from "../api/errors.ts";
import { withNumbers } from "./coerce-scalar.ts";
import { goType, LoneItem, literalValue, QueryNumber } from "./literal.ts";

type Values = Readonly<Record<string, unknown>>;

/**
 * The variables of an operation, by the types that it declares for them.
 *
 * @throws ApiError for the first one that does not fit, in the words of the real engine's validator
 */
export function variableValues(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  given: Values,
): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = {};
  for (const { variable, type, defaultValue } of operation.variableDefinitions ?? []) {
    const name = variable.name.value;
    const isGiven = Object.hasOwn(given, name);
    if (!isGiven && defaultValue === undefined) {
      if (type.kind === "NonNullType") throw new ApiError("must be defined");
      continue;
    }
    const value = isGiven || defaultValue === undefined ? withNumbers(given[name]) : literalValue(defaultValue, {});
    values[name] = checked(inputType(schema, type), value);
  }
  return values;
}

function checked(declared: GraphQLInputType, value: unknown): unknown {
  if (value === null) {
    if (isNonNullType(declared)) throw new ApiError("cannot be null");
    return null;
  }
  const type = nullable(declared);
  const counted =
    value instanceof QueryNumber && value.goType === "json.Number" ? asNumber(String(type), value) : value;
  check(declared, counted);
  return isListType(type) && !Array.isArray(counted) ? new LoneItem(counted) : counted;
}

/** A number for a variable that is declared as one. */
function asNumber(type: string, number: QueryNumber): QueryNumber {
  if (type === "Float") return new QueryNumber(number.value, "float64");
  if (type !== "Int") return number;
  if (!Number.isSafeInteger(number.value)) throw new ApiError("cannot use value 0 as Int");
  return new QueryNumber(number.value, "int64");
}

function inputType(schema: GraphQLSchema, node: TypeNode): GraphQLInputType {
  const type = typeFromAST(schema, node as Parameters<typeof typeFromAST>[1]);
  if (!isInputType(type)) throw new ApiError("must an input type");
  return type;
}

function nullable(type: GraphQLInputType): GraphQLInputType {
  return isNonNullType(type) ? type.ofType : type;
}

function check(type: GraphQLInputType, value: unknown): void {
  const inner = nullable(type);
  if (isListType(inner)) {
    for (const item of Array.isArray(value) ? value : [value]) checkItem(inner.ofType, item);
  } else if (isInputObjectType(inner)) checkObject(inner, value);
  else if (isEnumType(inner)) {
    const written = value instanceof QueryNumber ? String(value.value) : value;
    if (typeof written !== "string") throw new ApiError("enums must be ints or strings");
    const isMember = inner.getValues().some(({ name }) => name.toLowerCase() === written.toLowerCase());
    if (!isMember) throw new ApiError(`${written} is not a valid ${inner.name}`);
  } else checkScalar(String(inner), value);
}

function checkItem(type: GraphQLInputType, item: unknown): void {
  if (item !== null) check(type, item);
  else if (isNonNullType(type)) throw new ApiError("cannot be null");
}

function checkObject(type: GraphQLInputObjectType, value: unknown): void {
  if (!goType(value).startsWith("map")) throw new ApiError(`must be a ${type.name}, not a ${kindOf(value)}`);
  const fields = type.getFields();
  const given = value as Values;
  for (const name of Object.keys(given)) {
    if (name !== "__typename" && fields[name] === undefined) throw new ApiError("unknown field");
  }
  for (const field of Object.values(fields)) {
    if (Object.hasOwn(given, field.name)) checkItem(field.type, given[field.name]);
    else if (isNonNullType(field.type) && field.defaultValue === undefined) throw new ApiError("must be defined");
  }
}

function checkScalar(name: string, value: unknown): void {
  if (!fitsScalar(name, value)) throw new ApiError(`cannot use ${kindOf(value)} as ${name}`);
}

function fitsScalar(name: string, value: unknown): boolean {
  const isCounted = value instanceof QueryNumber && value.goType !== "json.Number";
  // The number of a JSON text is still a text for the validator.
  const written = value instanceof QueryNumber && !isCounted ? String(value.value) : value;
  switch (name) {
    case "Int":
      return isCounted || (typeof written === "string" && /^[+-]?\d+$/.test(written));
    case "Float":
      return isCounted || (typeof written === "string" && written !== "" && !Number.isNaN(Number(written)));
    case "String":
      return typeof written === "string";
    case "Boolean":
      return typeof value === "boolean";
    case "ID":
      return typeof written === "string" || (isCounted && value.goType === "int64");
    default:
      return true;
  }
}

/** The kind of a value as Go's package reflect names it. */
function kindOf(value: unknown): string {
  if (value instanceof QueryNumber) return value.goType === "json.Number" ? "string" : value.goType;
  if (typeof value === "boolean") return "bool";
  if (Array.isArray(value)) return "slice";
  return typeof value === "object" ? "map" : typeof value;
}
