import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLOutputType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  Kind,
  type ValueNode,
} from "graphql";
import { type Catalogue, expectedType } from "../api/catalogue.ts";
import { directiveText } from "../api/directives.ts";
import type { TypeRef } from "../module/definition.ts";
import descriptions from "./core-descriptions.json" with { type: "json" };
import type { ArgumentInfo, FunctionInfo, ObjectInfo, Types } from "./engine.ts";

/** Texts of the core API by type and field; a text alone, or with those of the arguments, `""` being the field's own. */
type Descriptions = Readonly<Record<string, Readonly<Record<string, string | Readonly<Record<string, string>>>>>>;
const TEXTS: Descriptions = descriptions;

/** The types of Dagger itself, for flags and help. */
export function typesOfSchema(catalogue: Catalogue): Types {
  const objects = new Map<string, ObjectInfo>();
  return {
    object: (name) => {
      const known = objects.get(name);
      if (known !== undefined) return known;
      const type = catalogue.type(name);
      if (!isObjectType(type) && !isInterfaceType(type)) return undefined;
      const made: ObjectInfo = {
        name,
        description: describe(name),
        isCore: true,
        functions: Object.values(type.getFields())
          .filter((field) => field.name !== "id")
          .map((field) => functionOf(name, field)),
      };
      objects.set(name, made);
      return made;
    },
    enumMembers: (name) => {
      const type = catalogue.type(name);
      return isEnumType(type) ? type.getValues().map((value) => value.name) : undefined;
    },
  };
}

function describe(type: string, field = "", argument = ""): string {
  const found = TEXTS[type]?.[field];
  if (typeof found === "string") return argument === "" ? found : "";
  return found?.[argument] ?? "";
}

function functionOf(owner: string, field: GraphQLField<unknown, unknown>): FunctionInfo {
  return {
    name: field.name,
    description: describe(owner, field.name),
    args: field.args.map((argument) => argumentOf(owner, field.name, argument)),
    returns: typeOf(field.type, expectedOf(field)),
  };
}

function argumentOf(owner: string, field: string, argument: GraphQLArgument): ArgumentInfo {
  const literal = argument.astNode?.defaultValue;
  return {
    name: argument.name,
    description: describe(owner, field, argument.name),
    type: typeOf(argument.type, expectedType(argument)),
    ...(literal === undefined ? {} : { defaultValue: JSON.stringify(literalValue(literal)) }),
    ignore: [],
  };
}

/** The object that the id stands for which a field gives, as `sync` does. */
export function expectedOf(field: GraphQLField<unknown, unknown>): string | undefined {
  return directiveText(field, "expectedType");
}

const SCALARS: Readonly<Record<string, TypeRef["kind"]>> = {
  Boolean: "boolean",
  Float: "float",
  Int: "integer",
  String: "string",
  Void: "void",
};

function typeOf(type: GraphQLInputType | GraphQLOutputType, expected: string | undefined): TypeRef {
  if (isNonNullType(type)) return { ...typeOf(type.ofType as GraphQLOutputType, expected), optional: false };
  if (isListType(type))
    return { kind: "list", element: typeOf(type.ofType as GraphQLOutputType, expected), optional: true };
  const { name } = type;
  if (expected !== undefined) return { kind: "object", name: expected, optional: true };
  if (isScalarType(type)) return { kind: SCALARS[name] ?? "scalar", name, optional: true };
  const kind = isEnumType(type)
    ? "enum"
    : isInputObjectType(type)
      ? "input"
      : isInterfaceType(type)
        ? "interface"
        : "object";
  return { kind, name, optional: true };
}

function literalValue(literal: ValueNode): unknown {
  switch (literal.kind) {
    case Kind.INT:
    case Kind.FLOAT:
      return Number(literal.value);
    case Kind.STRING:
    case Kind.ENUM:
    case Kind.BOOLEAN:
      return literal.value;
    case Kind.LIST:
      return literal.values.map(literalValue);
    case Kind.OBJECT:
      return Object.fromEntries(literal.fields.map((field) => [field.name.value, literalValue(field.value)]));
    default:
      return null;
  }
}
