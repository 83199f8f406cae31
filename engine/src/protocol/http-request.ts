import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { decodeText } from "../api/file-contents.ts";
import { firstJson, jsonKind, wellFormed } from "../api/go-json.ts";
import type { Request } from "./query.ts";

/** What is answered without looking at any query. */
export interface Refusal {
  readonly status: number;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON when it is no text. */
  readonly body: unknown;
}

/** A query holds contents of new files; what is larger comes from the host or from a command. */
const MOST_BYTES = 32 << 20;
const PLAIN = "text/plain; charset=utf-8";

/**
 * Reads a request the way that gqlgen's transports do, and refuses in their words.
 *
 * @throws Error when the client ends the connection before its request is whole
 */
export async function readRequest(request: IncomingMessage): Promise<Request | Refusal> {
  const url = new URL(request.url ?? "/", "http://engine");
  if (decodePath(url.pathname) !== "/query") return { status: 404, type: PLAIN, body: "404 page not found\n" };
  if (request.headers.upgrade !== undefined) return unsupportedTransport();
  switch (request.method) {
    case "GET":
      // The real engine's client passes a path on without what follows it, so a query in the address is lost.
      return { query: "" };
    case "OPTIONS":
      return { status: 200, headers: { allow: "OPTIONS, GET, POST" }, body: "" };
    case "HEAD":
      return { status: 405, body: "" };
    case "POST":
      return isJson(request.headers["content-type"] ?? "") ? await fromBody(request) : unsupportedTransport();
    default:
      return unsupportedTransport();
  }
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function unsupportedTransport(): Refusal {
  return { status: 400, type: PLAIN, body: { errors: [{ message: "transport not supported" }] } };
}

function isJson(type: string): boolean {
  const [media = "", ...parameters] = type.split(";");
  if (media.trim().toLowerCase() !== "application/json") return false;
  return parameters.every((parameter) => parameter.trim() === "" || /^\s*[\w.+-]+\s*=\s*\S+/.test(parameter));
}

async function fromBody(request: IncomingMessage): Promise<Request | Refusal> {
  const text = await bodyOf(request);
  if (text === undefined) {
    return failure(413, `http: request body too large: a query may have ${MOST_BYTES >> 20} MiB`);
  }
  const undecodable = (why: string) => failure(400, `json request body could not be decoded: ${why} body:${text}`);
  const parsed = firstValue(text);
  return "problem" in parsed ? undecodable(parsed.problem) : fromParams(parsed.value, undecodable);
}

/** The scanner is only asked where the parser, which is much faster, does not get through. */
function firstValue(text: string): { readonly value: unknown } | { readonly problem: string } {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return firstJson(text);
  }
}

const PARAMETERS: Readonly<Record<string, string>> = {
  query: "string",
  operationname: "string",
  variables: "map[string]interface {}",
  extensions: "map[string]interface {}",
};
const NAMES: Readonly<Record<string, string>> = { operationname: "operationName" };

function fromParams(body: unknown, undecodable: (why: string) => Refusal): Request | Refusal {
  if (body === null) return { status: 422, body: { errors: [{ message: "internal system error" }], data: null } };
  if (typeof body !== "object" || Array.isArray(body)) {
    return undecodable(`json: cannot unmarshal ${jsonKind(body)} into Go value of type graphql.RawParams`);
  }
  const params = new Map<string, unknown>();
  // Go's decoder finds its fields in whatever case they are written; null leaves them as they are.
  for (const [given, value] of Object.entries(body)) {
    const name = given.toLowerCase();
    const type = PARAMETERS[name];
    if (type === undefined || value === null) continue;
    const fits = type === "string" ? typeof value === "string" : typeof value === "object" && !Array.isArray(value);
    if (!fits) {
      const field = `RawParams.${NAMES[name] ?? name}`;
      return undecodable(`json: cannot unmarshal ${jsonKind(value)} into Go struct field ${field} of type ${type}`);
    }
    params.set(name, value);
  }
  return requestOf(params);
}

function requestOf(params: ReadonlyMap<string, unknown>): Request | Refusal {
  const query = wellFormed((params.get("query") as string | undefined) ?? "");
  const persisted = persistedProblem(query, params.get("extensions") as Record<string, unknown> | undefined);
  if (persisted !== undefined) return persisted;
  const variables = params.get("variables") as Record<string, unknown> | undefined;
  const operationName = params.get("operationname") as string | undefined;
  return {
    query,
    ...(variables === undefined ? {} : { variables }),
    ...(operationName === undefined ? {} : { operationName }),
  };
}

/** Queries are not kept for later: a client that sends the hash of one is told to send it whole. */
function persistedProblem(
  query: string,
  extensions: Readonly<Record<string, unknown>> | undefined,
): Refusal | undefined {
  const given = extensions?.["persistedQuery"];
  if (given === undefined || given === null) return undefined;
  if (typeof given !== "object" || Array.isArray(given)) return failure(200, "invalid APQ extension data");
  const { version, sha256Hash } = given as { readonly version?: unknown; readonly sha256Hash?: unknown };
  if (version !== 1) return failure(200, "unsupported APQ version");
  if (query === "") return failure(200, "PersistedQueryNotFound", { code: "PERSISTED_QUERY_NOT_FOUND" });
  const hash = createHash("sha256").update(query).digest("hex");
  return hash === sha256Hash ? undefined : failure(200, "provided APQ hash does not match query");
}

function failure(status: number, message: string, extensions?: Readonly<Record<string, unknown>>): Refusal {
  const error = extensions === undefined ? { message } : { message, extensions };
  return { status, body: { errors: [error], data: null } };
}

/** @returns undefined when it is too large */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  if (Number(request.headers["content-length"] ?? 0) > MOST_BYTES) return undefined;
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += (part as Buffer).length;
    if (size > MOST_BYTES) return undefined;
    parts.push(part as Buffer);
  }
  return decodeText(Buffer.concat(parts));
}
