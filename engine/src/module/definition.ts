/** What a module offers, as its code declares it: the input of the command line, of the schema and of every call. */

/** A type as it stands in a signature. `name` is the schema's name for objects, enums, interfaces and scalars. */
export interface TypeRef {
  readonly kind:
    | "string"
    | "integer"
    | "float"
    | "boolean"
    | "scalar"
    | "void"
    | "object"
    | "interface"
    | "enum"
    | "input"
    | "list";
  readonly name?: string;
  readonly element?: TypeRef;
  readonly optional: boolean;
}

/** The workspace is given by itself; nobody has to give an argument of that type. */
export function isWorkspace({ kind, name }: TypeRef): boolean {
  return kind === "object" && name === "Workspace";
}

export interface ArgumentDef {
  /** As written in the source; the name that travels to the function. */
  readonly originalName: string;
  /** lowerCamel, the name in the schema. */
  readonly name: string;
  readonly description: string;
  readonly type: TypeRef;
  /** JSON text. */
  readonly defaultValue?: string;
  readonly defaultPath?: string;
  readonly defaultAddress?: string;
  readonly ignore: readonly string[];
  readonly deprecated?: string;
}

/** Whether a function can be called without the argument. */
export function mayBeMissing({
  type,
  defaultValue,
  defaultPath,
  defaultAddress,
}: Pick<ArgumentDef, "type" | "defaultValue" | "defaultPath" | "defaultAddress">): boolean {
  return type.optional || [defaultValue, defaultPath, defaultAddress].some((given) => given !== undefined);
}

export interface FunctionDef {
  readonly originalName: string;
  readonly name: string;
  readonly description: string;
  readonly args: readonly ArgumentDef[];
  readonly returns: TypeRef;
  readonly cache: { readonly policy: "default" | "session" | "never"; readonly ttlSeconds?: number };
  readonly isCheck: boolean;
  readonly isGenerator: boolean;
  readonly isUp: boolean;
  readonly deprecated?: string;
}

export interface FieldDef {
  readonly originalName: string;
  readonly name: string;
  readonly description: string;
  readonly type: TypeRef;
  readonly deprecated?: string;
}

export interface ObjectDef {
  /** Class name as written. */
  readonly originalName: string;
  /** Name in the schema: the module's for the main object, `ModuleClass` for others. */
  readonly name: string;
  readonly description: string;
  readonly constructor_?: FunctionDef;
  readonly functions: readonly FunctionDef[];
  readonly fields: readonly FieldDef[];
  readonly deprecated?: string;
}

export interface EnumMemberDef {
  /** As written in the source; the text that travels to the function. */
  readonly originalName: string;
  /** SCREAMING_SNAKE, what the command line shows. */
  readonly name: string;
  readonly value: string;
  readonly description: string;
}

export interface EnumDef {
  readonly originalName: string;
  readonly name: string;
  readonly description: string;
  readonly members: readonly EnumMemberDef[];
}

export interface InterfaceDef {
  readonly originalName: string;
  readonly name: string;
  readonly description: string;
  readonly functions: readonly FunctionDef[];
}

export interface ModuleDef {
  /** As in dagger.json. */
  readonly name: string;
  readonly description: string;
  /** The object named like the module; undefined when no class has that name. */
  readonly main?: ObjectDef;
  readonly objects: readonly ObjectDef[];
  readonly enums: readonly EnumDef[];
  readonly interfaces: readonly InterfaceDef[];
}
