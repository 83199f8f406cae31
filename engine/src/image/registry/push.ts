import { type Blobs, meter } from "../blobs.ts";
import { type Descriptor, DOCKER, type Index, type Manifest, OCI } from "../oci.ts";
import type { Ask, RepositoryClient } from "./client.ts";
import { eachBlob } from "./each-blob.ts";
import { RegistryError } from "./fault.ts";
import { placeOf } from "./onward.ts";
import { isSame } from "./proof.ts";
import type { Sources } from "./sources.ts";
import { type Answer, readBody } from "./transport.ts";

/**
 * Sends manifests and what they name. What the registry has is not sent again: not from a push before, not from another
 * of its repositories, and not after a failure.
 */
export class Push {
  readonly #client: RepositoryClient;
  readonly #blobs: Blobs;
  readonly #sources: Sources;
  readonly #stop = new AbortController();

  constructor(client: RepositoryClient, blobs: Blobs, sources: Sources) {
    this.#client = client;
    this.#blobs = blobs;
    this.#sources = sources;
  }

  /**
   * @param root a manifest, or an index of some
   * @param tag the name that the root gets
   * @throws RegistryError
   */
  async send(root: Descriptor, tag: string): Promise<void> {
    const isIndex = root.mediaType === OCI.index || root.mediaType === DOCKER.index;
    const children = isIndex ? (await this.#blobs.readJson<Index>(root.digest)).manifests : [];
    const manifests = isIndex ? children : [root];
    const blobs: Descriptor[] = [];
    for (const { digest } of manifests) {
      const { config, layers } = await this.#blobs.readJson<Manifest>(digest);
      blobs.push(config, ...layers);
    }
    await eachBlob(blobs, this.#stop, (blob) => this.#sendBlob(blob));
    for (const child of children) await this.#sendManifest(child, child.digest);
    await this.#sendManifest(root, tag);
  }

  async #sendBlob(blob: Descriptor): Promise<void> {
    const { signal } = this.#stop;
    // The whole upload anew each time: a registry may have forgotten one that broke, or have finished it without our hearing of it.
    await this.#client.retry(async (before) => {
      if (await this.#has(blob, before)) return;
      const upload = await this.#begin(blob);
      if (upload !== undefined) await this.#upload(blob, upload);
    }, signal);
    await this.#sources.note(this.#client.reference, blob.digest);
  }

  /** After a refusal by GET, for the first byte: a refused HEAD has no words. */
  async #has({ digest, size }: Descriptor, before: RegistryError | undefined): Promise<boolean> {
    const path = `blobs/${digest}`;
    const { signal } = this.#stop;
    const ask: Ask = isWordless(before)
      ? { method: "HEAD", path, hoped: [200, 404], signal }
      : { method: "GET", path, headers: { range: "bytes=0-0" }, hoped: [200, 206, 404], signal };
    return await this.#isThere(ask, (answer) => isSame(answer, digest, size));
  }

  /** A refusal for good means no: the upload will be refused as well, or not. */
  async #isThere(ask: Ask, isIt: (answer: Answer) => boolean): Promise<boolean> {
    try {
      const answer = await this.#client.askOnce(ask);
      if (ask.method === "HEAD") await readBody(answer);
      else answer.body.on("error", () => {}).destroy();
      return answer.status !== 404 && isIt(answer);
    } catch (error) {
      const isOver = error instanceof RegistryError && error.facts.isTransient !== true;
      if (isOver && error.facts.speaker !== "token server" && error.facts.speaker !== "network") return false;
      throw error;
    }
  }

  /** @returns where the bytes go; undefined when the registry took the blob from another of its repositories */
  async #begin({ digest }: Descriptor): Promise<string | undefined> {
    const from = await this.#sources.find(this.#client.reference, digest);
    if (from !== undefined) {
      const mounted = await this.#mount(digest, from);
      if (mounted !== undefined) return mounted.status === 201 ? undefined : locationOf(mounted);
    }
    const answer = await this.#client.askOnce({
      method: "POST",
      path: "blobs/uploads/",
      hoped: [202],
      signal: this.#stop.signal,
    });
    await readBody(answer);
    return locationOf(answer);
  }

  async #mount(digest: string, from: string): Promise<Answer | undefined> {
    const path = `blobs/uploads/?mount=${digest}&from=${encodeURIComponent(from)}`;
    const ask = { method: "POST", path, hoped: [201, 202], alsoPull: from, signal: this.#stop.signal } as const;
    try {
      const answer = await this.#client.askOnce(ask);
      await readBody(answer);
      return answer;
    } catch (error) {
      if (error instanceof RegistryError && error.facts.isTransient !== true) return undefined;
      throw error;
    }
  }

  async #upload({ digest, size }: Descriptor, location: string): Promise<void> {
    const { signal } = this.#stop;
    const url = new URL(this.#client.address(location));
    url.searchParams.set("digest", digest);
    let sent = "";
    const body = () => {
      const { stream, result } = meter();
      stream.once("finish", () => {
        sent = result().digest;
      });
      return this.#blobs
        .open(digest)
        .once("error", (error) => stream.destroy(error))
        .pipe(stream);
    };
    const headers = { "content-type": "application/octet-stream", "content-length": String(size) };
    try {
      await readBody(
        await this.#client.askOnce({ method: "PUT", path: url.href, headers, body, hoped: [201], signal }),
      );
    } catch (error) {
      if (sent === "" || sent === digest) throw error;
      throw await this.#damaged(digest, sent);
    }
  }

  async #sendManifest({ digest, mediaType }: Descriptor, name: string): Promise<void> {
    const bytes = await this.#blobs.read(digest);
    const path = `manifests/${name}`;
    const accept = [OCI.manifest, OCI.index, DOCKER.manifest, DOCKER.index].join(", ");
    const isIt = (answer: Answer) => answer.headers["docker-content-digest"] === digest;
    await this.#client.retry(async (before) => {
      // A tag that may not be moved is not written again when it stands where it should.
      const method = isWordless(before) ? "HEAD" : "GET";
      if (await this.#isThere({ method, path, headers: { accept }, hoped: [200, 404] }, isIt)) return;
      const headers = { "content-type": mediaType };
      const answer = await this.#client.askOnce({ method: "PUT", path, headers, body: () => bytes, hoped: [201] });
      await readBody(answer);
      const stored = answer.headers["docker-content-digest"];
      if (stored !== undefined && stored !== digest) {
        throw new RegistryError(
          "failed",
          `${this.#client.address(path)} was stored as ${stored}, but ${digest} was sent`,
        );
      }
    });
  }

  /** The file is taken away, so that the next push makes it anew. */
  async #damaged(digest: string, found: string): Promise<Error> {
    await this.#blobs.remove(digest);
    return new Error(
      `the blob ${digest} in the store had the content ${found}, and was removed\n  to do: run the same command again; it is made again`,
    );
  }
}

/** Whether nothing was refused before that there could be words for. */
function isWordless(before: RegistryError | undefined): boolean {
  return before === undefined || before.facts.speaker === "network";
}

function locationOf(answer: Answer): string {
  const { location } = answer.headers;
  if (location !== undefined && location !== "") return placeOf(location, answer.url).href;
  throw new RegistryError("failed", `the answer to the POST request to ${answer.url} names no address for the upload`);
}
