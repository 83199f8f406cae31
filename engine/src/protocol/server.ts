import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Catalogue } from "../api/catalogue.ts";
import type { Graph } from "../api/graph.ts";
import { answer, type Request } from "./query.ts";

/** Whoever has the token sees these objects and types. */
export interface Client {
  readonly graph: Graph;
  readonly catalogue: () => Catalogue;
}

/** Longer than any SDK keeps an idle connection: one that we close could meet its next request. */
const KEEP_ALIVE_MS = 10 * 60_000;

/** The session's HTTP endpoint: `POST /query` with a token as the user of basic authentication. */
export class SessionServer {
  readonly #clients = new Map<string, Client>();
  readonly #servers: Server[] = [];

  addClient(token: string, client: Client): void {
    this.#clients.set(token, client);
  }

  removeClient(token: string): void {
    this.#clients.delete(token);
  }

  /** Listens on a free port of 127.0.0.1 and returns it. */
  async listen(): Promise<number> {
    const server = await this.#start((started, done) => started.listen(0, "127.0.0.1", done));
    return (server.address() as AddressInfo).port;
  }

  /** Listens on a unix socket too. */
  async listenOn(path: string): Promise<void> {
    await this.#start((started, done) => started.listen(path, done));
  }

  async #start(listen: (server: Server, done: () => void) => void): Promise<Server> {
    const server = createServer((request, response) => void this.#handle(request, response));
    server.keepAliveTimeout = KEEP_ALIVE_MS;
    server.requestTimeout = 0;
    this.#servers.push(server);
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      listen(server, resolve);
    });
    return server;
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#servers.map((server) => {
        server.closeAllConnections();
        return new Promise((resolve) => server.close(resolve));
      }),
    );
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const client = this.#clients.get(tokenOf(request));
    if (client === undefined) {
      response.writeHead(401, { "www-authenticate": 'Basic realm="Access to the Dagger engine session"' }).end();
      return;
    }
    const type = answerType(request);
    const wanted = await requestOf(request);
    if ("status" in wanted) {
      send(response, wanted.status, wanted.type ?? type, wanted.body);
      return;
    }
    const result = await answer(client.graph, client.catalogue(), wanted);
    send(response, result.status, type, result.body);
  }
}

function tokenOf(request: IncomingMessage): string {
  const [scheme, value = ""] = (request.headers.authorization ?? "").split(" ");
  if (scheme !== "Basic") return "";
  return Buffer.from(value, "base64").toString("utf8").split(":")[0] ?? "";
}

function answerType(request: IncomingMessage): string {
  const graphql = "application/graphql-response+json";
  return (request.headers.accept ?? "").includes(graphql) ? graphql : "application/json";
}

interface Refusal {
  readonly status: number;
  readonly type?: string;
  readonly body: unknown;
}

function problem(status: number, message: string, more: Partial<Refusal> & { code?: string } = {}): Refusal {
  const extensions = more.code === undefined ? {} : { extensions: { code: more.code } };
  const body = { errors: [{ message, ...extensions }], ...(status === 422 ? { data: null } : {}) };
  return { status, body, ...(more.type === undefined ? {} : { type: more.type }) };
}

/** Reads the request the way gqlgen's transports do, and refuses in their words. */
async function requestOf(request: IncomingMessage): Promise<Request | Refusal> {
  if (request.method === "GET") return noOperation();
  const type = (request.headers["content-type"] ?? "").split(";")[0]?.trim();
  if (request.method !== "POST" || type !== "application/json") {
    return problem(400, "transport not supported", { type: "text/plain; charset=utf-8" });
  }
  const text = await bodyOf(request);
  const undecodable = (why: string) => problem(400, `json request body could not be decoded: ${why} body:${text}`);
  if (text === "") return undecodable("EOF");
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    return undecodable((error as Error).message);
  }
  if (Array.isArray(body)) return undecodable("json: cannot unmarshal array into Go value of type graphql.RawParams");
  const { query, variables, operationName } = body as Record<string, unknown>;
  if (query === undefined || query === null || query === "") return noOperation();
  if (typeof query !== "string") {
    return undecodable(`json: cannot unmarshal ${typeof query} into Go struct field RawParams.query of type string`);
  }
  return {
    query,
    ...(variables === undefined || variables === null ? {} : { variables: variables as Record<string, unknown> }),
    ...(typeof operationName === "string" ? { operationName } : {}),
  };
}

function noOperation(): Refusal {
  return problem(422, "no operation provided", { code: "GRAPHQL_VALIDATION_FAILED" });
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}

function send(response: ServerResponse, status: number, type: string, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(text) }).end(text);
}
