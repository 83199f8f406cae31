import { kebabName } from "../../api/names.ts";
import type { FunctionDef, ModuleDef, ObjectDef } from "../../module/definition.ts";
import { isRequired } from "../argument-flag.ts";
import { compareText } from "../chain.ts";
import { firstLine } from "../help.ts";

/** A function that is reached from the main object without any argument: a check, a generator or a service. */
export interface Entry {
  /** `module:object:function`, in kebab case. */
  readonly name: string;
  readonly description: string;
  /** Fields to take, from the main object on. */
  readonly path: readonly string[];
}

/** All functions of that kind, sorted by name. Objects are looked into once on each way, so that circles end. */
export function findEntries(module: ModuleDef, isOfKind: (called: FunctionDef) => boolean): readonly Entry[] {
  if (module.main === undefined) return [];
  const entries: Entry[] = [];
  visit(module.main, [], new Set([module.main.name]), { module, isOfKind, entries });
  return entries.sort((a, b) => compareText(a.name, b.name));
}

interface Search {
  readonly module: ModuleDef;
  readonly isOfKind: (called: FunctionDef) => boolean;
  readonly entries: Entry[];
}

function visit(object: ObjectDef, path: readonly string[], seen: ReadonlySet<string>, search: Search): void {
  for (const called of object.functions) {
    if (called.args.some(isRequired)) continue;
    const here = [...path, called.name];
    if (search.isOfKind(called)) {
      const name = [search.module.name, ...here].map(kebabName).join(":");
      search.entries.push({ name, description: firstLine(called.description), path: here });
      continue;
    }
    if (called.returns.kind === "object") visitNamed(called.returns.name, here, seen, search);
  }
  for (const field of object.fields) {
    if (field.type.kind === "object") visitNamed(field.type.name, [...path, field.name], seen, search);
  }
}

function visitNamed(
  name: string | undefined,
  path: readonly string[],
  seen: ReadonlySet<string>,
  search: Search,
): void {
  const object = search.module.objects.find((one) => one.name === name);
  if (object === undefined || seen.has(object.name)) return;
  visit(object, path, new Set([...seen, object.name]), search);
}

/**
 * The entries that one of the patterns names: a whole name, a name without the module, the beginning of one
 * (`tests` for `tests:unit`), with `*` for any letters. Without patterns: all.
 */
export function matchEntries(
  entries: readonly Entry[],
  patterns: readonly string[],
  moduleName: string,
): readonly Entry[] {
  if (patterns.length === 0) return entries;
  const matchers = patterns.map((pattern) => matcherOf(pattern, kebabName(moduleName)));
  return entries.filter((entry) => matchers.some((matcher) => matcher.test(entry.name)));
}

/** Patterns that name nothing: more often a slip of the pen than intended. */
export function unmatchedPatterns(
  entries: readonly Entry[],
  patterns: readonly string[],
  moduleName: string,
): readonly string[] {
  return patterns.filter((pattern) => matchEntries(entries, [pattern], moduleName).length === 0);
}

function matcherOf(pattern: string, moduleName: string): RegExp {
  const literal = (text: string) => text.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
  const body = literal(pattern).replaceAll("**", "\u0000").replaceAll("*", "[^:]*").replaceAll("\u0000", ".*");
  return new RegExp(`^(?:${literal(moduleName)}:)?${body}(?::.*)?$`);
}
