import { entries, fields } from "../input/fields.ts";
import { ownValue } from "../input/names.ts";

/** The members of a mapping that nobody has checked yet, in the order of the file. */
export type Members = ReadonlyMap<string, unknown>;

/** A member of a mapping; undefined when it is none, or not there. */
export function memberOf(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((at, name) => ownValue(fields(at), name), value);
}

/** All members of a mapping; none when it is none. */
export function membersOf(value: unknown): Members {
  return new Map(Object.entries(fields(value)));
}

/** The texts of a list, by their index. */
export function textsOf(value: unknown): ReadonlyMap<number, string> {
  return new Map(entries(value).flatMap((item, index) => (typeof item === "string" ? [[index, item] as const] : [])));
}
