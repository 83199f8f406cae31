import { join } from "node:path";
import { quote } from "../go-texts/numbers.ts";
import type { FindDefault } from "../module/user-defaults.ts";
import type { ArgumentFlag } from "./argument-flag.ts";
import { messageOf } from "./errors.ts";

const KIND_WORDS: Readonly<Record<string, string>> = { integer: "integer", float: "float", boolean: "boolean" };

/**
 * Gives the flag its default, unless it was given; says what it took.
 *
 * @returns the line that tells the user, and the folder of the file; undefined when there is no default
 * @throws Error naming function and argument when the text is no value of its type
 */
export function applyUserDefault(
  flag: ArgumentFlag,
  of: { readonly label: string; readonly owner?: string; readonly function?: string },
  find: FindDefault,
): { readonly note: string; readonly baseDir: string } | undefined {
  if (flag.given() !== undefined) return undefined;
  const found = find(of, flag.argument.name);
  if (found === undefined) return undefined;
  try {
    flag.set(found.text);
  } catch (error) {
    const kind = KIND_WORDS[flag.argument.type.kind];
    const what = kind === undefined ? "" : `parse as ${kind}: `;
    throw new Error(
      `user default of ${of.label}: argument "${flag.argument.name}" is ${quote(found.text)} in ${join(found.baseDir, ".env")}: ${what}${messageOf(error)}`,
    );
  }
  return { note: `user default: ${of.label}(${flag.argument.name}=${quote(found.text)})`, baseDir: found.baseDir };
}
