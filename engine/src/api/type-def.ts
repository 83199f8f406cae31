import { parseGoDuration } from "../go-texts/duration.ts";
import { object, text, texts } from "./arguments.ts";
import { ApiError } from "./errors.ts";
import type { Args, Field, Fields, Graph, Obj } from "./graph.ts";
import { enumMemberName, fieldName, typeName } from "./names.ts";

/** Types, functions and modules put together over the API, as an SDK does when it registers a module. */

export interface TypeValue {
  readonly kind: string;
  readonly optional: boolean;
  readonly name: string;
  readonly description: string;
  readonly deprecated: string | undefined;
  readonly sourceMap: SourceMapValue | undefined;
  readonly fields: readonly FieldValue[];
  readonly functions: readonly FunctionValue[];
  readonly constructor_: FunctionValue | undefined;
  readonly members: readonly MemberValue[];
  readonly element: TypeValue | undefined;
  /** Of a type that a module has; else empty. */
  readonly sourceModuleName: string;
  /** What it has been made before, by its kinds: each stays as it was. */
  readonly before: Readonly<Record<string, TypeValue>>;
}

export interface FieldValue extends Described {
  readonly typeDef: TypeValue;
}

export interface MemberValue extends Described {
  /** As it was given. */
  readonly original: string;
  readonly value: string;
}

export interface FunctionValue extends Described {
  readonly sourceModuleName: string;
  readonly returnType: TypeValue;
  readonly args: readonly ArgumentValue[];
}

export interface ArgumentValue extends Described {
  readonly typeDef: TypeValue;
  readonly defaultValue: string | undefined;
  readonly defaultPath: string;
  readonly defaultAddress: string;
  readonly ignore: readonly string[];
}

interface Described {
  readonly name: string;
  readonly description: string;
  readonly deprecated: string | undefined;
  readonly sourceMap: SourceMapValue | undefined;
}

interface SourceMapValue {
  readonly filename: string;
  readonly line: number;
  readonly column: number;
}

/** A module that is put together of parts, or was loaded. */
export interface ModuleValue {
  readonly name: string;
  readonly description: string;
  readonly objects: readonly TypeValue[];
  readonly enums: readonly TypeValue[];
  readonly interfaces: readonly TypeValue[];
}

/** A type of which nothing is said. */
export const NO_TYPE: TypeValue = {
  kind: "",
  optional: false,
  name: "",
  description: "",
  deprecated: undefined,
  sourceMap: undefined,
  fields: [],
  functions: [],
  constructor_: undefined,
  members: [],
  element: undefined,
  sourceModuleName: "",
  before: {},
};

/** A field that gives another value of the same kind. */
function changes<V>(change: (value: V, args: Args) => V | Promise<V>): Field {
  return { run: async (self, args) => change(await self.value<V>(), args) };
}

/** Fields that are just what the value has under the same name; absent is null. */
function plain(...names: readonly string[]): Record<string, Field> {
  return Object.fromEntries(names.map((name) => [name, property(name)]));
}

/** A field that may be null, so it has to be known at once. */
function nullable(...names: readonly string[]): Record<string, Field> {
  return Object.fromEntries(names.map((name) => [name, { ...property(name), eager: true as const }]));
}

function property(name: string): Field {
  return { run: async (self) => (await self.value<Record<string, unknown>>())[name] ?? null };
}

function as(kind: string): Field {
  return {
    eager: true,
    run: async (self) => {
      const type = await self.value<TypeValue>();
      return type.kind === kind ? type : (type.before[kind] ?? null);
    },
  };
}

