import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { digestOf } from "../store/store.ts";
import { ApiError } from "./errors.ts";

/** Arguments as the client gave them: ids are already objects, defaults are not filled in. */
export type Args = Readonly<Record<string, unknown>>;

/** One step of a recipe: which field of which object, with what. The root has no call. */
export interface Call {
  readonly parent: Obj;
  readonly field: string;
  readonly args: Args;
  /** Place in the list, when the field gives a list of objects. */
  readonly nth?: number;
}

/** What is known of an object whose identity is its content, not its recipe. */
export interface Pin {
  /** Takes the place of the recipe in every key. */
  readonly key: string;
  /** JSON from which a later process gets the value again without the host. */
  readonly data?: unknown;
}

/** How a field is answered. */
export interface Field {
  /**
   * The value: of the object when the field gives one (then it runs once, when something needs it), else the answer.
   * Lists of objects are lists of values. `undefined` and `null` are null.
   */
  run(self: Obj, args: Args, graph: Graph, pin: Pin | undefined): unknown;
  /** For objects that are identified by content; `undefined` when this one is not. Runs when an id or a key is needed. */
  pin?(self: Obj, args: Args, graph: Graph): Promise<Pin | undefined>;
  /** Arguments that count for the key; all of them when absent. */
  keyArgs?(args: Args): Args;
  /** Arguments that may stand in an id and make it the same object; all of them when absent. */
  idArgs?(args: Args): Args;
  /** The object may be null, or must be made even when nobody needs it: evaluated at once. */
  eager?: true;
  /** Asked for twice it is another object. */
  fresh?(args: Args): boolean;
  /** An id of it cannot be taken when this fails. */
  check?(self: Obj, args: Args, graph: Graph): Promise<void>;
}

/** All fields that are supported: type → field → how. */
export type Fields = Readonly<Record<string, Readonly<Record<string, Field>>>>;

/**
 * An immutable object of the API: a recipe that is evaluated when something needs its value, once at a time.
 *
 * Two equal recipes of one session are the same object, so parallel and repeated queries share the work. What fails is
 * tried again by the next one who asks.
 */
export class Obj {
  #value: Promise<unknown> | undefined;
  #pin: Promise<Pin | undefined> | undefined;
  #key: Promise<string> | undefined;
  #id: Promise<string> | undefined;

  /** @param structure equal for equal recipes of this session */
  constructor(
    readonly graph: Graph,
    readonly type: string,
    readonly call: Call | undefined,
    readonly structure: string,
    given: { pin?: Pin; value?: unknown } = {},
  ) {
    if (given.pin !== undefined) this.#pin = Promise.resolve(given.pin);
    if ("value" in given) this.#value = Promise.resolve(given.value);
  }

  /** The value; runs what has not run yet. */
  value<T>(): Promise<T> {
    if (this.#value === undefined) {
      const running = this.#evaluate();
      this.#value = running;
      running.catch(() => {
        if (this.#value === running) this.#value = undefined;
      });
    }
    return this.#value as Promise<T>;
  }

  async #evaluate(): Promise<unknown> {
    const { call, graph } = this;
    if (call === undefined) return undefined;
    const field = graph.field(call.parent.type, call.field);
    const value = await field.run(call.parent, call.args, graph, await this.pin());
    return call.nth === undefined ? value : (value as unknown[])[call.nth];
  }

  /** What stands for its content, when it is identified by that. */
  pin(): Promise<Pin | undefined> {
    if (this.#pin === undefined) {
      const { call, graph } = this;
      const field = call === undefined ? undefined : graph.field(call.parent.type, call.field);
      const pinning = call === undefined ? undefined : field?.pin?.(call.parent, call.args, graph);
      this.#pin = pinning ?? Promise.resolve(undefined);
      pinning?.catch(() => {
        this.#pin = undefined;
      });
    }
    return this.#pin;
  }

  /** Names what the value depends on, the same in every session. */
  key(): Promise<string> {
    this.#key ??= this.#makeKey();
    this.#key.catch(() => {
      this.#key = undefined;
    });
    return this.#key;
  }

  async #makeKey(): Promise<string> {
    const pin = await this.pin();
    if (pin !== undefined) return pin.key;
    const { call, graph } = this;
    if (call === undefined) return "root";
    const field = graph.field(call.parent.type, call.field);
    const args = field.keyArgs?.(call.args) ?? call.args;
    const parts = [this.type, await call.parent.key(), call.field, await keyOfArgs(args), call.nth ?? null];
    return digestOf(parts);
  }

  /** The text that stands for it in any session of this store. */
  id(): Promise<string> {
    this.#id ??= encodeId(this);
    this.#id.catch(() => {
      this.#id = undefined;
    });
    return this.#id;
  }
}

