import type { ArgumentDef, EnumDef, FunctionDef, InterfaceDef, ModuleDef, ObjectDef, TypeRef } from "./definition.ts";

/** A field of the API that belongs to a module: one of its functions, or a property. */
export type FieldShape = Pick<FunctionDef, "name" | "args" | "returns">;

/** Types of a module in GraphQL's schema language, without any way to get at them. */
export function moduleTypesText(module: ModuleDef): string {
  return [
    ...module.enums.map(enumText),
    ...module.interfaces.map(interfaceText),
    ...module.objects.map(objectText),
  ].join("\n");
}

/** Fields of the root, in GraphQL's schema language. */
export function rootText(shapes: readonly FieldShape[]): string {
  return shapes.length === 0 ? "" : `extend type Query {\n${shapes.map(fieldText).join("\n")}\n}`;
}

/** What modules add to the API for whoever depends on them, in GraphQL's schema language. */
export function dependencyText(modules: readonly ModuleDef[]): string {
  return [...modules.map(moduleTypesText), rootText(constructorsOf(modules))].join("\n");
}

/** The fields of the root that make the main objects of modules. */
export function constructorsOf(modules: readonly ModuleDef[]): readonly FieldShape[] {
  return modules.flatMap(({ main }): FieldShape[] => {
    if (main === undefined) return [];
    const returns = { kind: "object", name: main.name, optional: false } as const;
    return [{ name: constructorField(main), args: main.constructor_?.args ?? [], returns }];
  });
}

/** Name of the field of the root that makes the main object of a module: `dag.postal(…)`. */
export function constructorField(main: ObjectDef): string {
  return main.name.charAt(0).toLowerCase() + main.name.slice(1);
}

/** All fields of an object: functions, and properties as functions without arguments. */
export function shapesOf(def: ObjectDef): readonly FieldShape[] {
  const properties = def.fields.map((field): FieldShape => ({ name: field.name, args: [], returns: field.type }));
  return [...properties, ...def.functions];
}

function enumText(def: EnumDef): string {
  return `enum ${def.name} { ${def.members.map((member) => member.name).join(" ")} }`;
}

function objectText(def: ObjectDef): string {
  return `type ${def.name} implements Node {\n  id: ID!\n${shapesOf(def).map(fieldText).join("\n")}\n}`;
}

function interfaceText(def: InterfaceDef): string {
  return `interface ${def.name} {\n  id: ID!\n${def.functions.map(fieldText).join("\n")}\n}`;
}

function fieldText({ name, args, returns }: FieldShape): string {
  const list = args.length === 0 ? "" : `(${args.map(argumentText).join(", ")})`;
  return `  ${name}${list}: ${typeText(returns, isRequired(returns))}`;
}

/** Defaults are not written: the engine fills them in, so that a default given by hand is the same call. */
function argumentText(def: ArgumentDef): string {
  const object = objectName(def.type);
  const directive = object === undefined ? "" : ` @expectedType(name: ${JSON.stringify(object)})`;
  const type = object === undefined ? def.type : withIds(def.type);
  return `${def.name}: ${typeText(type, isRequiredArgument(def))}${directive}`;
}

function isRequiredArgument(def: ArgumentDef): boolean {
  const hasDefault =
    def.defaultValue !== undefined || def.defaultPath !== undefined || def.defaultAddress !== undefined;
  return !def.type.optional && !hasDefault;
}

function isRequired(type: TypeRef): boolean {
  return !type.optional && type.kind !== "void";
}

function objectName(type: TypeRef): string | undefined {
  if (type.kind === "list") return type.element === undefined ? undefined : objectName(type.element);
  return type.kind === "object" || type.kind === "interface" ? type.name : undefined;
}

function withIds(type: TypeRef): TypeRef {
  if (type.kind === "list" && type.element !== undefined) return { ...type, element: withIds(type.element) };
  return { kind: "scalar", name: "ID", optional: type.optional };
}

function typeText(type: TypeRef, required: boolean): string {
  return `${baseText(type)}${required ? "!" : ""}`;
}

function baseText(type: TypeRef): string {
  switch (type.kind) {
    case "string":
      return "String";
    case "integer":
      return "Int";
    case "float":
      return "Float";
    case "boolean":
      return "Boolean";
    case "void":
      return "Void";
    case "list":
      return type.element === undefined ? "[String!]" : `[${typeText(type.element, !type.element.optional)}]`;
    default:
      return type.name ?? "String";
  }
}
