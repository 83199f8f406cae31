import { type Graph, Obj } from "../api/graph.ts";
import type { StoredFolder } from "../api/session.ts";
import { foldersOf } from "../api/step-inputs.ts";
import type { Snapshot } from "../store/snapshot.ts";
import { digestOf, type Store } from "../store/store.ts";

/** Value of an object of a module: what its class needs to go on with it. */
export interface ModuleObjectValue {
  /** All properties by the names of the source, private ones included; core objects are ids. */
  readonly state: unknown;
}

/** Ids begin so; see `encodeId` of the graph. */
const ID_START = Buffer.from("slw1 ").toString("base64").slice(0, 6);

/** What a JSON value of a function means, and whether another session can use it. */
export interface Meaning {
  /** The value with the key of its object in place of each id: equal for equal content, however it was made. */
  readonly content: unknown;
  /** Something in it exists in this session only, such as a secret that code has set. */
  readonly isOfSession: boolean;
}

export async function readMeaning(json: unknown, graph: Graph): Promise<Meaning> {
  if (typeof json === "string") {
    const object = objectOfId(json, graph);
    if (object === undefined) return { content: json, isOfSession: false };
    return { content: { object: await object.key() }, isOfSession: isOfSession(object) };
  }
  if (json === null || typeof json !== "object") return { content: json, isOfSession: false };
  const entries = await Promise.all(
    Object.entries(json).map(async ([name, value]) => [name, await readMeaning(value, graph)] as const),
  );
  const content = Array.isArray(json)
    ? entries.map(([, meaning]) => meaning.content)
    : Object.fromEntries(entries.map(([name, meaning]) => [name, meaning.content]));
  return { content, isOfSession: entries.some(([, meaning]) => meaning.isOfSession) };
}

/** All texts in a JSON value of a function, also those that its ids carry: the arguments of the calls that make an object. */
export function* textsIn(json: unknown, graph: Graph, seen = new Set<Obj>()): Generator<string> {
  if (typeof json === "string") {
    const object = objectOfId(json, graph);
    if (object === undefined) yield json;
    else yield* textsIn(object, graph, seen);
  } else if (json instanceof Obj) {
    if (json.call === undefined || seen.has(json)) return;
    seen.add(json);
    yield* textsIn([json.call.parent, ...Object.values(json.call.args)], graph, seen);
  } else if (json !== null && typeof json === "object") {
    for (const value of Object.values(json)) yield* textsIn(value, graph, seen);
  }
}

/** The folders that the objects of a JSON value are made from, as `foldersOf` finds them. */
export async function foldersIn(json: unknown, graph: Graph, seen = new Set<Obj>()): Promise<StoredFolder[]> {
  if (typeof json === "string") return await foldersOf(objectOfId(json, graph), seen);
  if (json === null || typeof json !== "object") return [];
  const found: StoredFolder[] = [];
  for (const value of Object.values(json)) found.push(...(await foldersIn(value, graph, seen)));
  return found;
}

/** Whether all files are in the store that ids of a JSON value carry by their content alone, so that nobody can make them anew. */
export async function isWhole(json: unknown, graph: Graph, store: Store, seen = new Set<Obj>()): Promise<boolean> {
  if (typeof json === "string") return await isWhole(objectOfId(json, graph), graph, store, seen);
  if (json instanceof Obj) {
    if (json.call === undefined || seen.has(json)) return true;
    seen.add(json);
    const data = (await json.pin())?.data as { readonly snapshot?: Snapshot } | undefined;
    if (data?.snapshot !== undefined) return store.has(data.snapshot);
    return await isWhole([json.call.parent, ...Object.values(json.call.args)], graph, store, seen);
  }
  if (json === null || typeof json !== "object") return true;
  for (const value of Object.values(json)) if (!(await isWhole(value, graph, store, seen))) return false;
  return true;
}

function objectOfId(text: string, graph: Graph): Obj | undefined {
  if (!text.startsWith(ID_START)) return undefined;
  try {
    return graph.decode(text);
  } catch {
    // A text of the user that begins like an id.
    return undefined;
  }
}

const SESSION_FIELDS: ReadonlySet<string> = new Set(["setSecret", "service", "tunnel", "unixSocket"]);
const SESSION_OWNERS: ReadonlySet<string> = new Set(["Query", "Host"]);

/** Whether something on the way to the object is known to this session alone. */
function isOfSession(object: Obj, seen = new Set<Obj>()): boolean {
  const { call } = object;
  if (call === undefined || seen.has(object)) return false;
  seen.add(object);
  if (SESSION_FIELDS.has(call.field) && SESSION_OWNERS.has(call.parent.type)) return true;
  const inputs = [call.parent, ...Object.values(call.args).flat()];
  return inputs.some((input) => input instanceof Obj && isOfSession(input, seen));
}

/** Identity of a module's object: its type and the content of its state. */
export async function keyOfState(type: string, state: unknown, graph: Graph): Promise<string> {
  const { content } = await readMeaning(state, graph);
  return `object ${digestOf([type, content])}`;
}