/** What arguments mean: equal for equal content, however it was made. */
export async function keyOfArgs(args: Args): Promise<unknown> {
  const names = Object.keys(args).sort();
  return await Promise.all(names.map(async (name) => [name, await keyOfArg(args[name])]));
}

async function keyOfArg(value: unknown): Promise<unknown> {
  if (value instanceof Obj) return { object: await value.key() };
  if (Array.isArray(value)) return await Promise.all(value.map(keyOfArg));
  return value;
}

/** Calls in an order in which each comes after what it needs; `{"$": n}` stands for the n-th of them. */
interface EncodedCall {
  readonly t: string;
  readonly f: string;
  /** Parent; absent: the root. */
  readonly p?: number;
  readonly a?: Record<string, unknown>;
  readonly n?: number;
  readonly c?: Pin;
}

const ID_MARK = "slw1";
/** 128 bits in base64url. */
const SEAL_CHARACTERS = 22;

async function encodeId(object: Obj): Promise<string> {
  const calls: EncodedCall[] = [];
  const places = new Map<Obj, number>();
  await addCall(object, calls, places);
  const body = deflateRawSync(JSON.stringify(calls), { level: 6 }).toString("base64");
  return Buffer.from(`${ID_MARK} ${object.graph.seal(body)} ${body}`).toString("base64");
}

async function addCall(object: Obj, calls: EncodedCall[], places: Map<Obj, number>): Promise<number | undefined> {
  const { call, graph } = object;
  if (call === undefined) return undefined;
  const known = places.get(object);
  if (known !== undefined) return known;
  const pin = await object.pin();
  await graph.field(call.parent.type, call.field).check?.(call.parent, call.args, graph);
  // What is known by its content does not need its parents in another session, but this one finds the same object by them.
  const parent = await addCall(call.parent, calls, places);
  const args: Record<string, unknown> = {};
  const idArgs = graph.field(call.parent.type, call.field).idArgs?.(call.args) ?? call.args;
  for (const [name, value] of Object.entries(idArgs)) args[name] = await encodeArg(value, calls, places);
  const encoded: EncodedCall = {
    t: object.type,
    f: call.field,
    ...(parent === undefined ? {} : { p: parent }),
    ...(Object.keys(args).length === 0 ? {} : { a: args }),
    ...(call.nth === undefined ? {} : { n: call.nth }),
    ...(pin === undefined ? {} : { c: pin }),
  };
  calls.push(encoded);
  places.set(object, calls.length - 1);
  return calls.length - 1;
}

async function encodeArg(value: unknown, calls: EncodedCall[], places: Map<Obj, number>): Promise<unknown> {
  if (value instanceof Obj) return { $: (await addCall(value, calls, places)) ?? -1 };
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (const item of value) items.push(await encodeArg(item, calls, places));
    return items;
  }
  return value;
}

/** The objects of one session, and how their fields are answered. `S` is what the session has to work with. */
export class Graph<S = unknown> {
  readonly root: Obj;
  readonly #objects = new Map<string, Obj>();
  readonly #shortcuts = new Map<string, Field>();
  #fields: Fields;

  /**
   * @param sealKey known to this engine alone: an id leads to files and secrets of the person, so only those count that
   * an engine with this key has made
   */
  constructor(
    fields: Fields,
    readonly session: S,
    readonly sealKey: Uint8Array,
  ) {
    this.#fields = fields;
    this.root = new Obj(this as Graph, "Query", undefined, "root");
  }

  /** What makes an id's body believable. */
  seal(body: string): string {
    return createHmac("sha256", this.sealKey).update(body).digest("base64url").slice(0, SEAL_CHARACTERS);
  }

