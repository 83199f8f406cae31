import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { messageOf } from "../api/errors.ts";
import { fieldName } from "../api/names.ts";
import type { ModuleDef } from "./definition.ts";
import { readDotenv } from "./dotenv.ts";

/** A value that a `.env` file gives to an argument nobody gave. */
export interface UserDefault {
  readonly text: string;
  /** Folder of the file: relative paths start there. */
  readonly baseDir: string;
}

/** Looks a default up. `owner` and `function` are absent for the constructor of the main object. */
export type FindDefault = (
  of: { readonly owner?: string; readonly function?: string },
  argument: string,
) => UserDefault | undefined;

/**
 * The defaults of `.env` files: of the one beside dagger.json by plain names (`REGISTRY`, `SHOW_NAME`), of the next one
 * upwards from the caller's folder by names with the module's name in front (`SLIPWAY_REGISTRY`). Names of two words are
 * written without a separator (`SAYHELLO_FIRSTNAME`), in any case.
 *
 * @throws Error naming the file and the line that cannot be read
 */
export function findUserDefaults(
  module: Pick<ModuleDef, "name" | "main">,
  places: { readonly moduleDir: string; readonly callerDir: string },
  env: Readonly<Record<string, string | undefined>>,
): FindDefault {
  const inner = readFile(join(places.moduleDir, ".env"), env);
  const outerPath = findUpwards(places.callerDir, ".env");
  const outer = outerPath === undefined ? undefined : readFile(outerPath, env);
  const prefixes = [fieldName(module.name), module.name.replaceAll("-", "_")].map((name) => `${name}_`.toLowerCase());
  const mainName = module.main?.name;
  return (of, argument) => {
    const isMain = of.owner === undefined || of.owner === mainName;
    const parts = [isMain ? undefined : objectName(of.owner ?? "", module.name), of.function, argument];
    const wanted = parts
      .filter((part) => part !== undefined)
      .join("_")
      .toLowerCase();
    return (
      inner?.get(wanted) ?? prefixes.map((prefix) => outer?.get(prefix + wanted)).find((found) => found !== undefined)
    );
  };
}

function objectName(schemaName: string, moduleName: string): string {
  const prefix = fieldName(moduleName).toLowerCase();
  return schemaName.toLowerCase().startsWith(prefix) ? schemaName.slice(prefix.length) : schemaName;
}

function readFile(
  path: string,
  env: Readonly<Record<string, string | undefined>>,
): Map<string, UserDefault> | undefined {
  if (!existsSync(path)) return undefined;
  const baseDir = dirname(path);
  try {
    const values = readDotenv(readFileSync(path, "utf8"), env);
    return new Map([...values].map(([name, text]) => [name.toLowerCase(), { text, baseDir }]));
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
