import type { z } from "zod";
import { listProblems, type Problem, tellProblem } from "./problems.ts";

/** What a text in JSON holds, or everything that is wrong with it, one line each. */
export type RecordRead<Value> = { readonly value: Value } | { readonly problems: readonly string[] };

/** `JSON.parse` goes into the depth by calling itself. Slipway's own records are seven deep. */
const MAX_DEPTH = 100;

/**
 * Reads a record that Slipway or a person keeps as JSON. A name that stands twice in an object is refused, and one that
 * JavaScript would lose: what is not seen here must not be in what was signed or hashed.
 */
export function readRecordText<Value>(schema: z.ZodType<Value>, text: string): RecordRead<Value> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { problems: [`this is not JSON: ${error instanceof Error ? error.message : String(error)}`] };
  }
  const structure = [...findStructure(json, [])];
  if (countNames(text) !== countMembers(json)) structure.push({ path: [], text: "a name appears twice in an object" });
  if (structure.length > 0) return { problems: structure.map(tellProblem) };
  const parsed = schema.safeParse(json);
  if (parsed.success) return { value: parsed.data };
  return { problems: listProblems(parsed.error, json).map(tellProblem) };
}

function* findStructure(value: unknown, path: readonly PropertyKey[]): Iterable<Problem> {
  if (typeof value !== "object" || value === null) return;
  if (path.length > MAX_DEPTH) {
    yield { path: path.slice(0, 3), text: "is nested too deeply" };
    return;
  }
  for (const [key, member] of Object.entries(value)) {
    if (key === "__proto__") yield { path: [...path, key], text: "cannot be used as a name" };
    yield* findStructure(member, [...path, key]);
  }
}

/** In JSON a text before a colon is always a name. */
function countNames(text: string): number {
  return text.match(/"(?:[^"\\]|\\.)*"(?=\s*:)/g)?.length ?? 0;
}

function countMembers(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const members = Object.values(value);
  return members.reduce<number>((sum, member) => sum + countMembers(member), Array.isArray(value) ? 0 : members.length);
}
