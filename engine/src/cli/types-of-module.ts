import { enumMemberName } from "../api/names.ts";
import type { ArgumentDef, EnumDef, FunctionDef, ModuleDef, ObjectDef } from "../module/definition.ts";
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
