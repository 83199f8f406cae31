import { object, text } from "./arguments.ts";
import { described, replaced } from "./described.ts";
import { ApiError } from "./errors.ts";
import { changesValue, nullableProperties, properties, property } from "./field-kinds.ts";
import type { Args, Field, Fields, Graph, Obj } from "./graph.ts";
import { enumMemberName, fieldName, typeName } from "./names.ts";
import {
  type FunctionValue,
  type MemberValue,
  type ModuleValue,
  NO_MODULE,
  NO_TYPE,
  type SourceMapValue,
  type TypeValue,
} from "./type-values.ts";

/** Types and modules put together over the API, as an SDK does when it registers a module. */

function as(kind: string): Field {
  return {
    eager: true,
    run: async (self) => {
      const type = await self.value<TypeValue>();
      return type.kind === kind ? type : (type.before[kind] ?? null);
    },
  };
}

function named(args: Args, what: string): string {
  const name = text(args["name"]);
  if (name === "") throw new ApiError(`${what} type def must have a name`);
  return typeName(name);
}

/** The type as another kind: with nothing of what it was, but for whether it is optional. */
function become(type: TypeValue, kind: string): TypeValue {
  const known = type.before[kind];
  const before = type.kind === "" ? type.before : { ...type.before, [type.kind]: type };
  return { ...(known ?? NO_TYPE), kind, optional: type.optional, before };
}

const PLAIN_NAMES: Readonly<Record<string, string>> = {
  STRING_KIND: "String",
  INTEGER_KIND: "Int",
  FLOAT_KIND: "Float",
  BOOLEAN_KIND: "Boolean",
  VOID_KIND: "Void",
};

/** `[String?]` for a list of texts that may be left out. */
function nameOf({ kind, name, element }: TypeValue): string {
  if (kind !== "LIST_KIND") return PLAIN_NAMES[kind] ?? name;
  const inner = element === undefined ? "" : nameOf(element);
  return inner === "" && element === undefined ? "" : `[${inner}${inner !== "" && element?.optional ? "?" : ""}]`;
}

const typeDef: Record<string, Field> = {
  ...properties("kind", "optional"),
  name: { run: async (self) => nameOf(await self.value<TypeValue>()) },
  withKind: changesValue<TypeValue>((type, args) => become(type, kindName(text(args["kind"])))),
  withOptional: changesValue<TypeValue>((type, args) => ({ ...type, optional: args["optional"] === true })),
  withListOf: changesValue<TypeValue>(async (type, args) => ({
    ...become(type, "LIST_KIND"),
    element: await object(args["elementType"]).value<TypeValue>(),
  })),
  withScalar: changesValue<TypeValue>((type, args) => ({
    ...become(type, "SCALAR_KIND"),
    name: named(args, "scalar"),
    description: text(args["description"]),
  })),
  withObject: changesValue<TypeValue>(async (type, args) => ({
    ...become(type, "OBJECT_KIND"),
    ...(await described(args, named(args, "object"))),
  })),
  withInterface: changesValue<TypeValue>(async (type, args) => ({
    ...become(type, "INTERFACE_KIND"),
    ...(await described(args, named(args, "interface"))),
  })),
  withEnum: changesValue<TypeValue>(async (type, args) => ({
    ...become(type, "ENUM_KIND"),
    ...(await described(args, named(args, "enum"))),
  })),
  withField: changesValue<TypeValue>(async (type, args) => {
    requireKind(type, "OBJECT_KIND", "cannot add field to");
    const field = {
      ...(await described(args, fieldName(text(args["name"])))),
      typeDef: await object(args["typeDef"]).value<TypeValue>(),
    };
    return { ...type, fields: replaced(type.fields, field) };
  }),
  withFunction: changesValue<TypeValue>(async (type, args) => {
    requireKind(type, ["OBJECT_KIND", "INTERFACE_KIND"], "cannot add function to");
    const added = await object(args["function"]).value<FunctionValue>();
    return { ...type, functions: replaced(type.functions, added) };
  }),
  withConstructor: changesValue<TypeValue>(async (type, args) => {
    requireKind(type, "OBJECT_KIND", "cannot add constructor to");
    return { ...type, constructor_: await object(args["function"]).value<FunctionValue>() };
  }),
  withEnumMember: changesValue<TypeValue>((type, args) => {
    const original = text(args["name"]);
    return withMember(type, args, { original, name: enumMemberName(original) });
  }),
  withEnumValue: changesValue<TypeValue>((type, args) => {
    const original = text(args["value"]);
    return withMember(type, args, { original, name: original });
  }),
  asObject: as("OBJECT_KIND"),
  asInterface: as("INTERFACE_KIND"),
  asEnum: as("ENUM_KIND"),
  asScalar: as("SCALAR_KIND"),
  asList: as("LIST_KIND"),
  asInput: as("INPUT_KIND"),
};

