import type { Failure, Seen } from "./failing-proxy.ts";

export interface TokenServerOptions {
  /** How many requests a token is good for, whatever the server says of its life. */
  readonly requests: number;
  /** What its own answers are in place of a token, in this order; after them it gives tokens. */
  readonly failures?: readonly Failure[];
}

/**
 * A registry's token server, in the plan of a failing proxy: only requests with a token pass (distribution token
 * specification). Ask it first.
 */
export class TokenServer {
  readonly #options: TokenServerOptions;
  readonly #failures: Failure[];
  readonly #left = new Map<string, number>();
  /** Scopes of the tokens that it gave. */
  readonly given: string[] = [];

  constructor(options: TokenServerOptions) {
    this.#options = options;
    this.#failures = [...(options.failures ?? [])];
  }

  /** @param host of the proxy, where `/token` is as well */
  judge(host: string, { path, authorization }: Seen): Failure | undefined {
    if (path.startsWith("/token")) return this.#failures.shift() ?? this.#give(path, authorization);
    const token = authorization?.replace(/^Bearer /, "") ?? "";
    const left = this.#left.get(token) ?? 0;
    this.#left.set(token, left - 1);
    if (left > 0) return undefined;
    const challenge = `Bearer realm="http://${host}/token",service="test",scope="repository:x:pull"`;
    return refuse(401, "UNAUTHORIZED", "authentication required", { "www-authenticate": challenge });
  }

  #give(path: string, authorization: string | undefined): Failure {
    const expected = `Basic ${Buffer.from("me:open sesame").toString("base64")}`;
    if (authorization !== expected) {
      return { kind: "answer", status: 401, body: '{"details":"incorrect username or password"}' };
    }
    this.given.push(new URL(path, "http://host").searchParams.getAll("scope").join(" "));
    const token = `token-${this.given.length}`;
    this.#left.set(token, this.#options.requests);
    return { kind: "answer", status: 200, body: JSON.stringify({ token, expires_in: 300 }) };
  }
}

/** An answer in the form of the distribution specification. */
export function refuse(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
  detail?: unknown,
): Failure {
  const body = JSON.stringify({ errors: [{ code, message, ...(detail === undefined ? {} : { detail }) }] });
  return { kind: "answer", status, headers: { "content-type": "application/json", ...headers }, body };
}
