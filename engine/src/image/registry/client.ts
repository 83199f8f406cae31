import type { Address } from "../connections.ts";
import type { RegistryCredentials } from "../image.ts";
import { isLoopbackRegistry, type Reference } from "../reference.ts";
import { Authorization } from "./authorization.ts";
import { findLogin } from "./credentials.ts";
import type { RegistryError } from "./fault.ts";
import { judgeRefusal } from "./judge.ts";
import { reachOf } from "./network-words.ts";
import { entrusted, onward, registryUrl } from "./onward.ts";
import type { Patience } from "./patience.ts";
import { type Answer, type Outgoing, readBody, Transport } from "./transport.ts";
import { readWords } from "./words.ts";

/** A request to a repository; `path` is below it (`manifests/1.0`), or a whole address that the registry gave. */
export interface Ask extends Omit<Outgoing, "url"> {
  readonly path: string;
  /** Answers that are what was hoped for. */
  readonly hoped: readonly number[];
  /** Repositories beside the own one that have to be read: for a blob that is taken from there. */
  readonly alsoPull?: string;
}

export interface ClientOptions {
  readonly reference: Reference;
  readonly credentials: readonly RegistryCredentials[];
  readonly actions: "pull" | "pull,push";
  readonly patience: Patience;
  /** Where the registry is when it is a service of the session, and whether it may be asked without TLS. */
  readonly service?: { readonly address: Address; readonly mayBePlain: boolean };
}

const MOST_REDIRECTS = 5;
/** For a registry that nobody has heard of in this run: a wrong address is told at once, a restart survived. */
const FIRST_CONTACT_TRIES = 3;

/** Speaks with one repository of a registry (OCI distribution specification 1.1), as one who may. */
export class RepositoryClient {
  readonly reference: Reference;
  readonly #patience: Patience;
  readonly #actions: string;
  readonly #transport: Transport;
  readonly #authorization: Authorization;
  /** Registries of this machine have no TLS, until one says that it has. */
  #isPlain: boolean;
  #choosing: Promise<boolean> | undefined;
  #wasHeard = false;
  #wasTaken = false;

  private constructor(options: ClientOptions, transport: Transport, authorization: Authorization) {
    this.reference = options.reference;
    this.#patience = options.patience;
    this.#actions = options.actions;
    this.#isPlain = options.service?.mayBePlain ?? isLoopbackRegistry(options.reference.registry);
    this.#transport = transport;
    this.#authorization = authorization;
  }

  static async open(options: ClientOptions): Promise<RepositoryClient> {
    const { reference, credentials, service } = options;
    const transport = new Transport(reference.registry, service?.address);
    const login = await findLogin(reference, credentials);
    const authorization = new Authorization(login, (request) =>
      transport.send({ ...request, url: entrusted(registryUrl(reference), request.url, "tokens") }),
    );
    return new RepositoryClient(options, transport, authorization);
  }

  async close(): Promise<void> {
    await this.#transport.close();
  }

  /** Asks until it is answered as hoped, or for good otherwise. */
  async ask(ask: Ask): Promise<Answer> {
    return await this.retry(() => this.askOnce(ask), ask.signal);
  }

  /** Several requests that succeed or fail together, tried again together. */
  async retry<T>(work: (before: RegistryError | undefined) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return await this.#patience.retry(work, signal, (error) => this.#mostTries(error));
  }

  #mostTries(error: RegistryError): number | undefined {
    const reach = reachOf(error);
    if (this.#wasHeard || reach === "answer") return undefined;
    // A machine without a way out has other ways to an image, and should not wait for each name to be looked up thrice.
    return reach === "nobody" && this.#actions === "pull" ? 1 : FIRST_CONTACT_TRIES;
  }

  /**
   * One try, redirects followed, and a token asked for anew when the registry does not take the one we have.
   *
   * @throws RegistryError with all that was answered
   */
  async askOnce(ask: Ask): Promise<Answer> {
    await this.#chooseScheme(ask.signal);
    const url = this.address(ask.path);
    const scope = this.#scope(ask.alsoPull);
    const used = await this.#authorization.header(scope, ask.signal);
    let answer = await this.#follow(ask, url, used);
    this.#wasHeard = true;
    let body: Buffer | undefined;
    if (answer.status === 401 && isOwn(answer.url, url)) {
      body = await readBody(answer);
      const renewed = await this.#authorization.renew(answer.headers["www-authenticate"], scope, ask.signal);
      // The same once more only where it was taken before: a wrong password is told at once.
      if (renewed !== undefined && (renewed !== used || this.#wasTaken)) {
        answer = await this.#follow(ask, url, renewed);
        body = undefined;
      }
    }
    if (answer.status < 400) this.#wasTaken = true;
    if (ask.hoped.includes(answer.status)) return answer;
    const words = readWords(body ?? (await readBody(answer)), answer.headers["content-type"] ?? "");
    throw judgeRefusal({ ...answer, words, asked: isOwn(answer.url, url) ? "registry" : "storage" });
  }

  /** The whole address of a path below the repository, or of a place that the registry named. */
  address(path: string): string {
    const base = `${registryUrl(this.reference, this.#isPlain)}/v2/${this.reference.repository}/`;
    return entrusted(base, path, "an upload");
  }

  /** Asked once, while nothing was heard of it. */
  async #chooseScheme(signal: AbortSignal | undefined): Promise<void> {
    if (!this.#isPlain || this.#wasHeard) return;
    this.#choosing ??= this.#wantsTls(signal).finally(() => {
      this.#choosing = undefined;
    });
    if (await this.#choosing) this.#isPlain = false;
  }

  /** A server with TLS answers a request without it by a 400 that says so (Go, nginx, Apache), or not at all. */
  async #wantsTls(signal: AbortSignal | undefined): Promise<boolean> {
    const url = new URL("/v2/", this.address("")).href;
    const answer = await this.#transport.send({ method: "GET", url, signal }).catch(() => undefined);
    if (answer !== undefined) {
      const body = await readBody(answer).catch(() => Buffer.alloc(0));
      return answer.status === 400 && /HTTPS/i.test(body.toString("utf8"));
    }
    const secure = { method: "HEAD", url: url.replace("http:", "https:"), signal } as const;
    return (await this.#transport.send(secure).catch(() => undefined)) !== undefined;
  }

  #scope(alsoPull: string | undefined): string {
    const own = `repository:${this.reference.repository}:${this.#actions}`;
    return alsoPull === undefined ? own : `${own} repository:${alsoPull}:pull`;
  }

  /** Who asks is told to the registry alone, not to where it sends us. */
  async #follow(ask: Ask, first: string, authorization: string | undefined): Promise<Answer> {
    let url = first;
    for (let redirects = 0; ; redirects++) {
      const own = authorization !== undefined && isOwn(url, this.address("")) ? { authorization } : {};
      const answer = await this.#transport.send({ ...ask, url, headers: { ...ask.headers, ...own } });
      const target = answer.headers["location"];
      const isRedirect = [301, 302, 303, 307, 308].includes(answer.status) && target !== undefined;
      if (!isRedirect || redirects >= MOST_REDIRECTS || ask.hoped.includes(answer.status)) return answer;
      await readBody(answer);
      url = onward(url, target, ask);
    }
  }
}

function isOwn(url: string, base: string): boolean {
  return new URL(url).origin === new URL(base).origin;
}
