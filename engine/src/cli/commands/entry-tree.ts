import { kebabName } from "../../api/names.ts";
import { type EntryKind, entriesOf, ignoredIn, type Entry as OwnEntry } from "../../module/entries.ts";
import type { OfferedModule } from "../../module/serve.ts";
import { firstLine } from "../help.ts";
import { didYouMean, nearestTo } from "../nearest.ts";

/** A check, a generator or a service of one of the modules that a command is about. */
export interface Entry extends OwnEntry {
  readonly module: OfferedModule;
  /** `module:object:function`, in kebab case. */
  readonly name: string;
  /** Its first line. */
  readonly description: string;
}

/** All functions of that kind, module after module, each sorted by name; without those that are to be left out of a toolchain. */
export function findEntries(offered: readonly OfferedModule[], kind: EntryKind): readonly Entry[] {
  return offered.flatMap((module) => {
    const entries = entriesOf(module.def, kind).map((entry): Entry => {
      const name = `${kebabName(module.def.name)}:${entry.name}`;
      return { ...entry, module, name, description: firstLine(entry.description) };
    });
    const ignored = ignoredIn(module.toolchain, kind);
    return ignored.length === 0 ? entries : entries.filter((entry) => matchEntries([entry], ignored).length === 0);
  });
}

/**
 * The entries that one of the patterns names: a whole name, a name without the module, the beginning of one
 * (`tests` for `tests:unit`), with `*` for any letters. Without patterns: all.
 */
export function matchEntries(entries: readonly Entry[], patterns: readonly string[]): readonly Entry[] {
  if (patterns.length === 0) return entries;
  return entries.filter(({ name, module }) =>
    patterns.some((pattern) => matcherOf(pattern, kebabName(module.def.name)).test(name)),
  );
}

/** Patterns that name nothing: more often a slip of the pen than intended. */
export function unmatchedPatterns(entries: readonly Entry[], patterns: readonly string[]): readonly string[] {
  return patterns.filter((pattern) => matchEntries(entries, [pattern]).length === 0);
}

/** `no check matches "lnit"`, with the names that may have been meant. */
export function tellUnmatched(kind: string, pattern: string, entries: readonly Entry[]): string {
  const names = entries.flatMap(({ name }) => [name.slice(name.indexOf(":") + 1), name]);
  return `no ${kind} matches ${JSON.stringify(pattern)}\n${didYouMean(nearestTo(pattern, names))}`;
}

function matcherOf(pattern: string, moduleName: string): RegExp {
  const literal = (text: string) => text.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
  const body = literal(pattern).replaceAll("**", "\u0000").replaceAll("*", "[^:]*").replaceAll("\u0000", ".*");
  return new RegExp(`^(?:${literal(moduleName)}:)?${body}(?::.*)?$`);
}
