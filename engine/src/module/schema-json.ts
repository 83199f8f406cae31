import {
  astFromValue,
  type ConstDirectiveNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  print,
} from "graphql";
import type { Catalogue } from "../api/catalogue.ts";
import { ENGINE_VERSION } from "../api/engine-version.ts";

/** What code of a module is not shown: its host is a container, and the engine is none of its business. */
const HIDDEN = ["Host", "Engine", "EngineCache", "EngineCacheEntry", "EngineCacheEntrySet"];

/** The schema as generators of clients read it: the answer of an introspection, with the directives of each part. */
export function schemaJson({ schema }: Catalogue): string {
  const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith("__"));
  const shown = HIDDEN.flatMap((name) => [name, `${name}ID`]).reduce<readonly TypeText[]>(
    (left, name) => left.flatMap((type) => withoutType(type, name) ?? []),
    types.map(typeOf),
  );
  const directives = schema.getDirectives().map(({ name, description, locations, args }) => ({
    name,
    ...(description ? { description } : {}),
    locations,
    args: args.map(inputOf),
  }));
  const { name } = schema.getQueryType() ?? { name: "Query" };
  const text = { queryType: { name }, types: shown, directives };
  return JSON.stringify({ __schema: text, __schemaVersion: ENGINE_VERSION });
}

interface TypeRefText {
  readonly kind: string;
  readonly name?: string;
  readonly ofType?: TypeRefText;
}

interface PartText {
  readonly name: string;
  readonly type: TypeRefText;
}

interface TypeText {
  readonly kind: string;
  readonly name: string;
  readonly fields?: readonly PartText[];
  readonly inputFields?: readonly PartText[];
  readonly enumValues?: readonly { readonly name: string }[];
}

/** The type without what gives another one; undefined when it is that one, or nothing is left. */
function withoutType(type: TypeText, name: string): TypeText | undefined {
  if (type.name === name) return undefined;
  if (type.kind === "SCALAR") return type;
  const isOther = (part: PartText) => nameIn(part.type) !== name;
  const { fields = [], inputFields = [], enumValues = [] } = type;
  const left = { fields: fields.filter(isOther), inputFields: inputFields.filter(isOther) };
  if (left.fields.length + left.inputFields.length + enumValues.length === 0) return undefined;
  return { ...type, ...withoutEmpty(left) };
}

function nameIn({ name, ofType }: TypeRefText): string | undefined {
  return ofType === undefined ? name : nameIn(ofType);
}

function typeOf(type: GraphQLNamedType): TypeText {
  const { name, description } = type;
  const hasFields = isObjectType(type) || isInterfaceType(type);
  return {
    kind: kindOf(type),
    name,
    ...(description ? { description } : {}),
    ...withoutEmpty({
      fields: hasFields ? Object.values(type.getFields()).map(fieldOf) : [],
      inputFields: isInputObjectType(type) ? Object.values(type.getFields()).map(inputOf) : [],
      enumValues: isEnumType(type) ? type.getValues().map((value) => ({ name: value.name, ...said(value) })) : [],
    }),
    interfaces: hasFields ? type.getInterfaces().map((one) => ({ kind: kindOf(one), name: one.name })) : [],
    directives: directivesOf(type.astNode?.directives),
  } as TypeText;
}

function withoutEmpty<T extends Readonly<Record<string, readonly unknown[]>>>(lists: T): Partial<T> {
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)) as Partial<T>;
}

function fieldOf(field: GraphQLField<unknown, unknown>) {
  return { name: field.name, ...said(field), type: refOf(field.type), args: field.args.map(inputOf) };
}

function inputOf(input: GraphQLArgument | GraphQLInputField) {
  const value = input.defaultValue === undefined ? undefined : astFromValue(input.defaultValue, input.type);
  const defaultValue = value === undefined || value === null ? null : print(value);
  return { name: input.name, ...said(input), type: refOf(input.type), defaultValue };
}

interface Described {
  readonly description?: string | null | undefined;
  readonly deprecationReason?: string | null | undefined;
  readonly astNode?: { readonly directives?: readonly ConstDirectiveNode[] | undefined } | null | undefined;
}

function said({ description, deprecationReason, astNode }: Described) {
  return {
    description: description ?? "",
    isDeprecated: deprecationReason != null,
    deprecationReason: deprecationReason ?? null,
    directives: directivesOf(astNode?.directives),
  };
}

function directivesOf(applied: readonly ConstDirectiveNode[] = []) {
  return applied.map(({ name, arguments: args = [] }) => ({
    name: name.value,
    args: args.map((argument) => ({ name: argument.name.value, value: print(argument.value) })),
  }));
}

function refOf(type: GraphQLType): TypeRefText {
  if (isNonNullType(type)) return { kind: "NON_NULL", ofType: refOf(type.ofType) };
  if (isListType(type)) return { kind: "LIST", ofType: refOf(type.ofType) };
  return { kind: kindOf(type), name: type.name };
}

function kindOf(type: GraphQLNamedType): string {
  if (isScalarType(type)) return "SCALAR";
  if (isEnumType(type)) return "ENUM";
  if (isInputObjectType(type)) return "INPUT_OBJECT";
  return isInterfaceType(type) ? "INTERFACE" : "OBJECT";
}
