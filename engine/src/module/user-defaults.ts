import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { messageOf } from "../api/errors.ts";
import { fieldName, snakeName } from "../api/names.ts";
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

/** Where the files are. */
interface DefaultsPlaces {
  /** Folders of the module itself, the last one before the others; undefined: no file counts at all. */
  readonly envDirs: readonly string[] | undefined;
  readonly callerDir: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/** A module, under the name that it has here. */
type Defaulted = Pick<ModuleDef, "name" | "main" | "objects"> & {
  /** What it calls itself, where that is something else. */
  readonly originalName?: string;
};

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
 * The defaults of `.env` files: of the next one upwards from the caller's folder by names with the module's name in front
 * (`SLIPWAY_REGISTRY`), then of the one beside dagger.json by plain names (`REGISTRY`, `SHOW_NAME`). The words of an argument's name
 * are written without a separator (`SAYHELLO_FIRSTNAME`), in any case. A module that was fetched has no file of its own that counts:
 * a line of somebody else could name files, variables and commands of this machine.
 *
 * @throws Error naming the file and the line that cannot be read
 */
export function readUserDefaults(module: Defaulted, places: DefaultsPlaces, env: Env): UserDefaults {
  const files = readFiles(module, places, env);
  return {
    find: ({ owner, function: called }, argument) => {
      const wanted = linesFor(module, owner, called, argument);
      return files
        .flatMap(({ prefixes, lines }) => prefixes.flatMap((prefix) => wanted.map((line) => lines.get(prefix + line))))
        .find((found) => found !== undefined);
    },
    unread: () => {
      const known = linesOf(module);
      return files.flatMap((file) => unreadIn(file, known));
    },
  };
}

function unreadIn({ prefixes, lines }: DefaultsFile, known: readonly string[]): UnreadDefault[] {
  const read = prefixes.flatMap((prefix) => known.map((line) => prefix + line)).reverse();
  const bySqueezed = new Map(read.map((line) => [line.replaceAll("_", ""), line]));
  return [...lines].flatMap(([line, { name, baseDir }]) => {
    const meant = bySqueezed.get(line.replaceAll("_", ""));
    return meant === undefined || read.includes(line) ? [] : [{ written: name, read: meant.toUpperCase(), baseDir }];
  });
}

/** The lines of all arguments, without the module's name. */
function linesOf(module: Defaulted): string[] {
  const ofMain = module.main?.constructor_?.args ?? [];
  return [
    ...ofMain.flatMap(({ name }) => linesFor(module, undefined, undefined, name)),
    ...module.objects.flatMap(({ name: owner, functions }) =>
      functions.flatMap(({ name: called, args }) => args.flatMap(({ name }) => linesFor(module, owner, called, name))),
    ),
  ];
}

/** What a line may be called: words of an object's or a function's name may have something between them, those of an argument not. */
function linesFor(
  module: Defaulted,
  owner: string | undefined,
  called: string | undefined,
  argument: string,
): readonly string[] {
  const isMain = owner === undefined || owner === module.main?.name;
  const above = [...(isMain ? [] : [objectName(owner, module.name)]), ...(called === undefined ? [] : [called])];
  return above
    .reduce((lines, name) => lines.flatMap((line) => prefixesOf(name).map((prefix) => line + prefix)), [""])
    .map((line) => line + argument.toLowerCase());
}

/** What a name in front may be written as, in lower case. */
function prefixesOf(name: string): readonly string[] {
  return [...new Set([fieldName(name), snakeName(name)].map((one) => `${one}_`.toLowerCase()))];
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
function readFiles(
  { name, originalName }: Defaulted,
  { envDirs, callerDir }: DefaultsPlaces,
  env: Env,
): DefaultsFile[] {
  if (envDirs === undefined) return [];
  const outer = findUpwards(callerDir, ".env");
  const prefixes = [...new Set([originalName ?? name, name].flatMap(prefixesOf))];
  const own = envDirs.filter((dir) => !isFetched(dir)).reverse();
  return [
    ...(outer === undefined ? [] : readFile(outer, prefixes, env)),
    ...own.flatMap((dir) => readFile(join(dir, ".env"), [""], env)),
  ];
}

function readFile(path: string, prefixes: readonly string[], env: Env): DefaultsFile[] {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return [];
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
