import { secretUri, UNNAMED_SCHEME } from "../api/address.ts";
import { normalisePlatform } from "../api/platform.ts";
import type { ArgumentFlag, Given } from "./argument-flag.ts";
import type { Args, ArgumentInfo, Engine, Handle } from "./engine.ts";
import { messageOf } from "./errors.ts";

type Warn = (text: string) => void;

/**
 * What the flag was given stands for; undefined when it was not given. Objects are made by the engine from their addresses.
 *
 * @throws Error `failed to get value for argument "dir": …`
 */
export async function valueOfFlag(engine: Engine, flag: ArgumentFlag, warn: Warn): Promise<unknown> {
  const given = flag.given();
  if (given === undefined) return undefined;
  try {
    return await givenValue(engine, given, flag.argument, warn);
  } catch (error) {
    const text = `failed to get value for argument "${flag.argument.name}": ${messageOf(error)}`;
    throw Object.assign(new Error(text), { cause: error });
  }
}

async function givenValue(engine: Engine, given: Given, argument: ArgumentInfo, warn: Warn): Promise<unknown> {
  switch (given.kind) {
    case "value":
      return given.value;
    case "list":
      return await Promise.all(given.items.map((item) => givenValue(engine, item, argument, warn)));
    case "address":
      if (given.text === "") throw new Error("resource cannot have empty address");
      return await objectAt(engine, given.type, given.text, argument, warn);
  }
}

async function objectAt(
  engine: Engine,
  type: string,
  text: string,
  argument: ArgumentInfo,
  warn: Warn,
): Promise<unknown> {
  switch (type) {
    case "Platform":
      return text === "current" ? await engine.select(engine.root, "defaultPlatform", {}) : normalisePlatform(text);
    case "CacheVolume":
      return await engine.select(engine.root, "cacheVolume", { key: text });
    case "Module":
    case "ModuleSource": {
      const source = (await engine.select(engine.root, "moduleSource", { refString: text })) as Handle;
      return type === "Module" ? await engine.select(source, "asModule", {}) : source;
    }
    case "Secret":
      if (!text.includes(":")) warn(UNNAMED_SCHEME);
      return await addressed(engine, secretUri(text), "secret", {});
    case "Directory": {
      const ignored = argument.ignore.length === 0 ? {} : { exclude: argument.ignore };
      return await forced(engine, await addressed(engine, text, "directory", ignored));
    }
    case "File":
      return await forced(engine, await addressed(engine, text, "file", {}));
    case "Container":
      return await forced(engine, await addressed(engine, text, "container", {}));
    case "Service": {
      const service = await addressed(engine, text, "service", {});
      await engine.select(service, "start", {});
      return service;
    }
    default:
      return await addressed(engine, text, type.charAt(0).toLowerCase() + type.slice(1), {});
  }
}

async function addressed(engine: Engine, text: string, kind: string, args: Args): Promise<Handle> {
  const address = (await engine.select(engine.root, "address", { value: text })) as Handle;
  return (await engine.select(address, kind, args)) as Handle;
}

async function forced(engine: Engine, object: Handle): Promise<Handle> {
  await engine.force(object);
  return object;
}
