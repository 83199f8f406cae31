import { enumMemberName } from "../api/names.ts";
import type { ArgumentDef, EnumDef, FunctionDef, ModuleDef, ObjectDef } from "../module/definition.ts";
import { constructorField } from "../module/schema-text.ts";
import type { OfferedModule } from "../module/serve.ts";
import type { ArgumentInfo, FunctionInfo, ObjectInfo, Types } from "./engine.ts";

/** The types of a module, for flags and help; those that are not its own come from `core`. */
export function typesOfModule(module: ModuleDef, core: Types): Types {
  const objects = new Map<string, ObjectInfo>();
  for (const object of module.objects) objects.set(object.name, objectInfo(object));
  for (const { name, description, functions } of module.interfaces) {
    objects.set(name, { name, description, isCore: false, functions: functions.map(functionInfo) });
  }
  const enums = new Map<string, EnumDef>(module.enums.map((one) => [one.name, one]));
  return {
    object: (name) => objects.get(name) ?? core.object(name),
    enumMembers: (name) =>
      enums
        .get(name)
        ?.members.map((member) => member.name)
        .sort() ?? core.enumMembers(name),
  };
}

/** What a command can call first; undefined where there is nothing. */
export function startOf(modules: readonly OfferedModule[]): ObjectInfo | undefined {
  const main = modules.find(({ isEntry }) => isEntry)?.def.main;
  const beside = constructorsBeside(modules);
  const own = main === undefined ? undefined : objectInfo(main);
  if (beside.length === 0) return own;
  const { name, description } = own ?? { name: "Query", description: "" };
  return { name, description, isCore: false, functions: [...(own?.functions ?? []), ...beside] };
}

/**
 * The modules that are called by their name, as functions that give their main object. A function at the top takes the
 * place of a module of its name, as on the real engine.
 */
export function constructorsBeside(modules: readonly OfferedModule[]): readonly FunctionInfo[] {
  const main = modules.find(({ isEntry }) => isEntry)?.def.main;
  const taken = new Set([...(main?.functions ?? []), ...(main?.fields ?? [])].map(({ name }) => name));
  if (main !== undefined) taken.add(constructorField(main));
  return modules.flatMap(({ def, isEntry }) => {
    if (def.main === undefined || isEntry || taken.has(constructorField(def.main))) return [];
    const { name, description, constructor_ } = def.main;
    const args = (constructor_?.args ?? []).map(argumentInfo);
    return [
      { name: constructorField(def.main), description, args, returns: { kind: "object", name, optional: false } },
    ];
  });
}

function objectInfo(object: ObjectDef): ObjectInfo {
  const fields = object.fields.map(
    (field): FunctionInfo => ({ name: field.name, description: field.description, args: [], returns: field.type }),
  );
  const { name, description } = object;
  return { name, description, isCore: false, functions: [...fields, ...object.functions.map(functionInfo)] };
}

function functionInfo(called: FunctionDef): FunctionInfo {
  return { ...called, args: called.args.map(argumentInfo) };
}

/** The default of an enum is the name of a member as written in the source; the command line shows the schema's. */
function argumentInfo(argument: ArgumentDef): ArgumentInfo {
  if (argument.type.kind !== "enum" || argument.defaultValue === undefined) return argument;
  const written: unknown = JSON.parse(argument.defaultValue);
  return typeof written === "string"
    ? { ...argument, defaultValue: JSON.stringify(enumMemberName(written)) }
    : argument;
}
