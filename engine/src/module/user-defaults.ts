import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { messageOf } from "../api/errors.ts";
import { fieldName } from "../api/names.ts";
import type { ModuleDef } from "./definition.ts";
import { readDotenv } from "./dotenv.ts";
import { isFetched } from "./git-modules.ts";

/** A value that a `.env` file gives to an argument nobody gave. */
export interface UserDefault {
  /** Name of its line, as it is written. */
  readonly name: string;
  readonly text: string;
  /** Folder of the file: relative paths start there. */
  readonly baseDir: string;
}

/** Looks a default up. `owner` and `function` are absent for the constructor of the main object. */
export type FindDefault = (
  of: { readonly owner?: string; readonly function?: string },
  argument: string,
) => UserDefault | undefined;

interface Places {
  readonly moduleDir: string;
  readonly callerDir: string;
}

type Env = Readonly<Record<string, string | undefined>>;
type Named = Pick<ModuleDef, "name" | "main">;
type Described = Named & Pick<ModuleDef, "objects">;

/** A line that is meant for an argument and not read. */
export interface UnreadDefault {
  readonly written: string;
  /** The name that is read. */
  readonly read: string;
  /** Folder of the file. */
  readonly baseDir: string;
}

export interface UserDefaults {
  readonly find: FindDefault;
  /** Lines that would be read if their words had nothing between them: `BASE_IMAGE` instead of `BASEIMAGE`. */
  unread(): UnreadDefault[];
}

/**
 * The defaults of `.env` files: of the one beside dagger.json by plain names (`REGISTRY`, `SHOW_NAME`), of the next one
 * upwards from the caller's folder by names with the module's name in front (`SLIPWAY_REGISTRY`). Names of two words are
 * written without a separator (`SAYHELLO_FIRSTNAME`), in any case. A module that was fetched has no file of its own that counts: a
 * line of somebody else could name files, variables and commands of this machine.
 *
 * @throws Error naming the file and the line that cannot be read
 */
export function readUserDefaults(module: Described, places: Places, env: Env): UserDefaults {
  const files = readFiles(module, places, env);
  return {
    find: ({ owner, function: called }, argument) => {
      const wanted = lineOf(module, owner, called, argument);
      return files
        .flatMap(({ prefixes, lines }) => prefixes.map((prefix) => lines.get(prefix + wanted)))
        .find((found) => found !== undefined);
    },
    unread: () => {
      const known = linesOf(module);
      return files.flatMap((file) => unreadIn(file, known));
    },
  };
}

function unreadIn({ prefixes, lines }: DefaultsFile, known: readonly string[]): UnreadDefault[] {
  const read = prefixes.flatMap((prefix) => known.map((line) => prefix + line));
  const bySqueezed = new Map(read.map((line) => [line.replaceAll("_", ""), line]));
  return [...lines].flatMap(([line, { name, baseDir }]) => {
    const meant = bySqueezed.get(line.replaceAll("_", ""));
    return meant === undefined || read.includes(line) ? [] : [{ written: name, read: meant.toUpperCase(), baseDir }];
  });
}

/** The lines of all arguments, without the module's name. */
function linesOf(module: Described): string[] {
  const ofMain = module.main?.constructor_?.args ?? [];
  return [
    ...ofMain.map(({ name }) => lineOf(module, undefined, undefined, name)),
    ...module.objects.flatMap(({ name: owner, functions }) =>
      functions.flatMap(({ name: called, args }) => args.map(({ name }) => lineOf(module, owner, called, name))),
    ),
  ];
}

function lineOf(module: Named, owner: string | undefined, called: string | undefined, argument: string): string {
  const isMain = owner === undefined || owner === module.main?.name;
  const parts = [isMain ? undefined : objectName(owner, module.name), called, argument];
  return parts
    .filter((part) => part !== undefined)
    .join("_")
    .toLowerCase();
}

function objectName(schemaName: string, moduleName: string): string {
  const prefix = fieldName(moduleName).toLowerCase();
  return schemaName.toLowerCase().startsWith(prefix) ? schemaName.slice(prefix.length) : schemaName;
}

interface DefaultsFile {
  /** What a name that is read begins with. */
  readonly prefixes: readonly string[];
  /** By name in lower case. */
  readonly lines: ReadonlyMap<string, UserDefault>;
}

/** The files that are there; what the first one says counts. */
function readFiles({ name }: Named, { moduleDir, callerDir }: Places, env: Env): DefaultsFile[] {
  const outer = findUpwards(callerDir, ".env");
  const prefixes = [...new Set([fieldName(name), name.replaceAll("-", "_")].map((one) => `${one}_`.toLowerCase()))];
  return [
    ...(isFetched(moduleDir) ? [] : readFile(join(moduleDir, ".env"), [""], env)),
    ...(outer === undefined ? [] : readFile(outer, prefixes, env)),
  ];
}

function readFile(path: string, prefixes: readonly string[], env: Env): DefaultsFile[] {
  if (!existsSync(path)) return [];
  const baseDir = dirname(path);
  try {
    const values = readDotenv(readFileSync(path, "utf8"), env);
    const lines = new Map([...values].map(([name, text]) => [name.toLowerCase(), { name, text, baseDir }]));
    return [{ prefixes, lines }];
  } catch (error) {
    throw new Error(`${path}: ${messageOf(error)}`);
  }
}

function findUpwards(from: string, name: string): string | undefined {
  for (let dir = from; ; dir = dirname(dir)) {
    if (existsSync(join(dir, name))) return join(dir, name);
    if (dirname(dir) === dir) return undefined;
  }
}
