import { readToml, TomlError, type TomlTable, type TomlValue } from "../../input/toml.ts";
import { readOnce } from "../../repository/once.ts";
import { type Outline, pathIn } from "../../repository/outline.ts";
import { unreadable } from "../decide.ts";

/** pyproject.toml of a folder, or a Pipfile; an empty table when there is none. */
export interface Pyproject {
  readonly path: string;
  readonly table: TomlTable;
}

/**
 * @throws Undecided when the file is no TOML
 */
export const readPyproject = readOnce((outline, folder) => readTable(outline, pathIn(folder, "pyproject.toml")));

/**
 * @throws Undecided when the file is no TOML
 */
export const readPipfile = readOnce((outline, folder) => readTable(outline, pathIn(folder, "Pipfile")));

function readTable(outline: Outline, path: string): Pyproject {
  const text = outline.text(path) ?? "";
  try {
    return { path, table: readToml(text) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw unreadable(path, text, "TOML", error.message);
  }
}

/** The value at a path of keys; undefined when there is none. */
export function valueAt({ table }: Pyproject, ...keys: readonly string[]): TomlValue | undefined {
  return keys.reduce<TomlValue | undefined>((value, key) => (isTable(value) ? value[key] : undefined), table);
}

export function tableAt(pyproject: Pyproject, ...keys: readonly string[]): TomlTable | undefined {
  const value = valueAt(pyproject, ...keys);
  return isTable(value) ? value : undefined;
}

export function textIn(pyproject: Pyproject, ...keys: readonly string[]): string | undefined {
  const value = valueAt(pyproject, ...keys);
  return typeof value === "string" ? value : undefined;
}

/** The texts in a list; what is no text is left out. */
export function textsIn(value: TomlValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

function isTable(value: TomlValue | undefined): value is TomlTable {
  return typeof value === "object" && !Array.isArray(value);
}
