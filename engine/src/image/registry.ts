import type { Blobs } from "./blobs.ts";
import type { RegistryCredentials } from "./image.ts";
import { type Descriptor, isIndex, type Manifest, selectManifest } from "./oci.ts";
import { formatReference, type Reference } from "./reference.ts";
import { type ClientOptions, RepositoryClient } from "./registry/client.ts";
import type { Endpoint } from "./registry/endpoint.ts";
import { RegistryError } from "./registry/fault.ts";
import { atMirrors, type Mirrors } from "./registry/mirrors.ts";
import { reachOf } from "./registry/network-words.ts";
import { Patience, type PatienceOptions } from "./registry/patience.ts";
import { Pull } from "./registry/pull.ts";
import { Push } from "./registry/push.ts";
import { Sources } from "./registry/sources.ts";

export interface ResolvedManifest {
  /** Digest of what the reference names: an index or a manifest. Part of `imageRef`. */
  readonly digest: string;
  /** Digest of the manifest for the platform. */
  readonly manifestDigest: string;
}

type Asked = Omit<ClientOptions, "patience" | "service">;

/** Gets images from registries and sends them there. Loopback registries are spoken to without TLS. */
export class Registry {
  readonly #blobs: Blobs;
  readonly #sources: Sources;
  readonly #patience: PatienceOptions;
  readonly #onLine: (line: string) => void;
  readonly #mirrors: Mirrors;
  /** Mirrors that nobody reached. */
  readonly #unreachable = new Set<string>();

  /** @param onLine told before something is tried again, and when a mirror does not give an image */
  constructor(blobs: Blobs, patience: PatienceOptions, onLine: (line: string) => void, mirrors: Mirrors) {
    this.#blobs = blobs;
    this.#sources = new Sources(blobs);
    this.#patience = patience;
    this.#onLine = onLine;
    this.#mirrors = mirrors;
  }

  /**
   * What a reference means now, for one platform.
   *
   * @throws RegistryError
   */
  async resolve(
    reference: Reference,
    platform: string,
    credentials: readonly RegistryCredentials[],
    endpoint?: Endpoint,
  ): Promise<ResolvedManifest> {
    return await this.#fromFirst({ reference, credentials, actions: "pull" }, endpoint, async (client) => {
      const pull = new Pull(client, this.#blobs, this.#sources);
      const { digest, content } = await pull.find(reference.digest ?? reference.tag ?? "latest");
      if (!isIndex(content)) return { digest, manifestDigest: digest };
      const entry = selectManifest(content, platform);
      if (entry !== undefined) return { digest, manifestDigest: entry.digest };
      throw new RegistryError("no-platform", `no manifest matches requested platform for ${digest}`);
    });
  }

  /**
   * Brings one manifest with its blobs into the store's blobs, as they are.
   *
   * @throws RegistryError
   */
  async pull(
    reference: Reference,
    manifestDigest: string,
    credentials: readonly RegistryCredentials[],
    endpoint?: Endpoint,
  ): Promise<{ readonly digest: string }> {
    return await this.#fromFirst({ reference, credentials, actions: "pull" }, endpoint, async (client) => {
      const pull = new Pull(client, this.#blobs, this.#sources);
      const { digest, content } = await pull.manifest(manifestDigest, manifestDigest);
      if (isIndex(content))
        throw new RegistryError("failed", `${manifestDigest} is an index where a manifest was expected`);
      await pull.fetchBlobs(content as Manifest);
      return { digest };
    });
  }

  /**
   * Pushes a manifest or an index whose blobs are all in the store; blobs the registry has are not sent again.
   *
   * @returns the digest under which the registry has it
   * @throws RegistryError
   */
  async push(
    reference: Reference,
    descriptor: Descriptor,
    credentials: readonly RegistryCredentials[],
    endpoint?: Endpoint,
  ): Promise<string> {
    await this.#with({ reference, credentials, actions: "pull,push" }, endpoint, async (client) => {
      await new Push(client, this.#blobs, this.#sources).send(descriptor, reference.tag ?? "latest");
    });
    return descriptor.digest;
  }

  /**
   * Asks the mirrors of a registry in their order, and then the registry itself; a service has none.
   *
   * @throws RegistryError of the registry, with what its mirrors said
   */
  async #fromFirst<T>(
    asked: Asked,
    endpoint: Endpoint | undefined,
    work: (client: RepositoryClient) => Promise<T>,
  ): Promise<T> {
    const { reference } = asked;
    const said: string[] = [];
    for (const at of endpoint === undefined ? atMirrors(reference, this.#mirrors) : []) {
      if (this.#unreachable.has(at.registry)) continue;
      try {
        return await this.#with({ ...asked, reference: at }, undefined, work);
      } catch (error) {
        if (!(error instanceof RegistryError)) throw error;
        if (reachOf(error) === "nobody") this.#unreachable.add(at.registry);
        said.push(`the mirror ${at.registry}: ${error.message}`);
        this.#onLine(`${said.at(-1)?.split("\n")[0]}; ${reference.registry} is asked`);
      }
    }
    try {
      return await this.#with(asked, endpoint, work);
    } catch (error) {
      if (!(error instanceof RegistryError) || said.length === 0) throw error;
      const message = [error.message, ...said.map((words) => `  ${words}`)].join("\n");
      throw new RegistryError(error.problem, message, error.facts);
    }
  }

  async #with<T>(
    asked: Asked,
    endpoint: Endpoint | undefined,
    work: (client: RepositoryClient) => Promise<T>,
  ): Promise<T> {
    if (endpoint === undefined) return await this.#ask(asked, work);
    const { mayBePlain } = endpoint;
    return await endpoint.reach((address) =>
      this.#ask(address === undefined ? asked : { ...asked, service: { address, mayBePlain } }, work),
    );
  }

  async #ask<T>(options: Omit<ClientOptions, "patience">, work: (client: RepositoryClient) => Promise<T>): Promise<T> {
    const client = await RepositoryClient.open({ ...options, patience: new Patience(this.#patience, this.#onLine) });
    try {
      return await work(client);
    } catch (error) {
      throw error instanceof RegistryError ? placed(error, options) : error;
    } finally {
      await client.close();
    }
  }
}

/** What a registry says of every name that it does not have. */
const PLAIN_NOT_FOUND =
  /: 404 Not Found(?:: (?:MANIFEST_UNKNOWN: manifest unknown|NAME_UNKNOWN: repository name not known to registry)(?: \(detail: .*\))?)?$/;

/** The error as one about the image that was asked for. */
function placed(error: RegistryError, { reference, actions }: Asked): RegistryError {
  const { tag: _, ...untagged } = reference;
  const address = formatReference(reference.digest === undefined ? reference : untagged);
  const told = (message: string) => new RegistryError(error.problem, message, error.facts);
  if (error.problem === "not-found" && actions === "pull") {
    return told(
      PLAIN_NOT_FOUND.test(error.message) ? `${address}: not found` : `${address}: not found\n  ${error.message}`,
    );
  }
  if (error.problem !== "unauthorized") return error;
  const todo = `  to do: give credentials that may use ${reference.repository} (withRegistryAuth)`;
  return told(`${address}: ${error.message}\n${todo}`);
}
