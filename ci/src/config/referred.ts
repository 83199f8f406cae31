import { tellUnknown } from "../input/nearest-name.ts";
import { about, type Problem } from "../input/problems.ts";
import { memberOf, membersOf } from "./members.ts";
import { fieldNames, listReferences } from "./references.ts";
import type { BackingSettings } from "./settings.ts";

/** Services and backing services by name, with what can be referred to. */
export type Known = ReadonlyMap<string, BackingSettings["kind"] | "service">;

/** Names and fields between braces that nobody has. */
export function listReferred(
  path: readonly string[],
  settings: unknown,
  known: Known,
  parts: readonly string[],
): Problem[] {
  return parts.flatMap((part) =>
    [...membersOf(memberOf(settings, part))].flatMap(([variable, value]) => {
      if (typeof value !== "string") return [];
      return listReferences(value).flatMap(({ name, field }) => {
        const text = tellReference(name, field, known);
        return text === undefined ? [] : [about([...path, part, variable], text)];
      });
    }),
  );
}

function tellReference(name: string, field: string, known: Known): string | undefined {
  const kind = known.get(name);
  const literal = `write {{${field === "address" ? name : `${name}.${field}`}}} if it is text`;
  if (kind === undefined) return `${tellUnknown("service", name, [...known.keys()])}; ${literal}`;
  const fields = fieldNames(kind);
  return fields.includes(field) ? undefined : `${tellUnknown(`field of ${name}`, field, fields)}; ${literal}`;
}
