import {
  type GraphQLArgument,
  type GraphQLEnumType,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLOutputType,
  getNamedType,
  getNullableType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from "graphql";
import { isObject } from "../../api/catalogue.ts";
import { type Directed, directiveText } from "../../api/directives.ts";
import { isReserved } from "./reserved-names.ts";

/** A name of the schema as it stands in TypeScript: `function` → `function_`, `Query` → `Client`. */
export function safeName(name: string): string {
  if (name === "Query") return "Client";
  return isReserved(name) ? `${name}_` : name;
}

const PRIMITIVES: Readonly<Record<string, string>> = {
  String: "string",
  Int: "number",
  Float: "float",
  Boolean: "boolean",
};

/** A type of the schema as TypeScript says it; whether it may be missing is said elsewhere. */
export function typeText(type: GraphQLInputType | GraphQLOutputType): string {
  const plain = getNullableType(type);
  if (isListType(plain)) return `${typeText(plain.ofType as GraphQLOutputType)}[]`;
  const named = getNamedType(plain);
  return PRIMITIVES[named.name] ?? (isLeafType(named) ? named.name : safeName(named.name));
}

/** What a person gives for an argument or a field: an object where the API wants its id. */
export function inputText(value: GraphQLArgument | GraphQLInputField): string {
  const name = expectedName(value);
  if (name === undefined) return typeText(value.type);
  return `${safeName(name)}${isListType(getNullableType(value.type)) ? "[]" : ""}`;
}

/** The object whose id is meant, by the directive `expectedType`. */
export function expectedName(of: Directed): string | undefined {
  return directiveText(of, "expectedType");
}

/** A value that is asked for at once, and not an object that goes on. */
export function isSolved(type: GraphQLOutputType): boolean {
  const plain = getNullableType(type);
  return isLeafType(plain) || isListType(plain);
}

/** A value that is kept in the object once it is known. */
export function isKept(type: GraphQLOutputType): boolean {
  return isLeafType(getNullableType(type));
}

/** The name of the objects in a list; undefined for anything else. */
export function listedObject(type: GraphQLOutputType): string | undefined {
  const plain = getNullableType(type);
  if (!isListType(plain)) return undefined;
  const element = getNamedType(plain);
  return isObject(element) ? element.name : undefined;
}

/** The enum that an argument is of; a list of them does not count. */
export function enumOf(argument: GraphQLArgument): GraphQLEnumType | undefined {
  const plain = getNullableType(argument.type);
  return isEnumType(plain) ? plain : undefined;
}

/** Arguments that stand by their place, and those that stand in the options: from the first on that may be missing. */
export function splitArguments(args: readonly GraphQLArgument[]): {
  readonly placed: readonly GraphQLArgument[];
  readonly options: readonly GraphQLArgument[];
} {
  const first = args.findIndex(({ type, defaultValue }) => !isNonNullType(type) || defaultValue !== undefined);
  return first < 0 ? { placed: args, options: [] } : { placed: args.slice(0, first), options: args.slice(first) };
}

/** Whether a method of an object gives an object of the same type, so that `with` makes sense. */
export function isSameObject(type: GraphQLOutputType, name: string): boolean {
  return isNonNullType(type) && isObjectType(type.ofType) && type.ofType.name === name;
}
