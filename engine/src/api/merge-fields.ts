import type { Field, Fields } from "./graph.ts";

/** All fields of several parts; of two with the same name the later one counts. */
export function mergeFields(...parts: readonly Fields[]): Fields {
  const all: Record<string, Record<string, Field>> = {};
  for (const part of parts) {
    for (const [type, own] of Object.entries(part)) all[type] = { ...all[type], ...own };
  }
  return all;
}
