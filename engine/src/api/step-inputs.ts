import type { Snapshot } from "../store/snapshot.ts";
import { digestOf } from "../store/store.ts";
import { type Args, keyOfArgs, Obj } from "./graph.ts";
import type { StepInput, StoredFolder } from "./session.ts";

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
    const folders = field === "withExec" ? [] : await foldersOf(Object.values(given));
    inputs.push({ name: nameOf(field, given), digest: shortDigest(content), ...someFolders(folders) });
    if (isWhole) break;
  }
  return inputs;
}

/** Where many folders go into one input, the first ones will do to tell what changed. */
const MOST_FOLDERS = 8;

/** An input's member of that name; absent when it has none. */
export function someFolders(folders: readonly StoredFolder[]): Pick<StepInput, "folders"> {
  return folders.length === 0 ? {} : { folders: folders.slice(0, MOST_FOLDERS) };
}

/**
 * The folders that objects are made from and whose content is known already, in an order that is the same in each run.
 * Nothing is evaluated for it.
 */
export async function foldersOf(value: unknown, seen = new Set<Obj>()): Promise<StoredFolder[]> {
  if (Array.isArray(value)) {
    const found: StoredFolder[] = [];
    for (const one of value) found.push(...(await foldersOf(one, seen)));
    return found;
  }
  if (!(value instanceof Obj) || value.call === undefined || seen.has(value)) return [];
  seen.add(value);
  const data = (await value.pin())?.data as Partial<{ snapshot: Snapshot; path: string }> | undefined;
  if (data?.snapshot === undefined)
    return await foldersOf([value.call.parent, ...Object.values(value.call.args)], seen);
  return value.type === "Directory" ? folderOf(data.snapshot, data.path) : [];
}

/** What is read from a machine is one layer. What was put together of several is not compared file by file. */
export function folderOf({ layers: [layer, ...more] }: Snapshot, path = "/"): StoredFolder[] {
  return layer === undefined || more.length > 0 ? [] : [{ layer, path }];
}

/** Arguments that say what a call is about, and are never a value that one should not see. */
const TELLING = ["path", "address", "name"];

/** `withDirectory /src`, `the exec before: npm ci`. */
export function nameOf(field: string, args: Args): string {
  if (field === "withExec" && Array.isArray(args["args"])) return `the exec before: ${args["args"].join(" ")}`;
  const about = TELLING.map((name) => args[name]).find((value) => typeof value === "string" && value !== "");
  return about === undefined ? field : `${field} ${String(about)}`;
}
