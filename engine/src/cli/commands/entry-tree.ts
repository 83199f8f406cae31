import { kebabName } from "../../api/names.ts";
import type { FunctionDef, ObjectDef } from "../../module/definition.ts";
import type { OfferedModule } from "../../module/serve.ts";
import { isRequired } from "../argument-flag.ts";
import { compareText } from "../chain.ts";
import { firstLine } from "../help.ts";

/** A function that is reached from the main object without any argument: a check, a generator or a service. */
export interface Entry {
  readonly module: OfferedModule;
  /** `module:object:function`, in kebab case. */
  readonly name: string;
  readonly description: string;
  /** Fields to take, from the main object on. */
  readonly path: readonly string[];
}

export type EntryKind = "check" | "generator" | "service";

const KINDS = {
  check: { isOfKind: (called: FunctionDef) => called.isCheck, ignored: "ignoreChecks" },
  generator: { isOfKind: (called: FunctionDef) => called.isGenerator, ignored: "ignoreGenerators" },
  service: { isOfKind: (called: FunctionDef) => called.isUp, ignored: "ignoreServices" },
} as const;

/** All functions of that kind, module after module, each sorted by name; without those that are to be left out of a toolchain. */
export function findEntries(offered: readonly OfferedModule[], kind: EntryKind): readonly Entry[] {
  return offered.flatMap((module) => {
    const entries = entriesOf(module, KINDS[kind].isOfKind);
    const ignored = module.toolchain?.[KINDS[kind].ignored] ?? [];
    return ignored.length === 0 ? entries : entries.filter((entry) => matchEntries([entry], ignored).length === 0);
  });
}

/** Objects are looked into once on each way, so that circles end. */
function entriesOf(module: OfferedModule, isOfKind: (called: FunctionDef) => boolean): readonly Entry[] {
  const { main } = module.def;
  if (main === undefined) return [];
  const entries: Entry[] = [];
  visit(main, [], new Set([main.name]), { module, isOfKind, entries });
  return entries.sort((a, b) => compareText(a.name, b.name));
}

interface Search {
  readonly module: OfferedModule;
  readonly isOfKind: (called: FunctionDef) => boolean;
  readonly entries: Entry[];
}

function visit(object: ObjectDef, path: readonly string[], seen: ReadonlySet<string>, search: Search): void {
  for (const called of object.functions) {
    if (called.args.some(isRequired)) continue;
    const here = [...path, called.name];
    if (search.isOfKind(called)) {
      const name = [search.module.def.name, ...here].map(kebabName).join(":");
      search.entries.push({ module: search.module, name, description: firstLine(called.description), path: here });
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
  const object = search.module.def.objects.find((one) => one.name === name);
  if (object === undefined || seen.has(object.name)) return;
  visit(object, path, new Set([...seen, object.name]), search);
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

function matcherOf(pattern: string, moduleName: string): RegExp {
  const literal = (text: string) => text.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
  const body = literal(pattern).replaceAll("**", "\u0000").replaceAll("*", "[^:]*").replaceAll("\u0000", ".*");
  return new RegExp(`^(?:${literal(moduleName)}:)?${body}(?::.*)?$`);
}
