import { kebabName } from "../api/names.ts";
import { readCsvRecord } from "../go-texts/csv.ts";
import { parseBoolean, parseFloatText, parseInteger, parseListInteger, quote } from "../go-texts/numbers.ts";
import { mayBeMissing, type TypeRef } from "../module/definition.ts";
import type { ArgumentInfo, Types } from "./engine.ts";
import type { Flag } from "./flag-set.ts";

/** Objects that can be given on the command line by a text. */
const ADDRESSED = new Set([
  "CacheVolume",
  "Container",
  "Directory",
  "File",
  "GitRef",
  "GitRepository",
  "Module",
  "ModuleSource",
  "Secret",
  "Service",
  "Socket",
]);

/** What a flag was given: a value of the API as it is, or a text that stands for an object. */
export type Given =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "address"; readonly type: string; readonly text: string }
  | { readonly kind: "list"; readonly items: readonly Given[] };

/** A flag that belongs to an argument of a function. */
export interface ArgumentFlag extends Flag {
  readonly argument: ArgumentInfo;
  /** What was given; undefined when nothing was. */
  given(): Given | undefined;
}

/** One value read from a text, without lists. */
interface Reader {
  readonly typeText: string;
  read(text: string): Given;
}

/** The flag of an argument; undefined when its type cannot be given on the command line. */
export function argumentFlag(argument: ArgumentInfo, types: Types, isCore: boolean): ArgumentFlag | undefined {
  const { type } = argument;
  const made = type.kind === "list" ? listFlag(type, types) : singleFlag(type, types);
  if (made === undefined) return undefined;
  const required = !mayBeMissing(argument);
  return {
    name: kebabName(argument.name),
    usage: usageText(argument.description, required, isCore),
    typeText: made.typeText,
    ...(made.bareValue === undefined ? {} : { bareValue: made.bareValue }),
    ...defaultTextOf(argument, made),
    required,
    argument,
    set: made.set,
    given: made.given,
  };
}

/** Descriptions of modules come as paragraphs of their own, the short ones of the core do not. */
function usageText(description: string, required: boolean, isCore: boolean): string {
  const text = description.trim();
  const shown = text === "" || isCore ? text : `\n${text}\n`;
  return required ? `${shown} [required]`.trim() : shown;
}

interface MadeFlag {
  readonly typeText: string;
  readonly bareValue?: string;
  readonly listOf?: "plain" | "other";
  set(text: string): void;
  given(): Given | undefined;
}

function singleFlag(type: TypeRef, types: Types): MadeFlag | undefined {
  const reader = readerOf(type, types);
  if (reader === undefined) return undefined;
  let given: Given | undefined;
  return {
    typeText: reader.typeText,
    ...(type.kind === "boolean" ? { bareValue: "true" } : {}),
    set: (text) => {
      given = reader.read(text);
    },
    given: () => given,
  };
}

const PLAIN_LISTS: Readonly<Record<string, string>> = {
  string: "strings",
  integer: "ints",
  float: "float64Slice",
  boolean: "bools",
};

function listFlag(type: TypeRef, types: Types): MadeFlag | undefined {
  const element = type.element;
  const reader = element === undefined || element.kind === "list" ? undefined : readerOf(element, types);
  if (element === undefined || reader === undefined) return undefined;
  const plain = PLAIN_LISTS[element.kind];
  const items: Given[] = [];
  let wasGiven = false;
  return {
    typeText: plain ?? `[]${reader.typeText}`,
    listOf: plain === undefined ? "other" : "plain",
    set: (text) => {
      items.push(...splitList(text, element.kind).map((item) => readListItem(item, element.kind, reader)));
      wasGiven = true;
    },
    given: () => (wasGiven ? { kind: "list", items } : undefined),
  };
}

function splitList(text: string, kind: TypeRef["kind"]): readonly string[] {
  if (kind === "integer" || kind === "float") return text.split(",");
  if (text === "") return [];
  if (kind === "string") return readCsvRecord(text);
  const unquoted = text.replace(/["'`]/g, "");
  return unquoted === "" ? [] : readCsvRecord(unquoted).map((item) => item.trim());
}

function readListItem(text: string, kind: TypeRef["kind"], reader: Reader): Given {
  return kind === "integer" ? { kind: "value", value: parseListInteger(text) } : reader.read(text);
}

function readerOf(type: TypeRef, types: Types): Reader | undefined {
  const name = type.name ?? "";
  switch (type.kind) {
    case "string":
      return { typeText: "string", read: plainValue };
    case "integer":
      return { typeText: "int", read: (text) => ({ kind: "value", value: parseInteger(text) }) };
    case "float":
      return { typeText: "float", read: (text) => ({ kind: "value", value: parseFloatText(text) }) };
    case "boolean":
      return { typeText: "", read: (text) => ({ kind: "value", value: parseBoolean(text) }) };
    case "enum":
      return enumReader(types.enumMembers(name) ?? []);
    case "scalar":
      return {
        typeText: name,
        read: name === "Platform" ? (text) => ({ kind: "address", type: name, text }) : plainValue,
      };
    case "input":
      return inputReader(name);
    case "object":
      return ADDRESSED.has(name)
        ? { typeText: name, read: (text) => ({ kind: "address", type: name, text }) }
        : undefined;
    default:
      return undefined;
  }
}

function plainValue(text: string): Given {
  return { kind: "value", value: text };
}

function enumReader(members: readonly string[]): Reader {
  const typeText = members.join(",");
  return {
    typeText,
    read: (text) => {
      const member = members.find((name) => name.toLowerCase() === text.toLowerCase());
      if (member === undefined) throw new Error(`value should be one of ${typeText}`);
      return { kind: "value", value: member };
    },
  };
}

function inputReader(name: string): Reader | undefined {
  if (name === "PortForward")
    return { typeText: name, read: (text) => ({ kind: "value", value: readPortForward(text) }) };
  if (name === "BuildArg") return { typeText: name, read: (text) => ({ kind: "value", value: readBuildArg(text) }) };
  return undefined;
}

function readPortForward(text: string): { frontend: number; backend: number } {
  if (text === "") throw new Error("portForward setting cannot be empty");
  const [frontend, backend] = text.split(":");
  if (frontend === undefined || backend === undefined) {
    throw new Error(`portForward setting not in the form of frontend:backend: ${quote(text)}`);
  }
  return { frontend: parseListInteger(frontend), backend: parseListInteger(backend) };
}

function readBuildArg(text: string): { name: string; value: string } {
  const equals = text.indexOf("=");
  if (equals < 0) throw new Error(`build argument not in the form of name=value: ${quote(text)}`);
  return { name: text.slice(0, equals), value: text.slice(equals + 1) };
}

/** Zero values and lists of plain values are not shown. */
function defaultTextOf(argument: ArgumentInfo, made: MadeFlag): { defaultText?: string } {
  if (made.listOf === "other") return mayBeMissing(argument) ? { defaultText: "[]" } : {};
  if (made.listOf === "plain" || argument.defaultValue === undefined) return {};
  const value: unknown = JSON.parse(argument.defaultValue);
  if (value === null || value === "" || value === 0 || value === false) return {};
  return { defaultText: argument.type.kind === "string" ? quote(String(value)) : String(value) };
}