  /** Adds the types of a module. */
  addFields(fields: Fields): void {
    const merged: Record<string, Readonly<Record<string, Field>>> = { ...this.#fields };
    for (const [type, more] of Object.entries(fields)) merged[type] = { ...merged[type], ...more };
    this.#fields = merged;
  }

  /** Another view of the session that knows more types. Its objects are others; their values and ids mean the same. */
  fork(fields: Fields): Graph<S> {
    const made = new Graph(this.#fields, this.session, this.sealKey);
    made.addFields(fields);
    return made;
  }

  /**
   * Lets clients ask the root for fields of the module at the top. They are no part of a recipe, so one may be called like
   * a field of the root, such as the constructor of a module, which objects and ids go on meaning.
   */
  addShortcuts(shortcuts: Readonly<Record<string, Field>>): void {
    for (const [name, field] of Object.entries(shortcuts)) this.#shortcuts.set(name, field);
  }

  /** What a client gets that asks an object for a field; `undefined` when it is not supported. */
  asked(on: Obj, field: string): Field | undefined {
    return (on === this.root ? this.#shortcuts.get(field) : undefined) ?? this.#fields[on.type]?.[field];
  }

  supports(type: string, field: string): boolean {
    return this.#fields[type]?.[field] !== undefined;
  }

  field(type: string, field: string): Field {
    const found = this.#fields[type]?.[field];
    if (found === undefined) throw new Error(`no field ${type}.${field}: it should have been refused before`);
    return found;
  }

  /** The object that a call stands for; the same one for the same call. */
  object(type: string, call: Call, given: { pin?: Pin; value?: unknown } = {}): Obj {
    const field = this.field(call.parent.type, call.field);
    const fresh = given.pin === undefined && field.fresh?.(call.args) === true;
    const structure = fresh
      ? randomUUID()
      : digestOf([
          type,
          call.parent.structure,
          call.field,
          structureOf(field.idArgs?.(call.args) ?? call.args),
          call.nth ?? null,
          given.pin?.key ?? null,
        ]);
    const known = this.#objects.get(structure);
    if (known !== undefined) return known;
    const made = new Obj(this as Graph, type, call, structure, given);
    this.#objects.set(structure, made);
    return made;
  }

  /**
   * The object of an id.
   *
   * @throws ApiError when the text is no id
   */
  decode(id: string): Obj {
    const text = Buffer.from(id, "base64").toString("utf8");
    const [mark, seal = "", body] = text.split(" ");
    if (mark !== ID_MARK || body === undefined) {
      throw new ApiError(`invalid ID string: failed to decode base64: ${base64Problem(id)}`);
    }
    if (seal.length !== SEAL_CHARACTERS || !timingSafeEqual(Buffer.from(seal), Buffer.from(this.seal(body)))) {
      throw new ApiError("invalid ID string: it was not made by this engine");
    }
    const calls = JSON.parse(inflateRawSync(Buffer.from(body, "base64")).toString("utf8")) as EncodedCall[];
    const objects: Obj[] = [];
    for (const encoded of calls) {
      const parent = encoded.p === undefined ? this.root : (objects[encoded.p] as Obj);
      const args: Record<string, unknown> = {};
      for (const [name, value] of Object.entries(encoded.a ?? {})) args[name] = decodeArg(value, objects, this.root);
      const call: Call = { parent, field: encoded.f, args, ...(encoded.n === undefined ? {} : { nth: encoded.n }) };
      objects.push(this.object(encoded.t, call, encoded.c === undefined ? {} : { pin: encoded.c }));
    }
    return objects.at(-1) ?? this.root;
  }
}

function structureOf(value: unknown): unknown {
  if (value instanceof Obj) return { object: value.structure };
  if (Array.isArray(value)) return value.map(structureOf);
  if (value !== null && typeof value === "object") {
    return Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, item]) => [name, structureOf(item)]);
  }
  return value;
}

function decodeArg(value: unknown, objects: readonly Obj[], root: Obj): unknown {
  if (Array.isArray(value)) return value.map((item) => decodeArg(item, objects, root));
  if (value !== null && typeof value === "object" && "$" in value) {
    const place = (value as { $: number }).$;
    return place === -1 ? root : objects[place];
  }
  return value;
}

/** The words of Go's decoder, which the real engine's clients see. */
function base64Problem(id: string): string {
  const bad = id.search(/[^A-Za-z0-9+/=]/);
  const rest = id.length % 4;
  return `illegal base64 data at input byte ${bad >= 0 ? bad : rest === 0 ? 0 : id.length - rest}`;
}
