import { flag, object, text, texts } from "./arguments.ts";
import { ApiError, unsupported } from "./errors.ts";
import { jsonKind, jsonProblem, wellFormed } from "./go-json.ts";
import type { Args, Fields, Obj } from "./graph.ts";

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** The value of a JSONValue is its text: what a client wrote is kept as it is until something is changed in it. */
export const jsonValueFields: Fields = {
  Query: {
    json: { run: () => "null" },
  },
  JSONValue: {
    contents: {
      run: async (self, args) => {
        const document = await textOf(self);
        return flag(args["pretty"]) ? encode(parse(document), text(args["indent"], "  "), "\n") : document;
      },
    },
    withContents: {
      run: (_self, args) => {
        const document = text(args["contents"]);
        parseDocument(document, (reason) => new ApiError(`invalid JSON: ${reason}`));
        return document;
      },
    },
    newString: { run: (_self, args) => write(text(args["value"])) },
    newInteger: { run: (_self, args) => write(args["value"] as number) },
    newBoolean: { run: (_self, args) => write(flag(args["value"])) },
    field: {
      run: async (self, args) => {
        let value = parse(await textOf(self));
        for (const name of texts(args["path"])) value = lookUp(value, name);
        return write(value);
      },
    },
    withField: {
      run: async (self, args: Args) => {
        const added = parse(await textOf(object(args["value"])));
        return write(withField(parse(await textOf(self)), texts(args["path"]), added));
      },
    },
    fields: {
      run: async (self) => {
        const value = parse(await textOf(self));
        if (!isObject(value)) throw new ApiError("value is not an object");
        return Object.keys(value);
      },
    },
    asArray: {
      run: async (self) => {
        const value = parse(await textOf(self));
        if (!Array.isArray(value)) throw new ApiError("value is not an array");
        return value.map((item: Json) => write(item));
      },
    },
    asString: {
      run: async (self) => {
        const value = parse(await textOf(self));
        if (value === null) return "";
        if (typeof value !== "string") throw new ApiError(wrongType(value, "string"));
        return wellFormed(value);
      },
    },
    asInteger: {
      run: async (self) => {
        const document = (await textOf(self)).trim();
        const value = parse(document);
        if (value === null) return 0;
        if (typeof value !== "number") throw new ApiError(wrongType(value, "int"));
        // By how it is written: 1.0 and 1e3 are none.
        if (!/^-?\d+$/.test(document) || BigInt(document) !== BigInt.asIntN(64, BigInt(document))) {
          throw new ApiError(`json: cannot unmarshal number ${document} into Go value of type int`);
        }
        if (BigInt(value) !== BigInt(document)) throw unsupported(`the number ${document}, beyond 53 bits,`);
        return value;
      },
    },
    asBoolean: {
      run: async (self) => {
        const value = parse(await textOf(self));
        if (typeof value !== "boolean") throw new ApiError("value is not a boolean");
        return value;
      },
    },
  },
};

async function textOf(self: Obj): Promise<string> {
  return await self.value<string>();
}

function wrongType(value: Json, wanted: string): string {
  return `json: cannot unmarshal ${jsonKind(value)} into Go value of type ${wanted}`;
}

function isObject(value: Json): value is { readonly [name: string]: Json } {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function lookUp(value: Json, name: string): Json {
  if (!isObject(value)) throw new ApiError(`can't lookup field '${name}' in non-object value`);
  if (!Object.hasOwn(value, name)) throw new ApiError(`no such field: '${name}'`);
  return value[name] as Json;
}

function withField(value: Json, path: readonly string[], added: Json): Json {
  const [name, ...rest] = path;
  if (name === undefined) return added;
  if (value !== null && !isObject(value)) throw new ApiError(`can't set field '${name}' in non-object value`);
  const inner = value !== null && Object.hasOwn(value, name) ? (value[name] as Json) : null;
  return { ...value, [name]: withField(inner, rest, added) };
}

function parse(document: string): Json {
  return parseDocument(document, (reason) => new ApiError(reason));
}

/** @throws what `problem` makes of the reason, which is in the words of Go's decoder */
export function parseDocument(document: string, problem: (reason: string) => Error): Json {
  let value: Json;
  try {
    value = JSON.parse(document) as Json;
  } catch (error) {
    throw problem(jsonProblem(document) ?? (error as Error).message);
  }
  if (!hasInfinity(value)) return value;
  const numbers = document.match(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g) ?? [];
  const large = numbers.find((number) => !Number.isFinite(Number(number)));
  if (large !== undefined) throw problem(`json: cannot unmarshal number ${large} into Go value of type float64`);
  return value;
}

function hasInfinity(value: Json): boolean {
  if (typeof value === "number") return !Number.isFinite(value);
  return value !== null && typeof value === "object" && Object.values(value).some(hasInfinity);
}

/** As Go writes it: names in order of their bytes, `<`, `>` and `&` escaped. */
function write(value: Json): string {
  return encode(value, undefined, "\n");
}

/** Not JSON.stringify, which puts names that look like numbers first. */
function encode(value: Json, indent: string | undefined, line: string): string {
  if (value === null || typeof value !== "object") return encodePlain(value);
  const inner = indent === undefined ? "" : line + indent;
  const outer = indent === undefined ? "" : line;
  const below = (item: Json) => encode(item, indent, indent === undefined ? line : inner);
  if (Array.isArray(value)) {
    return value.length === 0 ? "[]" : `[${value.map((item: Json) => inner + below(item)).join(",")}${outer}]`;
  }
  const fields = Object.entries(value as { readonly [name: string]: Json }).sort(([a], [b]) => (a < b ? -1 : 1));
  const colon = indent === undefined ? ":" : ": ";
  const written = fields.map(([name, item]) => `${inner}${encodePlain(name)}${colon}${below(item)}`);
  return written.length === 0 ? "{}" : `{${written.join(",")}${outer}}`;
}

function encodePlain(value: null | boolean | number | string): string {
  if (Object.is(value, -0)) return "-0";
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
