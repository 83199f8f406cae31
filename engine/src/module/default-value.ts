import { isAbsolute, resolve } from "node:path";
import { ApiError, messageOf } from "../api/errors.ts";
import { type Args, type Graph, Obj } from "../api/graph.ts";
import { HOST_PLATFORM, normalisePlatform } from "../api/platform.ts";
import { parseBoolean, parseFloatText, parseListInteger } from "../go-texts/numbers.ts";
import type { ArgumentDef, TypeRef } from "./definition.ts";

/** What texts of a `.env` file mean values in. */
interface DefaultContext {
  /** Relative paths of files and folders start there. */
  readonly baseDir: string;
  /** Names of an enum's members. */
  readonly membersOf: (name: string) => readonly string[];
  /** Whose host is this machine: that is where addresses lead, whoever calls. */
  readonly machine: Graph;
}

/**
 * The value that a text of a `.env` file stands for, as a client would have given it.
 *
 * @throws Error with what is wrong with the text: `parse as integer: …`, `resolve object ("Directory"): …`
 */
export async function defaultValue(
  text: string,
  { type, ignore }: Pick<ArgumentDef, "type" | "ignore">,
  context: DefaultContext,
): Promise<unknown> {
  if (isPlain(type)) return plainValue(text, type);
  const { element } = type;
  if (type.kind === "list" && element !== undefined) {
    const items = text.split(",").map((item) => item.trim());
    return await Promise.all(items.map((item) => defaultValue(item, { type: element, ignore }, context)));
  }
  const name = type.name ?? "";
  if (type.kind === "object") return await objectAt(text, name, ignore, context);
  if (type.kind === "enum") return memberNamed(text, context.membersOf(name));
  if (name === "Platform") return text === "current" ? HOST_PLATFORM : normalisePlatform(text);
  if (type.kind === "scalar") return text;
  throw new ApiError(`resolve object (${JSON.stringify(name)}): no text stands for one`);
}

const PLAIN = ["string", "integer", "float", "boolean"];

/** Whether a text alone says what the value is: no object, and no name of something. */
export function isPlain({ kind, element }: TypeRef): boolean {
  return PLAIN.includes(kind) || (element !== undefined && PLAIN.includes(element.kind));
}

/**
 * The value of a plain type.
 *
 * @throws Error `parse as integer: strconv.Atoi: parsing "five": invalid syntax`
 */
export function plainValue(text: string, { kind, element }: TypeRef): unknown {
  switch (kind) {
    case "integer":
      return parsed(kind, () => parseListInteger(text));
    case "float":
      return parsed(kind, () => parseFloatText(text));
    case "boolean":
      return parsed(kind, () => parseBoolean(text));
    case "list":
      return element === undefined ? [] : text.split(",").map((item) => plainValue(itemOf(item, element), element));
    default:
      return text;
  }
}

/** Blanks are part of a text, and of nothing else. */
function itemOf(item: string, { kind }: TypeRef): string {
  return kind === "string" ? item : item.trim();
}

function parsed<T>(kind: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new ApiError(`parse as ${kind}: ${messageOf(error)}`);
  }
}

function memberNamed(text: string, members: readonly string[]): string {
  const member = members.find((name) => name.toLowerCase() === text.toLowerCase());
  if (member === undefined) throw new ApiError(`value should be one of ${members.join(",")}`);
  return member;
}

/** It is made here, for what is wrong with its address to be said of the line that has it. */
async function objectAt(
  text: string,
  type: string,
  ignore: readonly string[],
  { baseDir, machine }: DefaultContext,
): Promise<Obj> {
  try {
    const object = await addressed(text, type, ignore, baseDir, machine);
    await object.id();
    return object;
  } catch (error) {
    const told = new ApiError(`resolve object (${JSON.stringify(type)}): ${messageOf(error)}`);
    throw Object.assign(told, { cause: error });
  }
}

async function addressed(
  text: string,
  type: string,
  ignore: readonly string[],
  baseDir: string,
  machine: Graph,
): Promise<Obj> {
  const { root } = machine;
  if (type === "CacheVolume") return await take(root, "cacheVolume", { key: text }, type);
  if (type === "ModuleSource" || type === "Module") {
    const source = await take(root, "moduleSource", { refString: text }, "ModuleSource");
    return type === "Module" ? await take(source, "asModule", {}, type) : source;
  }
  const isPath = type === "Directory" || type === "File";
  const address = await take(root, "address", { value: isPath ? basedOn(text, baseDir) : text }, "Address");
  const args = type === "Directory" && ignore.length > 0 ? { exclude: ignore } : {};
  return await take(address, type.charAt(0).toLowerCase() + type.slice(1), args, type);
}

/** Paths in a file are relative to that file. */
function basedOn(text: string, baseDir: string): string {
  const isLocalPath = !text.includes("://") && !/^[\w.-]+@[\w.-]+:/.test(text) && !text.startsWith("~");
  return isLocalPath && text !== "" && !isAbsolute(text) ? resolve(baseDir, text) : text;
}

async function take(on: Obj, name: string, args: Args, type: string): Promise<Obj> {
  const { graph } = on;
  if (!graph.supports(on.type, name)) throw new ApiError("no text stands for one");
  const call = { parent: on, field: name, args };
  const field = graph.field(on.type, name);
  if (field.eager !== true) return graph.object(type, call);
  const value = await field.run(on, args, graph, undefined);
  return value instanceof Obj ? value : graph.object(type, call, { value });
}
