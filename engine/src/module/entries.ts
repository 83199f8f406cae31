import { fieldName, kebabName } from "../api/names.ts";
import type { ToolchainConfig } from "./config.ts";
import { type FunctionDef, type ModuleDef, mayBeMissing, type ObjectDef } from "./definition.ts";

/** A function that is reached from the main object without any argument: a check, a generator or a service. */
export interface Entry {
  /** `object:function`, in kebab case, without the module. */
  readonly name: string;
  readonly description: string;
  /** Fields to take, from the main object on. */
  readonly path: readonly string[];
}

export type EntryKind = "check" | "generator" | "service";

const IS_OF_KIND: Readonly<Record<EntryKind, (called: FunctionDef) => boolean>> = {
  check: (called) => called.isCheck,
  generator: (called) => called.isGenerator,
  service: (called) => called.isUp,
};

const IGNORED = { check: "ignoreChecks", generator: "ignoreGenerators", service: "ignoreServices" } as const;

/** Patterns of what is to be left out of a toolchain; none for a module that is no toolchain. */
export function ignoredIn(toolchain: ToolchainConfig | undefined, kind: EntryKind): readonly string[] {
  return toolchain?.[IGNORED[kind]] ?? [];
}

/** All functions of that kind that a module has, sorted by name. Objects are looked into once on each way, so that circles end. */
export function entriesOf({ main, objects }: ModuleDef, kind: EntryKind): readonly Entry[] {
  if (main === undefined) return [];
  const search: Search = { objects, isOfKind: IS_OF_KIND[kind], entries: new Map() };
  visit(main, [], new Set([main.name]), search);
  return [...search.entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

interface Search {
  readonly objects: readonly ObjectDef[];
  readonly isOfKind: (called: FunctionDef) => boolean;
  readonly entries: Map<string, Entry>;
}

function visit(object: ObjectDef, path: readonly string[], seen: ReadonlySet<string>, search: Search): void {
  for (const called of object.functions) {
    if (!called.args.every(mayBeMissing)) continue;
    const here = [...path, called.name];
    if (search.isOfKind(called)) {
      const name = here.map(kebabName).join(":");
      search.entries.set(name, { name, description: called.description, path: here });
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
  const object = search.objects.find((one) => one.name === name);
  if (object === undefined || seen.has(object.name)) return;
  visit(object, path, new Set([...seen, object.name]), search);
}

/**
 * Whether one of the patterns names what lies at a path: by its whole name or the beginning of it (`tests` for
 * `tests:unit`), in any spelling, or with `*` for any letters and `**` for any number of names. Without patterns: yes.
 */
export function isIncluded(path: readonly string[], patterns: readonly string[]): boolean {
  if (patterns.length === 0) return true;
  const names = path.map(kebabName);
  return patterns.some((pattern) => {
    const parts = pattern.split(":");
    const isStart = parts.every((part, nth) => nth < path.length && fieldName(part) === fieldName(path[nth] ?? ""));
    return isStart || globOf(parts.map(kebabName).join("/")).test(names.join("/"));
  });
}

/** `*`, `**`, `?`, `[a-z]` and `{a,b}` over names that are parted by slashes. */
function globOf(pattern: string): RegExp {
  let body = "";
  let depth = 0;
  for (const [token] of pattern.matchAll(/\/\*\*(?=\/|$)|\*\*\/|\*\*|\[[^\]]+\]|\\.|./gs)) {
    if (token === "{") depth += 1;
    if (token === "}") depth -= 1;
    body += GLOB_TOKENS[token] ?? textToken(token, depth);
  }
  return new RegExp(`^${body}$`, "s");
}

const GLOB_TOKENS: Readonly<Record<string, string>> = {
  "/**": "(?:/.*)?",
  "**/": "(?:.*/)?",
  "**": ".*",
  "*": "[^/]*",
  "?": "[^/]",
  "{": "(?:",
  "}": ")",
};

function textToken(token: string, depth: number): string {
  if (token === "," && depth > 0) return "|";
  if (token.length > 1) return token.replace(/^\[!/, "[^");
  return token.replace(/[.+^$()|[\]\\]/, "\\$&");
}
