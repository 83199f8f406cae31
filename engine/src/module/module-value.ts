import { unsupported } from "../api/errors.ts";
import {
  type ArgumentValue,
  type FieldValue,
  type FunctionValue,
  type MemberValue,
  type ModuleValue,
  NO_TYPE,
  type TypeValue,
} from "../api/type-values.ts";
import type { ArgumentDef, EnumDef, FieldDef, FunctionDef, InterfaceDef, ObjectDef, TypeRef } from "./definition.ts";
import type { LoadedModule } from "./loaded-module.ts";
import type { SourceValue } from "./source-value.ts";

/** A module of the API that can be called: the value of `ModuleSource.asModule`. */
export interface LoadedModuleValue extends ModuleValue {
  readonly loaded: LoadedModule;
  /** Absent: it was loaded as a dependency. */
  readonly source?: SourceValue;
}

/** What a loaded module says about itself over the API. */
export function loadedModuleValue(loaded: LoadedModule, source?: SourceValue): LoadedModuleValue {
  const { name, description, objects, enums, interfaces } = loaded.def;
  return {
    loaded,
    ...(source === undefined ? {} : { source }),
    name,
    description,
    objects: objects.map((def) => objectType(def, name)),
    enums: enums.map((def) => enumType(def, name)),
    interfaces: interfaces.map((def) => interfaceType(def, name)),
  };
}

const KINDS: Readonly<Record<TypeRef["kind"], string>> = {
  string: "STRING_KIND",
  integer: "INTEGER_KIND",
  float: "FLOAT_KIND",
  boolean: "BOOLEAN_KIND",
  scalar: "SCALAR_KIND",
  void: "VOID_KIND",
  object: "OBJECT_KIND",
  interface: "INTERFACE_KIND",
  enum: "ENUM_KIND",
  input: "INPUT_KIND",
  list: "LIST_KIND",
};

/** A type as it stands in a signature: only its name, and nothing of what it has. */
function referredType(ref: TypeRef): TypeValue {
  return {
    ...NO_TYPE,
    kind: KINDS[ref.kind],
    optional: ref.optional,
    name: ref.name ?? "",
    element: ref.element === undefined ? undefined : referredType(ref.element),
  };
}

function objectType(def: ObjectDef, module: string): TypeValue {
  return located({
    ...NO_TYPE,
    kind: "OBJECT_KIND",
    name: def.name,
    description: def.description,
    deprecated: def.deprecated,
    sourceModuleName: module,
    fields: def.fields.map(fieldValue),
    functions: def.functions.map((item) => functionValue(item, module)),
    constructor_: def.constructor_ === undefined ? undefined : functionValue(def.constructor_, module),
  });
}

function interfaceType(def: InterfaceDef, module: string): TypeValue {
  return located({
    ...NO_TYPE,
    kind: "INTERFACE_KIND",
    name: def.name,
    description: def.description,
    sourceModuleName: module,
    functions: def.functions.map((item) => functionValue(item, module)),
  });
}

function enumType(def: EnumDef, module: string): TypeValue {
  return located({
    ...NO_TYPE,
    kind: "ENUM_KIND",
    name: def.name,
    description: def.description,
    sourceModuleName: module,
    members: def.members.map(
      ({ originalName, name, value, description }): MemberValue =>
        located({ original: originalName, name, value, description, deprecated: undefined, sourceMap: undefined }),
    ),
  });
}

function fieldValue({ name, description, deprecated, type }: FieldDef): FieldValue {
  return located({ name, description, deprecated, typeDef: referredType(type), sourceMap: undefined });
}

function functionValue(def: FunctionDef, sourceModuleName: string): FunctionValue {
  const { name, description, deprecated, returns, args } = def;
  return located({
    name,
    description,
    deprecated,
    sourceModuleName,
    returnType: referredType(returns),
    args: args.map(argumentValue),
    sourceMap: undefined,
  });
}

function argumentValue(def: ArgumentDef): ArgumentValue {
  const { name, description, deprecated, type, defaultValue, ignore } = def;
  return located({
    name,
    description,
    deprecated,
    typeDef: referredType(type),
    defaultValue,
    defaultPath: def.defaultPath ?? "",
    defaultAddress: def.defaultAddress ?? "",
    ignore,
    sourceMap: undefined,
  });
}

/** Where a thing stands in the source is not kept: whoever asks is told so, instead of that it stands nowhere. */
function located<T extends { readonly sourceMap: unknown }>(value: T): T {
  return Object.defineProperty(value, "sourceMap", {
    enumerable: false,
    get: () => {
      throw unsupported("the source map of something in a loaded module");
    },
  });
}