/** `STRING` is a younger name for `STRING_KIND`. */
function kindName(kind: string): string {
  return kind.endsWith("_KIND") ? kind : `${kind}_KIND`;
}

function requireKind(type: TypeValue, kinds: string | readonly string[], problem: string): void {
  if (![kinds].flat().includes(type.kind)) throw new ApiError(`${problem} type: ${type.kind}`);
}

/**
 * A member that is there under the name, or was given under it, is replaced. The real engine ends when a member is added to
 * what is no enumeration.
 */
async function withMember(
  type: TypeValue,
  args: Args,
  { original, name }: { readonly original: string; readonly name: string },
): Promise<TypeValue> {
  requireKind(type, "ENUM_KIND", "cannot add member to");
  if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) {
    throw new ApiError(
      `enum name ${JSON.stringify(name)} is not valid (only letters, digits and underscores are allowed)`,
    );
  }
  const member: MemberValue = { ...(await described(args, name)), original, value: text(args["value"]) };
  const same = type.members.findIndex((other) => other.original === original || other.name === name);
  for (const [place, other] of type.members.entries()) {
    if (place !== same) checkApart(other, member);
  }
  return { ...type, members: same < 0 ? [...type.members, member] : type.members.with(same, member) };
}

function checkApart(other: MemberValue, { name, value }: MemberValue): void {
  const problem = `enum ${JSON.stringify(other.name)} is already defined`;
  if (other.name === name) throw new ApiError(problem);
  if (value !== "" && other.value === value) throw new ApiError(`${problem} with value ${JSON.stringify(value)}`);
}

function addsType(argument: string, list: "objects" | "enums" | "interfaces"): Field {
  return changesValue<ModuleValue>(async (module, args) => ({
    ...module,
    [list]: [...module[list], await object(args[argument]).value<TypeValue>()],
  }));
}

/** Apart, because in an object literal the name already has a type. */
const OBJECT_CONSTRUCTOR: Record<string, Field> = Object.fromEntries([
  ["constructor", { eager: true, run: async (self: Obj) => (await self.value<TypeValue>()).constructor_ ?? null }],
]);

/** There is no module and no call outside of a function. */
export function noCurrentModule(prefix: string): Field {
  return {
    eager: true,
    run: () => {
      throw new ApiError(`${prefix}no current module: main client caller has no current module`);
    },
  };
}

export const typeDefFields: Fields = {
  Query: {
    typeDef: { run: () => NO_TYPE },
    sourceMap: {
      run: (_self, args: Args, _graph: Graph): SourceMapValue => ({
        filename: text(args["filename"]),
        line: args["line"] as number,
        column: args["column"] as number,
      }),
    },
    module: { run: () => NO_MODULE },
    currentModule: noCurrentModule(
      "failed to compute cache key for Query.currentModule: failed to get current module: ",
    ),
    currentFunctionCall: noCurrentModule(""),
  },
  CurrentModule: Object.fromEntries(["name", "source", "dependencies"].map((name) => [name, property(name)])),
  FunctionCall: Object.fromEntries(["name", "parent", "parentName", "inputArgs"].map((name) => [name, property(name)])),
  TypeDef: typeDef,
  ObjectTypeDef: {
    ...properties("name", "description", "deprecated", "fields", "functions"),
    ...nullableProperties("sourceMap"),
    ...OBJECT_CONSTRUCTOR,
    ...properties("sourceModuleName"),
  },
  InterfaceTypeDef: {
    ...properties("name", "description", "functions"),
    ...nullableProperties("sourceMap"),
    ...properties("sourceModuleName"),
  },
  EnumTypeDef: {
    ...properties("name", "description", "members"),
    ...nullableProperties("sourceMap"),
    values: property("members"),
    ...properties("sourceModuleName"),
  },
  EnumValueTypeDef: { ...properties("name", "value", "description", "deprecated"), ...nullableProperties("sourceMap") },
  FieldTypeDef: { ...properties("name", "description", "typeDef", "deprecated"), ...nullableProperties("sourceMap") },
  ScalarTypeDef: properties("name", "description", "sourceModuleName"),
  ListTypeDef: { elementTypeDef: property("element") },
  InputTypeDef: properties("name", "fields"),
  SourceMap: {
    ...properties("filename", "line", "column"),
    module: { run: () => "" },
    url: { run: () => "" },
  },
  Module: {
    ...properties("name", "description", "objects", "enums", "interfaces"),
    sync: {
      run: async (self) => {
        await self.value();
        return await self.id();
      },
    },
    withDescription: changesValue<ModuleValue>((module, args) => ({
      ...module,
      description: text(args["description"]).trim(),
    })),
    withObject: addsType("object", "objects"),
    withEnum: addsType("enum", "enums"),
    withInterface: addsType("iface", "interfaces"),
  },
};
