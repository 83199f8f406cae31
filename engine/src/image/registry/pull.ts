import { createHash, type Hash } from "node:crypto";
import { open } from "node:fs/promises";
import type { Blobs } from "../blobs.ts";
import { type Descriptor, DOCKER, type Index, isIndex, type Manifest, OCI, sha256 } from "../oci.ts";
import type { RepositoryClient } from "./client.ts";
import { eachBlob } from "./each-blob.ts";
import { type FaultFacts, RegistryError } from "./fault.ts";
import { withoutQuery } from "./judge.ts";
import type { Sources } from "./sources.ts";
import { type Answer, readBody, readChunks } from "./transport.ts";
import { readWords } from "./words.ts";

const ACCEPT = [OCI.index, OCI.manifest, DOCKER.index, DOCKER.manifest].join(", ");

/** Where a tag or digest leads to now; the bytes are in the blobs. */
export interface Found {
  readonly digest: string;
  readonly content: Manifest | Index;
}

/** Brings manifests and blobs into the store. Each is what its digest says, or is not kept. */
export class Pull {
  readonly #client: RepositoryClient;
  readonly #blobs: Blobs;
  readonly #sources: Sources;

  constructor(client: RepositoryClient, blobs: Blobs, sources: Sources) {
    this.#client = client;
    this.#blobs = blobs;
    this.#sources = sources;
  }

  /**
   * The manifest or index that a tag or digest names. Asked for by HEAD first: that does not count as a pull where pulls
   * are counted.
   */
  async find(name: string): Promise<Found> {
    const digest = await this.#digestOf(`manifests/${name}`);
    return await this.manifest(name, digest);
  }

  /** @param digest what it has to be, when that is known */
  async manifest(name: string, digest?: string): Promise<Found> {
    const isHere = digest !== undefined && (await this.#blobs.isSound(digest));
    const known = isHere ? readManifest(await this.#blobs.read(digest)) : undefined;
    if (digest !== undefined && known !== undefined) return { digest, content: known };
    return await this.#client.retry(async () => {
      const path = `manifests/${name}`;
      const answer = await this.#client.askOnce({ method: "GET", path, headers: { accept: ACCEPT }, hoped: [200] });
      return await this.#keep(answer, name.startsWith("sha256:") ? name : digest);
    });
  }

  /** Brings what a manifest names. */
  async fetchBlobs({ config, layers }: Manifest): Promise<void> {
    const stop = new AbortController();
    await eachBlob([config, ...layers], stop, (blob) => this.#fetchBlob(blob, stop.signal));
  }

  /** Absent: the registry does not say it without giving the whole manifest, or refuses; then a GET has the words. */
  async #digestOf(path: string): Promise<string | undefined> {
    const ask = { method: "HEAD", path, headers: { accept: ACCEPT }, hoped: [200] } as const;
    const answer = await this.#client.retry(() =>
      this.#client.askOnce(ask).catch((error) => {
        if (error instanceof RegistryError && !isAboutTheWay(error)) return undefined;
        throw error;
      }),
    );
    if (answer === undefined) return undefined;
    await readBody(answer);
    const digest = answer.headers["docker-content-digest"];
    return digest !== undefined && /^sha256:[0-9a-f]{64}$/.test(digest) ? digest : undefined;
  }

  async #keep(answer: Answer, wanted: string | undefined): Promise<Found> {
    const bytes = await readBody(answer);
    const digest = sha256(bytes);
    const content = readManifest(bytes);
    const about = nameAnswer(answer);
    const named = wanted ?? answer.headers["docker-content-digest"];
    if (content === undefined) {
      const { text, form } = readWords(bytes, answer.headers["content-type"] ?? "");
      const speaker = form === "html" ? "proxy" : "registry";
      throw new RegistryError("failed", `${about} is not a manifest (${answer.status}): ${text}`, { speaker });
    }
    if (named !== undefined && named !== digest) {
      throw new RegistryError("failed", `${about} has the digest ${digest}, but ${named} was promised`);
    }
    await this.#blobs.put(bytes);
    return { digest, content };
  }

  async #fetchBlob(blob: Descriptor, signal: AbortSignal): Promise<void> {
    if (!(await this.#blobs.isSound(blob.digest))) {
      const path = `blobs/${blob.digest}`;
      await this.#blobs.receive(blob.digest, async (file) => {
        const download = new Download(file, blob);
        await this.#client.retry(async () => {
          const headers = download.received === 0 ? {} : { range: `bytes=${download.received}-` };
          const answer = await this.#client.askOnce({ method: "GET", path, headers, hoped: [200, 206], signal });
          await download.take(answer);
        }, signal);
      });
    }
    await this.#sources.note(this.#client.reference, blob.digest);
  }
}

