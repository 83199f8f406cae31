import { abbreviate, escapePattern } from "./verdict.ts";

const holes: Record<string, string> = {
  "<id>": '[^\\s"]+',
  "<digest>": "[a-z0-9]+:[0-9a-f]{16,128}",
  "<any>": "[\\s\\S]*",
};

/** The first difference between the recorded answer and the one that came, or `undefined`. */
export function findDifference(expected: unknown, actual: unknown, path = ""): string | undefined {
  const differs = () => `${path || "answer"}: expected ${abbreviate(expected)}, got ${abbreviate(actual)}`;
  if (expected === "<any>") return undefined;
  if (typeof expected === "string") return matchesText(expected, actual) ? undefined : differs();
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return differs();
    if (expected[0] === "<unordered>") return findSetDifference(expected.slice(1), actual, path);
    if (actual.length !== expected.length) return differs();
    return firstOf(expected.keys(), (index) => findDifference(expected[index], actual[index], `${path}[${index}]`));
  }
  if (isRecord(expected)) {
    if (!isRecord(actual)) return differs();
    return firstOf(new Set([...Object.keys(expected), ...Object.keys(actual)]), (key) => {
      const at = path === "" ? key : `${path}.${key}`;
      if (!(key in actual)) return `${at} is missing; expected ${abbreviate(expected[key])}; got ${abbreviate(actual)}`;
      if (!(key in expected)) return `${at} was not expected: ${abbreviate(actual[key])}`;
      return findDifference(expected[key], actual[key], at);
    });
  }
  return expected === actual ? undefined : differs();
}

function findSetDifference(expected: readonly unknown[], actual: readonly unknown[], path: string): string | undefined {
  const left = [...actual];
  for (const item of expected) {
    const index = left.findIndex((candidate) => findDifference(item, candidate) === undefined);
    if (index < 0) return `${path || "answer"}: expected ${abbreviate(item)} somewhere in ${abbreviate(actual)}`;
    left.splice(index, 1);
  }
  return left.length > 0 ? `${path || "answer"}: ${abbreviate(left)} was not expected` : undefined;
}

function matchesText(expected: string, actual: unknown): boolean {
  if (typeof actual !== "string") return false;
  if (expected === actual) return true;
  if (!/<(id|digest|any)>/.test(expected)) return false;
  const body = expected.split(/(<id>|<digest>|<any>)/).map((part) => holes[part] ?? escapePattern(part));
  return new RegExp(`^${body.join("")}$`).test(actual);
}

function firstOf<T>(items: Iterable<T>, find: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether a value is an object with named fields. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
