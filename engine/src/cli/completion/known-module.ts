import { kebabName } from "../../api/names.ts";
import type { TypeRef } from "../../module/definition.ts";
import type { ArgumentFlag } from "../argument-flag.ts";
import { argumentFlags, objectOf, supportedFunctions } from "../chain.ts";
import { findEntries } from "../commands/entry-tree.ts";
import type { Engine, ObjectInfo, Types } from "../engine.ts";
import type { Flag } from "../flag-set.ts";
import { firstLine } from "../help.ts";

/** What can stand on a command line for a module, as it is kept for completion. */
export interface KnownModule {
  /** Of the main object's constructor. */
  readonly construct: readonly KnownFlag[];
  /** What can be called first. */
  readonly start: readonly KnownFunction[];
  /** Functions of the module's own types; those of the core are kept apart. */
  readonly objects: KnownObjects;
  readonly checks: readonly Named[];
  readonly generators: readonly Named[];
  readonly services: readonly Named[];
}

export type KnownObjects = Readonly<Record<string, readonly KnownFunction[]>>;

export interface Named {
  readonly name: string;
  /** One line. */
  readonly about: string;
}

export interface KnownFunction extends Named {
  readonly flags: readonly KnownFlag[];
  /** The type whose functions can follow. */
  readonly next?: string;
}

/** What completion needs to know of a flag. */
export type KnownFlag = Pick<Flag, "name" | "shorthand" | "bareValue" | "values" | "takes"> & {
  readonly about: string;
};

/** All that can be called of the modules that a command is about. */
export function knownModule(engine: Pick<Engine, "module" | "offered" | "types" | "start">): KnownModule {
  const { module, offered, types, start } = engine;
  const first = start === undefined ? [] : knownFunctions(start, types);
  const constructor_ = module?.main?.constructor_;
  const entries = (kind: "check" | "generator" | "service"): readonly Named[] =>
    findEntries(offered, kind).map(({ name, description }) => ({ name, about: description }));
  return {
    construct: constructor_ === undefined ? [] : argumentFlags(constructor_, types, false).map(knownArgument),
    start: first,
    objects: knownObjects(nextOf(first), types, ({ isCore }) => !isCore),
    checks: entries("check"),
    generators: entries("generator"),
    services: entries("service"),
  };
}

/** The functions of types, and of all that can follow them. */
export function knownObjects(
  names: readonly string[],
  types: Types,
  isWanted: (object: ObjectInfo) => boolean,
): KnownObjects {
  const objects: Record<string, readonly KnownFunction[]> = {};
  const waiting = [...names];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const object = Object.hasOwn(objects, name) ? undefined : types.object(name);
    if (object === undefined || !isWanted(object)) continue;
    const functions = knownFunctions(object, types);
    objects[name] = functions;
    waiting.push(...nextOf(functions));
  }
  return objects;
}

function nextOf(functions: readonly KnownFunction[]): readonly string[] {
  return functions.flatMap(({ next }) => (next === undefined ? [] : [next]));
}

/** What can be called on an object, in order of name. */
function knownFunctions(owner: ObjectInfo, types: Types): readonly KnownFunction[] {
  return supportedFunctions(owner, types).supported.map((called) => {
    const next = objectOf(called.returns, types)?.name;
    return {
      name: kebabName(called.name),
      about: firstLine(called.description),
      flags: argumentFlags(called, types, owner.isCore).map(knownArgument),
      ...(next === undefined ? {} : { next }),
    };
  });
}

/** A flag as it is kept, with the first line of its help. */
export function knownFlag({ name, shorthand, bareValue, values, takes, usage }: Flag): KnownFlag {
  return {
    name,
    about: firstLine(usage.trim()).replace(/^-$/, ""),
    ...(shorthand === undefined ? {} : { shorthand }),
    ...(bareValue === undefined ? {} : { bareValue }),
    ...(values === undefined ? {} : { values }),
    ...(takes === undefined ? {} : { takes }),
  };
}

function knownArgument(flag: ArgumentFlag): KnownFlag {
  return { ...knownFlag(flag), ...kindOfValue(flag.argument.type, flag.typeText) };
}

const TAKES: Readonly<Record<string, NonNullable<KnownFlag["takes"]>>> = {
  CacheVolume: "nothing",
  Container: "nothing",
  Directory: "folder",
  File: "file",
  GitRepository: "folder",
  ModuleSource: "folder",
  Secret: "secret",
  Service: "service",
};

function kindOfValue(type: TypeRef, typeText: string): Pick<KnownFlag, "values" | "takes"> {
  const { kind, name = "" } = type.kind === "list" && type.element !== undefined ? type.element : type;
  if (kind === "enum") return { values: typeText.replace(/^\[\]/, "").split(",") };
  if (kind === "boolean") return { values: ["true", "false"] };
  if (kind === "object") return { takes: TAKES[name] ?? "nothing" };
  return {};
}
