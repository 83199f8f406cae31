import type { GraphQLArgument } from "graphql";
import {
  type GraphQLEnumType,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
} from "graphql";
import { typeName } from "../../api/names.ts";
import { classText, interfaceText } from "./client-classes.ts";
import { inputText, safeName, splitArguments } from "./client-types.ts";
import { type ClientWords, commentText, optionsName } from "./client-words.ts";

/** A type of which the client of a module knows nothing, nor a field that gives one. */
const HIDDEN_FROM_MODULES = ["Host", "Engine", "EngineCache", "EngineCacheEntry", "EngineCacheEntrySet"];

const HEAD = `/**
 * This file was generated. What is written here is lost when it is made again.
 */
import { Context } from "./core.js"

/**
 * Declare a number as float in the Dagger API.
 */
export type float = number

class BaseClient {
  /**
   * @hidden
   */
  constructor(protected _ctx: Context = new Context()) {}
}
`;

/**
 * The text of `client.gen.ts`: a class for each object of the API, with what the module's dependencies add to it.
 *
 * @param hidden names of types to leave out
 */
export function clientText(
  schema: GraphQLSchema,
  words: ClientWords,
  hidden: readonly string[] = HIDDEN_FROM_MODULES,
): string {
  const types = Object.values(schema.getTypeMap())
    .filter(({ name }) => !name.startsWith("_") && !hidden.includes(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const fieldsOf = (type: GraphQLNamedType): readonly GraphQLField<unknown, unknown>[] =>
    isObjectType(type) || isInterfaceType(type)
      ? Object.values(type.getFields())
          .filter((field) => !hidden.includes(getNamedType(field.type).name))
          .sort((a, b) => place(a.name, b.name))
      : [];
  return [
    HEAD,
    ...types.flatMap((type) => declarations(type, fieldsOf(type), words)),
    ...types.filter(isInterfaceOrObject).map((type) => {
      const shape = { name: type.name, fields: fieldsOf(type), isInterface: isInterfaceType(type) };
      return `${shape.isInterface ? interfaceText(shape, words) : ""}${classText(shape, words, schema)}`;
    }),
    "export const dag = new Client()\n",
  ].join("\n");
}

function isInterfaceOrObject(type: GraphQLNamedType): boolean {
  return isObjectType(type) || isInterfaceType(type);
}

/** `id` first, then by name. */
function place(a: string, b: string): number {
  if (a === "id" || b === "id") return a === "id" ? -1 : 1;
  return a < b ? -1 : 1;
}

function declarations(
  type: GraphQLNamedType,
  fields: readonly GraphQLField<unknown, unknown>[],
  words: ClientWords,
): readonly string[] {
  const { name } = type;
  if (isScalarType(type)) {
    if (isSpecifiedScalarType(type) && name !== "ID") return [];
    return [`${commentText(words.comment(name), "")}export type ${name} = string & { __${name}: never }\n`];
  }
  if (isEnumType(type)) return [enumText(type, words)];
  if (isInputObjectType(type)) {
    const members = Object.values(type.getFields()).sort((a, b) => (a.name < b.name ? -1 : 1));
    return [recordText(safeName(name), members, words)];
  }
  return fields
    .filter(({ args }) => splitArguments(args).options.length > 0)
    .map((field) => recordText(optionsName(name, field.name), splitArguments(field.args).options, words));
}

function recordText(
  name: string,
  members: readonly (GraphQLArgument | GraphQLInputField)[],
  words: ClientWords,
): string {
  const lines = members.map((member) => {
    const mark = member.type.toString().endsWith("!") ? "" : "?";
    return `${commentText(words.comment(`${name}.${member.name}`), "  ")}  ${member.name}${mark}: ${inputText(member)}\n`;
  });
  return `export type ${name} = {\n${lines.join("")}}\n`;
}

/** Members of the same value share it; one that is spelled like another in TypeScript is left out. */
function enumText(type: GraphQLEnumType, words: ClientWords): string {
  const members = membersOf(type, words);
  const byValue = new Map<string, string>();
  const lines = members.map(({ name, value }) => {
    const first = byValue.get(value);
    if (first === undefined) byValue.set(value, name);
    const written = first === undefined ? JSON.stringify(value) : `${type.name}.${first}`;
    return `${commentText(words.comment(`${type.name}.${name}`), "  ")}  ${name} = ${written},\n`;
  });
  const firsts = members.filter(({ name, value }) => byValue.get(value) === name);
  const toName = firsts.map(({ member, name }) => `    case ${type.name}.${name}:\n      return "${member}"\n`);
  const toValue = firsts.map(({ member, name }) => `    case "${member}":\n      return ${type.name}.${name}\n`);
  const stem = typeName(type.name);
  return `${commentText(words.comment(type.name), "")}export enum ${type.name} {
${lines.join("")}}

/**
 * Utility function to convert a ${type.name} value to its name so
 * it can be uses as argument to call a exposed function.
 */
function ${stem}ValueToName(value: ${type.name}): string {
  switch (value) {
${toName.join("")}    default:
      return value
  }
}

/**
 * Utility function to convert a ${type.name} name to its value so
 * it can be properly used inside the module runtime.
 */
function ${stem}NameToValue(name: string): ${type.name} {
  switch (name) {
${toValue.join("")}    default:
      return name as ${type.name}
  }
}
`;
}

function membersOf(type: GraphQLEnumType, words: ClientWords) {
  const sorted = type
    .getValues()
    .map(({ name }) => ({ member: name, name: typeName(name), value: words.memberValue(type.name, name) ?? name }))
    .sort((a, b) => (a.name === b.name ? 0 : a.name < b.name ? -1 : 1));
  const kept = sorted.filter(({ name }, index) => sorted[index - 1]?.name !== name);
  const values = [...new Set(kept.map(({ value }) => value))];
  return values.flatMap((value) => kept.filter((one) => one.value === value));
}
