/** Reads a module's types with the SDK's introspector, which evaluates default values: only for a sandbox. */
import { scan } from "dagger-sdk/module/introspector/index.js";
import "./own-names-first.ts";
import type {
  ScannedArgument,
  ScannedEnum,
  ScannedFunction,
  ScannedModule,
  ScannedObject,
  ScannedProperty,
} from "../scanned.ts";

type Found<T> = Readonly<Record<string, T>>;
type FoundObject = Omit<ScannedObject, "kind"> & {
  kind(): "class" | "object";
  _constructor?: { arguments: Found<ScannedArgument> };
};
interface FoundModule {
  readonly name: string;
  readonly description?: string;
  readonly objects: Found<FoundObject>;
  readonly enums: Found<Omit<ScannedEnum, "kind">>;
  readonly interfaces: Found<{ name: string; description?: string; functions: Found<ScannedFunction> }>;
}

const map = <T, R>(found: Found<T>, change: (item: T) => R): Record<string, R> =>
  Object.fromEntries(Object.entries(found).map(([key, item]) => [key, change(item)]));

/** `JSON.stringify` leaves out what is undefined; the type system does not know. */
const defined = <T extends object>(value: { [K in keyof T]: T[K] | undefined }): T => value as T;

const argumentOf = (found: ScannedArgument): ScannedArgument =>
  defined<ScannedArgument>({
    name: found.name,
    description: found.description,
    deprecated: found.deprecated,
    type: found.type,
    isVariadic: found.isVariadic,
    isNullable: found.isNullable,
    isOptional: found.isOptional,
    defaultValue: found.defaultValue,
    defaultPath: found.defaultPath,
    defaultAddress: found.defaultAddress,
    ignore: found.ignore,
  });

const functionOf = (found: ScannedFunction): ScannedFunction =>
  defined<ScannedFunction>({
    name: found.name,
    alias: found.alias,
    description: found.description,
    deprecated: found.deprecated,
    cache: found.cache,
    isCheck: found.isCheck,
    isGenerator: found.isGenerator,
    isUp: found.isUp,
    returnType: found.returnType,
    arguments: map(found.arguments, argumentOf),
  });

const propertyOf = (found: ScannedProperty): ScannedProperty =>
  defined<ScannedProperty>({
    name: found.name,
    alias: found.alias,
    description: found.description,
    deprecated: found.deprecated,
    isExposed: found.isExposed,
    type: found.type,
  });

const objectOf = (found: FoundObject): ScannedObject =>
  defined<ScannedObject>({
    kind: found.kind(),
    name: found.name,
    description: found.description,
    deprecated: found.deprecated,
    constructorArguments: found._constructor && map(found._constructor.arguments, argumentOf),
    methods: map(found.methods, functionOf),
    properties: map(found.properties, propertyOf),
  });

const enumOf = (found: Omit<ScannedEnum, "kind">): ScannedEnum =>
  defined<ScannedEnum>({
    kind: found.constructor.name.startsWith("DaggerEnumClass") ? "class" : "enum",
    name: found.name,
    description: found.description,
    values: map(found.values, ({ name, value, description, deprecated }) =>
      defined<{ name: string; value: unknown }>({ name, value, description, deprecated } as {
        name: string;
        value: unknown;
      }),
    ),
  });

/** All that the introspector finds in `files`: the module's, and the SDK's client. */
export async function readTypes(moduleName: string, files: readonly string[]): Promise<ScannedModule> {
  const found = (await scan([...files], moduleName, false)) as FoundModule;
  return defined<ScannedModule>({
    name: found.name,
    description: found.description,
    objects: map(found.objects, objectOf),
    enums: map(found.enums, enumOf),
    interfaces: map(found.interfaces, ({ name, description, functions }) =>
      defined<{ name: string; functions: Record<string, ScannedFunction> }>({
        name,
        description,
        functions: map(functions, functionOf),
      } as { name: string; functions: Record<string, ScannedFunction> }),
    ),
  });
}

/** Prints what the program was started for, `MODULE_NAME FILE...`, as JSON in the last line. */
export async function printTypes(): Promise<void> {
  const [moduleName = "", ...files] = process.argv.slice(2);
  process.stdout.write(`\n${JSON.stringify(await readTypes(moduleName, files))}\n`);
}
