import type { Readable } from "node:stream";
import { Agent, type Dispatcher, EnvHttpProxyAgent, request } from "undici";
import { isLoopbackRegistry } from "../reference.ts";
import { judgeNetwork } from "./network-words.ts";
import { trustFor } from "./trust.ts";

export interface Outgoing {
  readonly method: "GET" | "HEAD" | "POST" | "PUT";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Made for each try. */
  readonly body?: () => Readable | Buffer | string;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly method: string;
  /** Where the answer came from in the end. */
  readonly url: string;
  readonly status: number;
  /** Names in lower case; of a header that comes twice the values are joined. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Readable;
}

/** How long a connection may take, with its encryption. */
const CONNECT_TIMEOUT_MS = 10_000;
/** Without a byte. A registry that stores a large layer answers only when it is done. */
const IDLE_MS = 120_000;
const LIMITS = { headersTimeout: IDLE_MS, bodyTimeout: IDLE_MS, connections: 8 };
/** Of an answer that is kept in memory: manifests and refusals. */
const LONGEST_BODY = 8 * 1024 * 1024;

/** Connections to one registry, and to its token server and storage. */
export class Transport {
  readonly #registry: string;
  readonly #env: NodeJS.ProcessEnv;
  /** This machine is spoken to directly, and its certificates are not looked at, as Docker does. */
  readonly #here = new Agent({ ...LIMITS, connect: { timeout: CONNECT_TIMEOUT_MS, rejectUnauthorized: false } });
  #elsewhere: Dispatcher | undefined;

  constructor(registry: string, env: NodeJS.ProcessEnv = process.env) {
    this.#registry = registry;
    this.#env = env;
  }

  #dispatcherFor(url: string): Dispatcher {
    if (isLoopbackRegistry(new URL(url).host)) return this.#here;
    this.#elsewhere ??= connectElsewhere(this.#registry, this.#env);
    return this.#elsewhere;
  }

  /**
   * One request, without redirects and without a second try.
   *
   * @throws RegistryError when there is no answer
   */
  async send({ method, url, headers = {}, body, signal }: Outgoing): Promise<Answer> {
    try {
      const answer = await request(url, {
        dispatcher: this.#dispatcherFor(url),
        method,
        headers: { "user-agent": "slipway", ...headers },
        body: body?.() ?? null,
        signal: signal ?? null,
      });
      return { method, url, status: answer.statusCode, headers: flatten(answer.headers), body: answer.body };
    } catch (error) {
      if (signal?.aborted === true) throw error;
      throw judgeNetwork(error, method, url);
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#here.destroy(), this.#elsewhere?.destroy()]);
  }
}

function connectElsewhere(registry: string, env: NodeJS.ProcessEnv): Dispatcher {
  const secure = { timeout: CONNECT_TIMEOUT_MS, secureContext: trustFor(registry, env) };
  return new EnvHttpProxyAgent({
    ...LIMITS,
    connect: secure,
    requestTls: secure,
    proxyTls: secure,
    // Without this a proxy for plain HTTP would also get what is encrypted.
    httpProxy: "",
    httpsProxy: env["HTTPS_PROXY"] ?? env["https_proxy"] ?? "",
    noProxy: env["NO_PROXY"] ?? env["no_proxy"] ?? "",
  });
}

/**
 * The body as it comes in.
 *
 * @throws RegistryError when it ends before its end
 */
export async function* readChunks(answer: Answer): AsyncGenerator<Buffer> {
  const chunks = answer.body[Symbol.asyncIterator]();
  for (;;) {
    const next = await chunks.next().catch((error: unknown) => {
      throw judgeNetwork(error, answer.method, answer.url);
    });
    if (next.done === true) return;
    yield next.value as Buffer;
  }
}

/** The whole body, at most `limit` bytes of it. */
export async function readBody(answer: Answer, limit = LONGEST_BODY): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of readChunks(answer)) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > limit) break;
  }
  if (size > limit) answer.body.destroy();
  return Buffer.concat(chunks);
}

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]),
  );
}
