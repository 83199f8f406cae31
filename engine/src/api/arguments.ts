import type { Obj } from "./graph.ts";

/** Arguments are checked against the schema before; these only give them their types back. */
export function text(value: unknown, absent = ""): string {
  return value === undefined ? absent : (value as string);
}

export function texts(value: unknown): readonly string[] {
  return (value ?? []) as readonly string[];
}

export function flag(value: unknown): boolean {
  return value === true;
}

export function object(value: unknown): Obj {
  return value as Obj;
}