async function described(args: Args, name: string): Promise<Described> {
  return {
    name,
    description: text(args["description"]),
    deprecated: args["deprecated"] as string | undefined,
    sourceMap: await (args["sourceMap"] as Obj | undefined)?.value<SourceMapValue>(),
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

/** What is there already under that name keeps its place. */
function replaced<T extends { readonly name: string }>(list: readonly T[], item: T): readonly T[] {
  const isNew = !list.some((other) => other.name === item.name);
  return isNew ? [...list, item] : list.map((other) => (other.name === item.name ? item : other));
}

const typeDef: Record<string, Field> = {
  ...plain("kind", "optional"),
  name: { run: async (self) => nameOf(await self.value<TypeValue>()) },
  withKind: changes<TypeValue>((type, args) => become(type, kindName(text(args["kind"])))),
  withOptional: changes<TypeValue>((type, args) => ({ ...type, optional: args["optional"] === true })),
  withListOf: changes<TypeValue>(async (type, args) => ({
    ...become(type, "LIST_KIND"),
    element: await object(args["elementType"]).value<TypeValue>(),
  })),
  withScalar: changes<TypeValue>((type, args) => ({
    ...become(type, "SCALAR_KIND"),
    name: named(args, "scalar"),
    description: text(args["description"]),
  })),
  withObject: changes<TypeValue>(async (type, args) => ({
    ...become(type, "OBJECT_KIND"),
    ...(await described(args, named(args, "object"))),
  })),
  withInterface: changes<TypeValue>(async (type, args) => ({
    ...become(type, "INTERFACE_KIND"),
    ...(await described(args, named(args, "interface"))),
  })),
  withEnum: changes<TypeValue>(async (type, args) => ({
    ...become(type, "ENUM_KIND"),
    ...(await described(args, named(args, "enum"))),
  })),
  withField: changes<TypeValue>(async (type, args) => {
    requireKind(type, "OBJECT_KIND", "cannot add field to");
    const field = {
      ...(await described(args, fieldName(text(args["name"])))),
      typeDef: await object(args["typeDef"]).value<TypeValue>(),
    };
    return { ...type, fields: replaced(type.fields, field) };
  }),
  withFunction: changes<TypeValue>(async (type, args) => {
    requireKind(type, ["OBJECT_KIND", "INTERFACE_KIND"], "cannot add function to");
    const added = await object(args["function"]).value<FunctionValue>();
    return { ...type, functions: replaced(type.functions, added) };
  }),
  withConstructor: changes<TypeValue>(async (type, args) => {
    requireKind(type, "OBJECT_KIND", "cannot add constructor to");
    return { ...type, constructor_: await object(args["function"]).value<FunctionValue>() };
  }),
  withEnumMember: changes<TypeValue>((type, args) => {
    const original = text(args["name"]);
    return withMember(type, args, { original, name: enumMemberName(original) });
  }),
  withEnumValue: changes<TypeValue>((type, args) => {
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

const functionDef: Record<string, Field> = {
  ...plain("name", "description", "deprecated", "args", "returnType"),
  ...nullable("sourceMap"),
  ...plain("sourceModuleName"),
  withDescription: changes<FunctionValue>((f, args) => ({ ...f, description: text(args["description"]).trim() })),
  withDeprecated: changes<FunctionValue>((f, args) => ({ ...f, deprecated: args["reason"] as string | undefined })),
  withSourceMap: changes<FunctionValue>(async (f, args) => ({
    ...f,
    sourceMap: await object(args["sourceMap"]).value<SourceMapValue>(),
  })),
  withCheck: changes<FunctionValue>((f) => f),
  withGenerator: changes<FunctionValue>((f) => f),
  withUp: changes<FunctionValue>((f) => f),
  withCachePolicy: changes<FunctionValue>((f, args) => {
    checkCachePolicy(text(args["policy"]), args["timeToLive"] as string | undefined);
    return f;
  }),
  withArg: changes<FunctionValue>(async (f, args) => {
    const argument = await argumentOf(args);
    return { ...f, args: replaced(f.args, argument) };
  }),
};

async function argumentOf(args: Args): Promise<ArgumentValue> {
  const type = await object(args["typeDef"]).value<TypeValue>();
  const argument: ArgumentValue = {
    ...(await described(args, fieldName(text(args["name"])))),
    typeDef: type,
    defaultValue: args["defaultValue"] as string | undefined,
    defaultPath: text(args["defaultPath"]),
    defaultAddress: text(args["defaultAddress"]),
    ignore: texts(args["ignore"]),
  };
  checkDefaults(argument, type);
  const isGiven = argument.defaultPath !== "" || argument.defaultAddress !== "" || isWorkspace(type);
  return isGiven ? { ...argument, typeDef: { ...type, optional: true } } : argument;
}

function isWorkspace({ kind, name }: TypeValue): boolean {
  return kind === "OBJECT_KIND" && name === "Workspace";
}

const WITH_DEFAULT_PATH = new Set(["Directory", "File", "GitRepository", "GitRef"]);

function checkDefaults({ defaultValue, defaultPath, defaultAddress, ignore }: ArgumentValue, type: TypeValue): void {
  const defaults = [defaultValue !== undefined, defaultPath !== "", defaultAddress !== ""];
  if (defaults.filter(Boolean).length > 1) throw new ApiError("cannot set more than one default value");
  if (defaultPath !== "") {
    requireObject(type, "default path for Object");
    if (!WITH_DEFAULT_PATH.has(type.name)) throw new ApiError(`cannot set default path for ${type.name}`);
  }
  if (defaultAddress !== "") {
    requireObject(type, "default address for Object");
    if (type.name !== "Container") {
      throw new ApiError(`can only set default address for Container type, not ${type.name}`);
    }
  }
  if (ignore.length > 0) {
    requireObject(type, "ignore for Object type");
    if (type.name !== "Directory") throw new ApiError(`can only set ignore for Directory type, not ${type.name}`);
  }
}

function requireObject(type: TypeValue, what: string): void {
  if (type.kind !== "OBJECT_KIND") throw new ApiError(`can only set ${what}, not ${type.kind}`);
}

const MOST_LIVE_MS = 7 * 24 * 3_600_000;
const LEAST_LIVE_MS = 1_000;

function checkCachePolicy(policy: string, timeToLive: string | undefined): void {
  if (timeToLive === undefined) return;
  if (policy !== "Default") throw new ApiError("time to live can only be set with default cache policy");
  const shown = JSON.stringify(timeToLive);
  let ms: number;
  try {
    ms = parseGoDuration(timeToLive);
  } catch (error) {
    throw new ApiError(`failed to parse time to live duration ${shown}: ${(error as Error).message}`);
  }
  if (ms === 0) return;
  if (ms < LEAST_LIVE_MS) throw new ApiError(`time to live duration must be at least "1s", got ${shown}`);
  if (ms > MOST_LIVE_MS) throw new ApiError(`time to live duration must be at most "168h0m0s", got ${shown}`);
}

const NO_MODULE: ModuleValue = { name: "", description: "", objects: [], enums: [], interfaces: [] };

function addsType(argument: string, list: "objects" | "enums" | "interfaces"): Field {
  return changes<ModuleValue>(async (module, args) => ({
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
    function: {
      run: async (_self, args): Promise<FunctionValue> => ({
        name: fieldName(text(args["name"])),
        description: "",
        deprecated: undefined,
        sourceMap: undefined,
        sourceModuleName: "",
        returnType: await object(args["returnType"]).value<TypeValue>(),
        args: [],
      }),
    },
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
    ...plain("name", "description", "deprecated", "fields", "functions"),
    ...nullable("sourceMap"),
    ...OBJECT_CONSTRUCTOR,
    ...plain("sourceModuleName"),
  },
  InterfaceTypeDef: {
    ...plain("name", "description", "functions"),
    ...nullable("sourceMap"),
    ...plain("sourceModuleName"),
  },
  EnumTypeDef: {
    ...plain("name", "description", "members"),
    ...nullable("sourceMap"),
    values: property("members"),
    ...plain("sourceModuleName"),
  },
  EnumValueTypeDef: { ...plain("name", "value", "description", "deprecated"), ...nullable("sourceMap") },
  FieldTypeDef: { ...plain("name", "description", "typeDef", "deprecated"), ...nullable("sourceMap") },
  ScalarTypeDef: plain("name", "description", "sourceModuleName"),
  ListTypeDef: { elementTypeDef: property("element") },
  InputTypeDef: plain("name", "fields"),
  Function: functionDef,
  FunctionArg: {
    ...plain("name", "description", "typeDef", "defaultValue", "defaultPath", "defaultAddress", "ignore", "deprecated"),
    ...nullable("sourceMap"),
  },
  SourceMap: {
    ...plain("filename", "line", "column"),
    module: { run: () => "" },
    url: { run: () => "" },
  },
  Module: {
    ...plain("name", "description", "objects", "enums", "interfaces"),
    sync: {
      run: async (self) => {
        await self.value();
        return await self.id();
      },
    },
    withDescription: changes<ModuleValue>((module, args) => ({
      ...module,
      description: text(args["description"]).trim(),
    })),
    withObject: addsType("object", "objects"),
    withEnum: addsType("enum", "enums"),
    withInterface: addsType("iface", "interfaces"),
  },
};
