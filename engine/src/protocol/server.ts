import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Catalogue } from "../api/catalogue.ts";
import type { Graph } from "../api/graph.ts";
import { type Refusal, readRequest } from "./http-request.ts";
import { answer } from "./query.ts";

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

  /** Never rejects: what goes wrong with one request is told to its client, when that is still there. */
  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#answer(request, response);
    } catch (error) {
      if (request.destroyed && !request.complete) response.destroy();
      else if (!response.headersSent) send(response, { status: 500, body: problemOf(error) }, answerType(request));
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const client = this.#clients.get(tokenOf(request));
    if (client === undefined) {
      response.writeHead(401, { "www-authenticate": 'Basic realm="Access to the Dagger engine session"' }).end();
      return;
    }
    const type = answerType(request);
    const wanted = await readRequest(request);
    if ("status" in wanted) {
      send(response, wanted, type);
      return;
    }
    const { status, body } = await answer(client.graph, client.catalogue(), wanted);
    // The newer media type has its own status for a request that is wrong by itself.
    send(response, { status: status === 422 && type === GRAPHQL ? 400 : status, body }, type);
  }
}

function tokenOf(request: IncomingMessage): string {
  const [scheme, value = ""] = (request.headers.authorization ?? "").split(" ");
  if (scheme !== "Basic") return "";
  return Buffer.from(value, "base64").toString("utf8").split(":")[0] ?? "";
}

const GRAPHQL = "application/graphql-response+json";

/** The first media type of the client's list that is known; the newer one when none is. */
function answerType(request: IncomingMessage): string {
  const accepted = request.headers.accept ?? "";
  if (accepted === "") return "application/json";
  for (const part of accepted.split(",")) {
    const media = part.split(";")[0]?.trim().toLowerCase() ?? "";
    if (media === GRAPHQL) return GRAPHQL;
    if (media === "*/*" || media === "application/*" || media === "application/json") return "application/json";
  }
  return GRAPHQL;
}

function problemOf(error: unknown): unknown {
  return { errors: [{ message: error instanceof Error ? error.message : String(error) }], data: null };
}

function send(response: ServerResponse, { status, headers, body, ...given }: Refusal, type: string): void {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  response
    .writeHead(status, {
      ...(text === "" ? {} : { "content-type": given.type ?? type }),
      "content-length": Buffer.byteLength(text),
      // What is left of a request that was not read to its end must not be taken for the next one.
      ...(response.req.complete ? {} : { connection: "close" }),
      ...headers,
    })
    .end(text);
}
