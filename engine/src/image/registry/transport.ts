import type { Readable } from "node:stream";
import { Agent, type Dispatcher, request } from "undici";
import { InsideAddress, isInsideHost, isOutside } from "../../store/destinations.ts";
import { type Address, CONNECT_TIMEOUT_MS, connectOut, connectTo } from "../connections.ts";
import { isLoopbackRegistry } from "../reference.ts";
import { RegistryError } from "./fault.ts";
import { withoutQuery } from "./judge.ts";
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

/** Without a byte. A registry that stores a large layer answers only when it is done. */
const IDLE_MS = 120_000;
const LIMITS = { headersTimeout: IDLE_MS, bodyTimeout: IDLE_MS, connections: 8 };
/** Of an answer that is kept in memory: manifests and refusals. */
const LONGEST_BODY = 8 * 1024 * 1024;

/** Connections to one registry, and to its token server and storage. */
export class Transport {
  readonly #registry: string;
  readonly #address: Address | undefined;
  readonly #env: NodeJS.ProcessEnv;
  /** This machine is spoken to directly, and its certificates are not looked at, as Docker does. */
  readonly #here = new Agent({ ...LIMITS, connect: { timeout: CONNECT_TIMEOUT_MS, rejectUnauthorized: false } });
  #service: Dispatcher | undefined;
  /** Without and with addresses of this machine. */
  #outside: Dispatcher | undefined;
  #anywhere: Dispatcher | undefined;
  /** Whether the registry answers at an address of this machine, by which others do not reach it. */
  #isInside: boolean;

  /** @param address where the registry is when it is a service of the session: it says nothing of other places of this machine */
  constructor(registry: string, address?: Address, env: NodeJS.ProcessEnv = process.env) {
    this.#registry = registry;
    this.#address = address;
    this.#env = env;
    this.#isInside = address === undefined && isInsideHost(new URL(`https://${hostOf(registry)}`).hostname);
  }

  /**
   * Whoever names a registry of this machine may ask it; where a registry elsewhere sends us may not be this machine, which would
   * show it what only answers to us.
   *
   * @throws RegistryError
   */
  #dispatcherFor(url: string): Dispatcher {
    const { host, hostname } = new URL(url);
    const isOwn = host === hostOf(this.#registry);
    if (isOwn && this.#address !== undefined) {
      this.#service ??= connectTo(this.#address, {
        secureContext: trustFor(this.#registry, this.#env),
        limits: LIMITS,
      });
      return this.#service;
    }
    if (!isOwn && !this.#isInside && isInsideHost(hostname)) throw this.#leadsInside(url);
    if (isLoopbackRegistry(host)) return this.#here;
    if (isOwn || this.#isInside) {
      this.#anywhere ??= this.#connect((address) => {
        this.#isInside = !isOutside(address);
      });
      return this.#anywhere;
    }
    this.#outside ??= this.#connect();
    return this.#outside;
  }

  /** @param onAnswered makes an address of this machine count, and is told which one the registry has */
  #connect(onAnswered?: (address: string) => void): Dispatcher {
    const own = new URL(`https://${hostOf(this.#registry)}`).hostname;
    return connectOut({
      secureContext: trustFor(this.#registry, this.#env),
      env: this.#env,
      limits: LIMITS,
      plainByProxy: false,
      onlyOutside: onAnswered === undefined,
      onConnected: (hostname, address) => {
        if (hostname === own) onAnswered?.(address);
      },
    });
  }

  #leadsInside(url: string, address = ""): RegistryError {
    const shown = `${withoutQuery(url)}${address === "" ? "" : ` (${address})`}`;
    return new RegistryError(
      "failed",
      `the registry ${this.#registry} leads to ${shown}, an address that only this machine reaches: it was not asked\n  to do: tell those who run the registry; one that runs on this machine is named by its address here, such as 127.0.0.1:5000`,
    );
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
      if (signal?.aborted === true || error instanceof RegistryError) throw error;
      if (error instanceof InsideAddress) throw this.#leadsInside(url, error.address);
      throw judgeNetwork(error, method, url);
    }
  }

  async close(): Promise<void> {
    const opened = [this.#here, this.#service, this.#outside, this.#anywhere];
    await Promise.all(opened.map((each) => each?.destroy()));
  }
}

/** As it stands in addresses. */
function hostOf(registry: string): string {
  return registry === "docker.io" ? "registry-1.docker.io" : new URL(`https://${registry}`).host;
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
