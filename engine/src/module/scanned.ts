/** What the SDK's introspector finds in the source of a module, as plain data. Names of kinds are those of the schema. */

export interface ScannedType {
  readonly kind: string;
  readonly name?: string;
  /** Of a list. */
  readonly typeDef?: ScannedType;
}

export interface ScannedArgument {
  readonly name: string;
  readonly description?: string;
  readonly deprecated?: string;
  readonly type?: ScannedType;
  readonly isVariadic: boolean;
  readonly isNullable: boolean;
  readonly isOptional: boolean;
  readonly defaultValue?: unknown;
  readonly defaultPath?: string;
  readonly defaultAddress?: string;
  readonly ignore?: readonly string[];
}

export interface ScannedFunction {
  readonly name: string;
  readonly alias?: string;
  readonly description?: string;
  readonly deprecated?: string;
  readonly cache?: string;
  readonly isCheck?: boolean;
  readonly isGenerator?: boolean;
  readonly isUp?: boolean;
  readonly returnType?: ScannedType;
  readonly arguments: Readonly<Record<string, ScannedArgument>>;
}

export interface ScannedProperty {
  readonly name: string;
  readonly alias?: string;
  readonly description?: string;
  readonly deprecated?: string;
  readonly isExposed: boolean;
  readonly type?: ScannedType;
}

export interface ScannedObject {
  /** `class` with `@object()`, or `object`: a type alias. */
  readonly kind: "class" | "object";
  readonly name: string;
  readonly description?: string;
  readonly deprecated?: string;
  readonly constructorArguments?: Readonly<Record<string, ScannedArgument>>;
  readonly methods: Readonly<Record<string, ScannedFunction>>;
  readonly properties: Readonly<Record<string, ScannedProperty>>;
}

export interface ScannedEnum {
  /** Written as `enum`, or as a class with `@enumType()`. */
  readonly kind: "enum" | "class";
  readonly name: string;
  readonly description?: string;
  readonly values: Readonly<
    Record<
      string,
      { readonly name: string; readonly value: unknown; readonly description?: string; readonly deprecated?: string }
    >
  >;
}

export interface ScannedInterface {
  readonly name: string;
  readonly description?: string;
  readonly functions: Readonly<Record<string, ScannedFunction>>;
}

export interface ScannedModule {
  /** Name of the main class. */
  readonly name: string;
  readonly description?: string;
  readonly objects: Readonly<Record<string, ScannedObject>>;
  readonly enums: Readonly<Record<string, ScannedEnum>>;
  readonly interfaces: Readonly<Record<string, ScannedInterface>>;
}
