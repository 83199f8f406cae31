import type { Login } from "./credentials.ts";
import { RegistryError } from "./fault.ts";
import { judgeRefusal } from "./judge.ts";
import { type Answer, type Outgoing, readBody } from "./transport.ts";
import { readWords } from "./words.ts";

interface Token {
  readonly header: string;
  /** When it is not to be used any more, in milliseconds since 1970. */
  readonly untilMs: number;
}

/** Without a word of the server a token is good for a minute (distribution token specification). */
const DEFAULT_LIFE_S = 60;
/** A token that ends this soon may end on the way. */
const MARGIN_MS = 5_000;

/** What a registry wants to see in each request: nothing, a password, or a token that its token server gives out. */
export class Authorization {
  readonly #login: Login | undefined;
  readonly #send: (request: Outgoing) => Promise<Answer>;
  /** By scope; that of a password is for all of them. */
  readonly #tokens = new Map<string, Token>();
  #challenge: string | undefined;

  constructor(login: Login | undefined, send: (request: Outgoing) => Promise<Answer>) {
    this.#login = login;
    this.#send = send;
  }

  /**
   * The header for a request, renewed when it is about to run out.
   *
   * @param scope `repository:a/b:pull,push`, several with a blank between
   * @throws RegistryError when the token server does not give a token
   */
  async header(scope: string, signal?: AbortSignal): Promise<string | undefined> {
    const token = this.#tokens.get(scope);
    if (token !== undefined && Date.now() < token.untilMs - MARGIN_MS) return token.header;
    if (this.#challenge === undefined) return undefined;
    return await this.#answer(this.#challenge, scope, signal);
  }

  /**
   * A 401 came: what to send next. Absent: there is nothing that could be shown.
   *
   * @param challenge what the registry wants; absent: what it wanted before
   */
  async renew(challenge: string | undefined, scope: string, signal?: AbortSignal): Promise<string | undefined> {
    this.#challenge = challenge ?? this.#challenge;
    this.#tokens.delete(scope);
    return this.#challenge === undefined ? undefined : await this.#answer(this.#challenge, scope, signal);
  }

  async #answer(challenge: string, scope: string, signal: AbortSignal | undefined): Promise<string | undefined> {
    const bearer = /\bbearer\s+(.*)/i.exec(challenge)?.[1];
    if (bearer === undefined) return /\bbasic\b/i.test(challenge) ? this.#basic() : undefined;
    const token = await this.#fetchToken(readParameters(bearer), scope, signal);
    if (token !== undefined) this.#tokens.set(scope, token);
    return token?.header;
  }

  #basic(): string | undefined {
    if (this.#login === undefined) return undefined;
    const { username, password } = this.#login;
    return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  }

  async #fetchToken(
    parameters: ReadonlyMap<string, string>,
    scope: string,
    signal: AbortSignal | undefined,
  ): Promise<Token | undefined> {
    const realm = parameters.get("realm");
    if (realm === undefined || !/^https?:\/\//.test(realm) || !URL.canParse(realm)) return undefined;
    const request = this.#tokenRequest(realm, parameters.get("service"), scope);
    const answer = await this.#send({ ...request, signal });
    const body = await readBody(answer);
    const words = readWords(body, answer.headers["content-type"] ?? "");
    if (answer.status !== 200) {
      const { problem, message, facts } = judgeRefusal({ ...answer, words, asked: "token server" });
      throw new RegistryError(problem, `failed to authorize: failed to fetch oauth token: ${message}`, facts);
    }
    return readToken(body, answer, words.text);
  }

  #tokenRequest(realm: string, service: string | undefined, scope: string): Outgoing {
    const url = new URL(realm);
    const scopes = scope.split(" ").filter((each) => each !== "");
    if (this.#login?.identityToken !== undefined) {
      const form = new URLSearchParams({
        grant_type: "refresh_token",
        refresh_token: this.#login.identityToken,
        client_id: "slipway",
        scope,
      });
      if (service !== undefined) form.set("service", service);
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      return { method: "POST", url: url.href, headers, body: () => form.toString() };
    }
    if (service !== undefined) url.searchParams.set("service", service);
    for (const each of scopes) url.searchParams.append("scope", each);
    const authorization = this.#basic();
    return { method: "GET", url: url.href, headers: authorization === undefined ? {} : { authorization } };
  }
}

function readToken(body: Buffer, { method, url }: Answer, words: string): Token {
  let answer: { token?: unknown; access_token?: unknown; expires_in?: unknown } | null = null;
  try {
    answer = JSON.parse(body.toString("utf8"));
  } catch {
    // Told below, with what came in its place.
  }
  const token = answer?.token ?? answer?.access_token;
  if (typeof token !== "string" || token === "") {
    const said = words === "" ? "an empty answer" : words;
    throw new RegistryError(
      "unauthorized",
      `failed to authorize: failed to fetch oauth token: the answer to the ${method} request to ${url.split("?")[0]} has no token: ${said}`,
      { speaker: "us" },
    );
  }
  const life = typeof answer?.expires_in === "number" && answer.expires_in > 0 ? answer.expires_in : DEFAULT_LIFE_S;
  return { header: `Bearer ${token}`, untilMs: Date.now() + life * 1_000 };
}

/** `realm="https://…",service="r.io"` */
function readParameters(text: string): ReadonlyMap<string, string> {
  const found = text.matchAll(/(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g);
  return new Map(
    [...found].map(([, name = "", quoted, bare]) => [
      name.toLowerCase(),
      quoted?.replace(/\\(.)/g, "$1") ?? bare ?? "",
    ]),
  );
}
