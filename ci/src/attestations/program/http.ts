/** As whom a registry is asked. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

/** A registry as a program in a container reaches it. */
export interface Host {
  /** As images are named after it: `ghcr.io`, `127.0.0.1:5000`. */
  readonly name: string;
  /** Where it is reached, when not under its name: `http://registry:5000`. */
  readonly at?: string | undefined;
  readonly login?: Login | undefined;
}

/** An answer whose body has been read whole. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

/** A registry, or the way to it, refused: its own words. */
export class RegistryError extends Error {
  override readonly name = "RegistryError";
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

export interface Ask {
  readonly method?: "GET" | "HEAD" | "POST" | "PUT";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** Bytes of an answer that are taken; more is an error. */
  readonly limit?: number;
}

/** More than any answer of a registry about itself. */
const ANSWER_LIMIT = 4 * 1024 * 1024;
const TIMEOUT_MS = 60_000;
const TRIES = 4;
const FIRST_PAUSE_MS = 500;
/** Docker Hub's images are named after another host than the one that has them. */
const HUB = { names: ["docker.io", "index.docker.io"], host: "registry-1.docker.io" };

/** Asks a registry by HTTP, logs in where it says how, and asks again when it was busy. */
export class RegistryHttp {
  readonly #host: Host;
  readonly #origin: string;
  /** What the last challenge was answered with. */
  #authorization: string | undefined;

  constructor(host: Host) {
    this.#host = host;
    this.#origin = host.at ?? originOf(host.name);
  }

  /** @param path from the top of the registry, or an address that it gave */
  async ask(path: string, { method = "GET", headers = {}, body, limit = ANSWER_LIMIT }: Ask = {}): Promise<Answer> {
    const url = this.#reach(path);
    const send = async () => {
      const sent = new Headers(headers);
      // A registry sends blobs off to storages of others: these get no login.
      if (this.#authorization !== undefined && url.origin === this.#origin)
        sent.set("authorization", this.#authorization);
      return await request(url, { method, headers: sent, ...(body === undefined ? {} : { body }) }, limit);
    };
    const first = await send();
    const challenge = first.headers.get("www-authenticate");
    if (first.status !== 401 || challenge === null) return first;
    const answer = await this.#answer(challenge);
    if (answer === undefined) return first;
    this.#authorization = answer;
    return await send();
  }

  /** What answers a challenge; undefined when there is nothing that has not been tried. */
  async #answer(challenge: string): Promise<string | undefined> {
    const { login } = this.#host;
    const basic =
      login === undefined
        ? undefined
        : `Basic ${Buffer.from(`${login.username}:${login.password}`, "utf8").toString("base64")}`;
    if (/^basic\b/i.test(challenge)) return basic === this.#authorization ? undefined : basic;
    const { realm, service, scope } = readChallenge(challenge);
    if (realm === undefined) return undefined;
    const url = this.#reach(realm);
    if (url.protocol !== "https:" && url.origin !== this.#origin)
      throw new RegistryError(`${this.#host.name} asks for a login at ${url.origin}, which is not encrypted`);
    if (service !== undefined) url.searchParams.set("service", service);
    for (const one of scope?.split(" ") ?? []) url.searchParams.append("scope", one);
    const given = await request(
      url,
      { headers: new Headers(basic === undefined ? {} : { authorization: basic }) },
      ANSWER_LIMIT,
    );
    if (given.status !== 200) throw refusal(`login at ${url.host}`, given);
    const { token, access_token: accessToken } = readObject(given.body, `login at ${url.host}`);
    const text = typeof token === "string" ? token : accessToken;
    if (typeof text !== "string") throw new RegistryError(`login at ${url.host} gave no token`);
    return `Bearer ${text}`;
  }

  /** A registry names itself as its callers know it, which is not always how this program reaches it. */
  #reach(path: string): URL {
    const url = new URL(path, `${this.#origin}/`);
    const { at, name } = this.#host;
    if (at === undefined || url.host !== name) return url;
    return new URL(`${url.pathname}${url.search}`, at);
  }
}

/** Only a registry on the machine's own loopback speaks without encryption. */
function originOf(name: string): string {
  if (HUB.names.includes(name)) return `https://${HUB.host}`;
  const host = name.replace(/:\d+$/, "");
  const isLoopback = host === "localhost" || host === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(host);
  return `${isLoopback ? "http" : "https"}://${name}`;
}

/** The parts of `Bearer realm="…",service="…",scope="…"`. */
function readChallenge(challenge: string): Partial<Record<string, string>> {
  if (!/^bearer\b/i.test(challenge)) return {};
  const parts = challenge.matchAll(/([a-z_]+)=(?:"([^"]*)"|([^\s,"]+))/gi);
  return Object.fromEntries(
    [...parts].map(([, key = "", quoted, plain]) => [key.toLowerCase(), quoted ?? plain ?? ""]),
  );
}

async function request(url: URL, init: RequestInit, limit: number): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const response = await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
      const body = await readBody(response, url, limit);
      const isBusy = response.status === 429 || response.status >= 500;
      if (!isBusy || attempt === TRIES) return { status: response.status, headers: response.headers, body };
    } catch (error) {
      if (error instanceof RegistryError || attempt === TRIES) throw tellWay(error, url);
    }
    await new Promise((resolve) => setTimeout(resolve, FIRST_PAUSE_MS * 2 ** (attempt - 1)));
  }
}

async function readBody(response: Response, url: URL, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > limit) throw new RegistryError(`${url.host} answers with more than ${limit} bytes at ${url.pathname}`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** `fetch` alone says "fetch failed"; what failed is its cause, or the first one of several. */
function tellWay(error: unknown, { host }: URL): Error {
  if (error instanceof RegistryError) return error;
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const [inner] = cause instanceof AggregateError ? cause.errors : [cause];
  return new RegistryError(`${host} does not answer: ${inner instanceof Error ? inner.message : String(inner)}`);
}

/** The words of a registry: the status and what the distribution specification calls errors, or else the body's beginning. */
export function refusal(doing: string, { status, body }: Answer): RegistryError {
  const text = body.toString("utf8").trim();
  return new RegistryError(`${doing}: HTTP ${status}${text === "" ? "" : `: ${text.slice(0, 1000)}`}`, status);
}

/** @throws RegistryError when it is not a JSON object */
export function readObject(body: Buffer, what: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Said below: what it is instead does not matter.
  }
  throw new RegistryError(`${what} is not a JSON object`);
}
