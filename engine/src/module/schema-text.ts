import { coreTypeTexts } from "../api/core-texts.ts";
import { enumMemberName } from "../api/names.ts";
import { formatGoDuration } from "../go-texts/duration.ts";
import type { ArgumentDef, EnumDef, FunctionDef, InterfaceDef, ModuleDef, ObjectDef, TypeRef } from "./definition.ts";

type Marks = "isCheck" | "isGenerator" | "isUp" | "cache";

/** A field of the API that belongs to a module: one of its functions, or a property. */
export type FieldShape = Pick<FunctionDef, "name" | "description" | "args" | "returns" | "deprecated"> &
  Partial<Pick<FunctionDef, Marks>>;

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
  return modules.flatMap(({ main, ...module }): FieldShape[] => {
    if (main === undefined) return [];
    const returns = { kind: "object", name: main.name, optional: false } as const;
    const description = main.description || module.description;
    const args = main.constructor_?.args ?? [];
    return [{ name: constructorField(main), description, args, returns, ...deprecation(main) }];
  });
}

/** Name of the field of the root that makes the main object of a module: `dag.postal(…)`. */
export function constructorField(main: ObjectDef): string {
  return main.name.charAt(0).toLowerCase() + main.name.slice(1);
}

/** All fields of an object: functions, and properties as functions without arguments. */
export function shapesOf(def: ObjectDef): readonly FieldShape[] {
  const properties = def.fields.map((field): FieldShape => {
    const { name, description, type } = field;
    return { name, description, args: [], returns: type, ...deprecation(field) };
  });
  return [...properties, ...def.functions];
}

function deprecation({ deprecated }: { readonly deprecated?: string }): { readonly deprecated?: string } {
  return deprecated === undefined ? {} : { deprecated };
}

function enumText(def: EnumDef): string {
  const members = def.members.map(
    ({ name, value, description }) => `${described(description)}${name} @enumValue(value: ${quoted(value)})`,
  );
  return `${described(def.description)}enum ${def.name} {\n${members.join("\n")}\n}`;
}

function objectText(def: ObjectDef): string {
  const fields = shapesOf(def).map(fieldText).join("\n");
  return `${described(def.description)}type ${def.name} implements Node {\n  id: ID!\n${fields}\n}`;
}

function interfaceText(def: InterfaceDef): string {
  const fields = def.functions.map(fieldText).join("\n");
  return `${described(def.description)}interface ${def.name} {\n  id: ID!\n${fields}\n}`;
}

function fieldText(shape: FieldShape): string {
  const { name, description, args, returns, deprecated } = shape;
  const list = args.length === 0 ? "" : `(${args.map(argumentText).join(", ")})`;
  const directives = [...marksOf(shape), deprecatedText(deprecated)].filter(Boolean).join(" ");
  return `  ${described(description)}${name}${list}: ${typeText(returns, isRequired(returns))} ${directives}`.trimEnd();
}

function marksOf({ isCheck, isGenerator, isUp, cache }: FieldShape): readonly string[] {
  return [
    ...(isCheck ? ["@check"] : []),
    ...(isGenerator ? ["@generate"] : []),
    ...(isUp ? ["@up"] : []),
    ...cacheText(cache),
  ];
}

const POLICIES = { never: "Never", session: "PerSession" } as const;

function cacheText(cache: FunctionDef["cache"] | undefined): readonly string[] {
  if (cache === undefined) return [];
  if (cache.policy !== "default") return [`@cache(policy: ${POLICIES[cache.policy]})`];
  return cache.ttlSeconds === undefined ? [] : [`@cache(ttl: ${quoted(formatGoDuration(cache.ttlSeconds * 1000))})`];
}

function argumentText(def: ArgumentDef): string {
  const object = objectName(def.type);
  const type = object === undefined ? def.type : withIds(def.type);
  const value = defaultText(def);
  const directives = [
    ...(object === undefined ? [] : [`@expectedType(name: ${quoted(object)})`]),
    ...(def.defaultPath === undefined ? [] : [`@defaultPath(path: ${quoted(def.defaultPath)})`]),
    ...(def.defaultAddress === undefined ? [] : [`@defaultAddress(address: ${quoted(def.defaultAddress)})`]),
    ...(def.ignore.length === 0 ? [] : [`@ignorePatterns(patterns: [${def.ignore.map(quoted).join(", ")}])`]),
    deprecatedText(def.deprecated),
  ];
  const declared = `${typeText(type, isRequiredArgument(def))}${value === undefined ? "" : ` = ${value}`}`;
  return `${described(def.description)}${def.name}: ${declared} ${directives.filter(Boolean).join(" ")}`.trimEnd();
}

/** The default as GraphQL has it: of an enum the name of a member; undefined where it has no such number. */
function defaultText({ defaultValue, type }: ArgumentDef): string | undefined {
  if (defaultValue === undefined) return undefined;
  const value: unknown = JSON.parse(defaultValue);
  if (type.kind === "integer" && typeof value === "number" && !isInt(value)) return undefined;
  if (type.kind !== "enum" || typeof value !== "string") return defaultValue;
  return coreTypeTexts().has(type.name ?? "") ? value : enumMemberName(value);
}

/** What GraphQL's Int can be. */
function isInt(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) < 2 ** 31;
}

function described(text: string): string {
  return text.trim() === "" ? "" : `${quoted(`\n${text.trim()}\n`)} `;
}

function deprecatedText(reason: string | undefined): string {
  return reason === undefined ? "" : `@deprecated(reason: ${quoted(reason)})`;
}

/** What is a text of JSON is one of GraphQL. */
function quoted(text: string): string {
  return JSON.stringify(text);
}

function isRequiredArgument(def: ArgumentDef): boolean {
  const isGivenBesides = def.defaultPath !== undefined || def.defaultAddress !== undefined;
  const isTold = def.defaultValue === undefined || defaultText(def) !== undefined;
  return !def.type.optional && !isGivenBesides && isTold;
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
