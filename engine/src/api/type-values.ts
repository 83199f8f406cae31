/** Values of types, functions and modules, as they are put together over the API. */

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

/** What types, their parts and functions have in common. */
export interface Described {
  readonly name: string;
  readonly description: string;
  readonly deprecated: string | undefined;
  readonly sourceMap: SourceMapValue | undefined;
}

/** Where it stands in the source of its module. */
export interface SourceMapValue {
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

/** A module without parts. */
export const NO_MODULE: ModuleValue = { name: "", description: "", objects: [], enums: [], interfaces: [] };
