import { type Node, parseTree } from "jsonc-parser";

/**
 * Sets a value in the text of a JSON object and leaves all else as it is written: a new key goes to the end of its object.
 * What stands on the way and is no object is replaced by one. A text that is no object counts as an empty one.
 */
export function withValue(text: string, path: readonly string[], value: unknown): string {
  const top = parseTree(text);
  if (top?.type !== "object") return JSON.stringify(nested(path, value));
  let at: Node = top;
  for (const [depth, key] of path.entries()) {
    const found = propertyOf(at, key)?.children?.[1];
    const rest = path.slice(depth + 1);
    if (found === undefined) return insert(text, at, key, nested(rest, value));
    if (rest.length === 0 || found.type !== "object") return replace(text, found, nested(rest, value));
    at = found;
  }
  return text;
}

/** Takes a value out of the text of a JSON object; nothing changes when it is not there. */
export function withoutValue(text: string, path: readonly string[]): string {
  let at = parseTree(text);
  for (const key of path.slice(0, -1)) at = propertyOf(at, key)?.children?.[1];
  const property = propertyOf(at, path.at(-1) ?? "");
  const siblings = at?.children ?? [];
  if (at === undefined || property === undefined) return text;
  const index = siblings.indexOf(property);
  const previous = siblings[index - 1];
  if (previous !== undefined) return text.slice(0, text.indexOf(",", endOf(previous))) + text.slice(endOf(property));
  const end = siblings.length > 1 ? text.indexOf(",", endOf(property)) + 1 : endOf(property);
  return text.slice(0, at.offset + 1) + text.slice(end);
}

/** The value at a path; undefined when there is none. */
export function valueAt(text: string, path: readonly string[]): unknown {
  let at = parseTree(text);
  for (const key of path) at = propertyOf(at, key)?.children?.[1];
  return at === undefined ? undefined : (JSON.parse(text.slice(at.offset, endOf(at))) as unknown);
}

/** Without what stands behind `//`, which other readers of JSON do not know. */
export function withoutLineComments(text: string): string {
  return text.replace(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*/g, (_all, string: string | undefined) => string ?? "");
}

function propertyOf(object: Node | undefined, key: string): Node | undefined {
  if (object?.type !== "object") return undefined;
  return object.children?.find(({ children }) => children?.[0]?.value === key && children.length === 2);
}

function insert(text: string, object: Node, key: string, value: unknown): string {
  const end = endOf(object) - 1;
  const comma = object.children?.length ? "," : "";
  return `${text.slice(0, end)}${comma}${JSON.stringify(key)}:${JSON.stringify(value)}${text.slice(end)}`;
}

function replace(text: string, node: Node, value: unknown): string {
  return text.slice(0, node.offset) + JSON.stringify(value) + text.slice(endOf(node));
}

function nested(path: readonly string[], value: unknown): unknown {
  return path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
}

function endOf({ offset, length }: Node): number {
  return offset + length;
}
