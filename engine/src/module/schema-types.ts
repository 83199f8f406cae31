import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
} from "graphql";
import { type Catalogue, expectedType } from "../api/catalogue.ts";
import { directiveText } from "../api/directives.ts";
import { type ArgumentValue, type FunctionValue, NO_TYPE, type TypeValue } from "../api/type-values.ts";

/** Scalars that are kinds by themselves. */
const SCALARS: Readonly<Record<string, string>> = {
  Boolean: "BOOLEAN_KIND",
  Float: "FLOAT_KIND",
  Int: "INTEGER_KIND",
  String: "STRING_KIND",
  Void: "VOID_KIND",
};

/**
 * The types of a schema as an SDK registers them: objects with their functions, and what these take.
 *
 * @param moduleOf which module a field of the root comes from; empty: the core
 */
export function typesOfCatalogue(
  { schema }: Catalogue,
  moduleOf: (field: string) => string = () => "",
): readonly TypeValue[] {
  return Object.values(schema.getTypeMap())
    .filter(({ name }) => !name.startsWith("__"))
    .map((type) => typeValue(type, moduleOf))
    .filter((type) => type !== undefined);
}

/** The types with a root that has only what modules give, and `with`. */
export function withoutCoreRoot(types: readonly TypeValue[]): readonly TypeValue[] {
  return types.map((type) => {
    if (type.kind !== "OBJECT_KIND" || type.name !== "Query") return type;
    const functions = type.functions.filter(({ sourceModuleName, name }) => sourceModuleName !== "" || name === "with");
    return { ...type, functions };
  });
}

function typeValue(type: GraphQLNamedType, moduleOf: (field: string) => string): TypeValue | undefined {
  const { name } = type;
  const base = { ...NO_TYPE, name, description: type.description?.trim() ?? "" };
  if (isEnumType(type)) {
    const members = type
      .getValues()
      .map((value) => ({ ...said(value), original: value.name, value: directiveText(value, "enumValue") ?? "" }));
    return { ...base, kind: "ENUM_KIND", members };
  }
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).map((field) => ({ ...said(field), typeDef: refOf(field.type) }));
    return { ...base, kind: "INPUT_KIND", fields };
  }
  if (isScalarType(type)) return { ...base, kind: SCALARS[name] ?? "SCALAR_KIND" };
  // What has no id is no object for an SDK.
  if ((!isObjectType(type) && !isInterfaceType(type)) || type.getFields()["id"] === undefined) return undefined;
  const fields = Object.values(type.getFields()).filter((field) => field.name !== "id");
  const functions = fields.map((field) => functionOf(field, name === "Query" ? moduleOf(field.name) : ""));
  return { ...base, kind: isObjectType(type) ? "OBJECT_KIND" : "INTERFACE_KIND", functions };
}

function functionOf(field: GraphQLField<unknown, unknown>, sourceModuleName: string): FunctionValue {
  return { ...said(field), sourceModuleName, returnType: refOf(field.type), args: field.args.map(argumentOf) };
}

function argumentOf(argument: GraphQLArgument): ArgumentValue {
  const expected = expectedType(argument);
  return {
    ...said(argument),
    typeDef: refOf(argument.type, expected),
    defaultValue: argument.defaultValue === undefined ? undefined : JSON.stringify(argument.defaultValue),
    defaultPath: "",
    defaultAddress: "",
    ignore: [],
  };
}

interface Described {
  readonly name: string;
  readonly description?: string | null | undefined;
  readonly deprecationReason?: string | null | undefined;
}

function said({ name, description, deprecationReason }: Described) {
  return {
    name,
    description: description?.trim() ?? "",
    deprecated: deprecationReason ?? undefined,
    sourceMap: undefined,
  };
}

/** @param expected the object that an id in it stands for */
function refOf(type: GraphQLType, expected?: string): TypeValue {
  if (isNonNullType(type)) return { ...refOf(type.ofType, expected), optional: false };
  if (isListType(type)) {
    return { ...NO_TYPE, kind: "LIST_KIND", optional: true, element: refOf(type.ofType, expected) };
  }
  return { ...NO_TYPE, kind: kindOf(type, expected), optional: true, name: expected ?? type.name };
}

function kindOf(type: GraphQLNamedType, expected: string | undefined): string {
  if (expected !== undefined || isObjectType(type)) return "OBJECT_KIND";
  if (isEnumType(type)) return "ENUM_KIND";
  if (isInputObjectType(type)) return "INPUT_KIND";
  if (isInterfaceType(type)) return "INTERFACE_KIND";
  return SCALARS[type.name] ?? "SCALAR_KIND";
}
