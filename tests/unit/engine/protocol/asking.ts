import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { coreCatalogue } from "../../../../engine/src/api/catalogue.ts";
import { SessionServer } from "../../../../engine/src/protocol/server.ts";
import { makeGraph } from "../api/asked.ts";

/** A request and what the real engine's own schema answered to it; where the words are inner ones, without them. */
export interface Recorded {
  readonly ask: string | Readonly<Record<string, unknown>>;
  readonly status: number;
  readonly data?: unknown;
  readonly errors?: readonly RecordedError[];
}

interface RecordedError {
  readonly message: string;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

export function readRecorded(file: string): readonly Recorded[] {
  return JSON.parse(readFileSync(new URL(file, import.meta.url), "utf8")) as readonly Recorded[];
}

/** A session server over the core API, without a store. */
export class TestServer {
  readonly #server = new SessionServer();
  port = 0;

  async start(): Promise<this> {
    this.#server.addClient("token", { graph: makeGraph(), catalogue: coreCatalogue });
    this.port = await this.#server.listen();
    return this;
  }

  async stop(): Promise<void> {
    await this.#server.close();
  }

  async post(
    body: string | Buffer,
    headers: Readonly<Record<string, string>> = { "content-type": "application/json" },
    path = "/query",
    method = "POST",
  ): Promise<{ status: number; type: string; allow: string; text: string }> {
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`, {
      method,
      headers: { ...headers, authorization: AUTHORIZATION },
      ...(method === "GET" || method === "HEAD" ? {} : { body }),
    });
    const [type, allow] = ["content-type", "allow"].map((name) => response.headers.get(name) ?? "");
    return { status: response.status, type: type ?? "", allow: allow ?? "", text: await response.text() };
  }

  async ask(request: Recorded["ask"]): Promise<Omit<Recorded, "ask">> {
    const body = typeof request === "string" ? { query: request } : request;
    const { status, text } = await this.post(JSON.stringify(body));
    const { data, errors } = JSON.parse(text) as { data?: unknown; errors?: readonly RecordedError[] };
    return errors === undefined ? { status, data } : { status, errors: errors.map(withoutInside) };
  }

  /** A connection of one's own, for what no HTTP client would send. */
  async connect(): Promise<Socket> {
    const socket = connect(this.port, "127.0.0.1");
    await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    socket.on("error", () => undefined);
    return socket;
  }
}

export const AUTHORIZATION = `Basic ${Buffer.from("token:").toString("base64")}`;

function withoutInside({ message, extensions }: RecordedError): RecordedError {
  const text = message
    .replace(/^query:\n[\s\S]*?\n\nerror: parse selections: /, "")
    .replace(/^(parse field .*?init arg "\w+" )value as .*? using \S+: /s, "$1value: ");
  return extensions === undefined ? { message: text } : { message: text, extensions };
}