/** A blob that comes in one piece or, when the connection breaks, in several. */
class Download {
  readonly #file: string;
  readonly #blob: Descriptor;
  #hash: Hash = createHash("sha256");
  #wrong = 0;
  /** Bytes that are in the file. */
  received = 0;

  constructor(file: string, blob: Descriptor) {
    this.#file = file;
    this.#blob = blob;
  }

  /** @throws RegistryError in passing when it is not all, for good when it is something else a second time */
  async take(answer: Answer): Promise<void> {
    const from = answer.status === 206 ? Number(/^bytes (\d+)-/.exec(answer.headers["content-range"] ?? "")?.[1]) : 0;
    if (from !== this.received) this.#restart();
    if (from !== this.received) throw this.#broken(answer, "the registry sent another part than the requested one");
    await this.#write(answer);
    const { digest, size } = this.#blob;
    if (this.received < size) throw this.#broken(answer, `unexpected EOF: ${this.received} of ${size} bytes`);
    const found = `sha256:${this.#hash.digest("hex")}`;
    if (found === digest) return;
    this.#restart();
    const facts: FaultFacts = { speaker: "us", isTransient: this.#wrong++ === 0 };
    throw new RegistryError(
      "failed",
      `${nameAnswer(answer)} has the digest ${found}, but ${digest} was promised`,
      facts,
    );
  }

  /** The file, its hash and its length in step, so that the next part goes on where this one ended. */
  async #write(answer: Answer): Promise<void> {
    const file = await open(this.#file, this.received === 0 ? "w" : "a");
    try {
      for await (const chunk of readChunks(answer)) {
        this.received += chunk.length;
        if (!(this.received <= this.#blob.size)) throw this.#tooLong(answer);
        await file.appendFile(chunk);
        this.#hash.update(chunk);
      }
    } finally {
      await file.close();
    }
  }

  #restart(): void {
    this.received = 0;
    this.#hash = createHash("sha256");
  }

  /** It might never end, and fill the disk. */
  #tooLong(answer: Answer): RegistryError {
    const words = `has more than the ${this.#blob.size} bytes that were promised`;
    return new RegistryError("failed", `${nameAnswer(answer)} ${words}`, { speaker: "us" });
  }

  #broken(answer: Answer, words: string): RegistryError {
    const facts: FaultFacts = { speaker: "network", isTransient: true };
    return new RegistryError("failed", `${nameAnswer(answer)} ended too early: ${words}`, facts);
  }
}

/** Whether a GET would fail as a HEAD did, with no more words. */
function isAboutTheWay({ problem, facts }: RegistryError): boolean {
  return facts.speaker === "network" || facts.speaker === "token server" || problem === "unreachable";
}

function nameAnswer({ url, method }: Answer): string {
  return `the answer to the ${method} request to ${withoutQuery(url)}`;
}

function readManifest(bytes: Buffer): Manifest | Index | undefined {
  let value: Partial<Manifest & Index> | null;
  try {
    value = JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const isManifest = typeof value.config?.digest === "string" && Array.isArray(value.layers);
  return isManifest || (isIndex(value as Manifest | Index) && Array.isArray(value.manifests))
    ? (value as Manifest | Index)
    : undefined;
}
