import { digestOf } from "../store/store.ts";
import { type Args, keyOfArgs, type Obj } from "./graph.ts";
import type { StepInput } from "./session.ts";

/** Digests are compared and shown, and nothing is found by them: that many characters tell any two of a run apart. */
const SHOWN_DIGITS = 12;

/** A short digest of any JSON value. */
export function shortDigest(value: unknown): string {
  return digestOf(value).slice(0, SHOWN_DIGITS);
}

/**
 * What an exec depends on: its command, and each call by which its container was made, back to the exec before it or to
 * what is known by its content; of each call what counts for the outcome. A run with another outcome differs from an earlier one in one of these.
 */
export async function inputsOfExec(container: Obj, args: Args): Promise<readonly StepInput[]> {
  const inputs: StepInput[] = [{ name: "the command", digest: shortDigest(await keyOfArgs(args)) }];
  for (let object = container; object.call !== undefined; object = object.call.parent) {
    const { parent, field, args: given } = object.call;
    const pin = await object.pin();
    const isWhole = pin !== undefined || field === "withExec";
    const counted = object.graph.field(parent.type, field).keyArgs?.(given) ?? given;
    const content = isWhole ? await object.key() : await keyOfArgs(counted);
    inputs.push({ name: nameOf(field, given), digest: shortDigest(content) });
    if (isWhole) break;
  }
  return inputs;
}

/** Arguments that say what a call is about, and are never a value that one should not see. */
const TELLING = ["path", "address", "name"];

/** `withDirectory /src`, `the exec before: npm ci`. */
export function nameOf(field: string, args: Args): string {
  if (field === "withExec" && Array.isArray(args["args"])) return `the exec before: ${args["args"].join(" ")}`;
  const about = TELLING.map((name) => args[name]).find((value) => typeof value === "string" && value !== "");
  return about === undefined ? field : `${field} ${String(about)}`;
}
