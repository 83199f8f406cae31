import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, existsSync, lstatSync, type Stats } from "node:fs";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { makeFolders } from "../store/folders.ts";
import { damageOf, type OnDamage, putInPlace, readRecord, readStoreFile, writeRecord } from "../store/records.ts";
import { sha256 } from "./oci.ts";

export interface Blob {
  /** `sha256:…` */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
}

/** A blob that is not in the store, or was damaged there and has been removed. */
export class LostBlob extends Error {
  constructor(readonly digest: string) {
    super(`the store has lost the blob ${digest}\n  to do: run the same command again; it is made again`);
  }
}

/** Counts and hashes what passes through. */
export function meter(): { stream: Transform; result(): Blob } {
  const hash = createHash("sha256");
  let size = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      size += chunk.length;
      done(null, chunk);
    },
  });
  return { stream, result: () => ({ digest: `sha256:${hash.digest("hex")}`, size }) };
}

/** Of a manifest or a configuration, which are held in memory: as much as is taken from a registry. */
const LONGEST_JSON_BYTES = 8 * 1024 * 1024;

const WRONG_DIGEST = "its content is not what its name says";

/** A name under which something about `key`, any text, can be recorded. */
export function recordName(kind: string, key: string): string {
  return `${kind}-${sha256(key).slice("sha256:".length, "sha256:".length + 32)}`;
}

/** The image folder of the store: files named by the hash of their content, and small records about them. */
export class Blobs {
  #swept: Promise<void> | undefined;
  /** Digests of blobs that this process has written or read to their end. */
  readonly #sound = new Set<string>();

  /**
   * @param dir `images/` of the store, made when missing
   * @param onDamage told of each file that is not as it was written; it is removed
   */
  constructor(
    readonly dir: string,
    readonly onDamage: OnDamage = () => undefined,
  ) {
    for (const name of ["blobs/sha256", "records", "tmp"]) makeFolders(join(dir, name));
  }

  path(digest: string): string {
    const [algorithm, hex] = digest.split(":");
    if (algorithm !== "sha256" || hex === undefined || !/^[0-9a-f]{64}$/.test(hex)) {
      throw new Error(`"${digest}" is not a SHA-256 digest`);
    }
    return join(this.dir, "blobs", algorithm, hex);
  }

  has(digest: string): boolean {
    return existsSync(this.path(digest));
  }

  /** Whether a file of the right length is there. Costs no reading. */
  hasLength({ digest, size }: Blob): boolean {
    const found = lstatSync(this.path(digest), { throwIfNoEntry: false });
    return found?.isFile() === true && found.size === size;
  }

  /** Whether the blob is there and is what its digest says: read once in a process. One that is not is removed. */
  async isSound(digest: string): Promise<boolean> {
    const found = lstatSync(this.path(digest), { throwIfNoEntry: false });
    if (found === undefined) return false;
    if (this.#sound.has(digest)) return true;
    const what = await this.#damageOf(digest, found);
    if (what === undefined) this.#sound.add(digest);
    else await this.#drop(digest, what);
    return what === undefined;
  }

  async #damageOf(digest: string, found: Stats): Promise<string | undefined> {
    if (!found.isFile()) return "it is not a file";
    const content = meter();
    try {
      await pipeline(this.open(digest), content.stream.resume());
    } catch (error) {
      return damageOf(error);
    }
    return content.result().digest === digest ? undefined : WRONG_DIGEST;
  }

  async #drop(digest: string, what: string): Promise<void> {
    this.onDamage(this.path(digest), what);
    await this.remove(digest);
  }

  /** A new empty folder on the same file system, to be removed or renamed by the caller. */
  async makeTemporary(): Promise<string> {
    this.#swept ??= this.#sweep();
    await this.#swept;
    return await mkdtemp(join(this.dir, "tmp", `${process.pid}-`));
  }

  /** Removes what processes left behind that were killed. */
  async #sweep(): Promise<void> {
    for (const name of await readdir(join(this.dir, "tmp"))) {
      if (existsSync(`/proc/${Number.parseInt(name, 10)}`)) continue;
      await rm(join(this.dir, "tmp", name), { recursive: true, force: true });
    }
  }

  async put(bytes: string | Uint8Array): Promise<Blob> {
    const digest = sha256(bytes);
    if (!(await this.isSound(digest))) {
      await this.#write(this.path(digest), (file) => writeFile(file, bytes));
      this.#sound.add(digest);
    }
    return { digest, size: Buffer.byteLength(bytes) };
  }

  /** Writes all that comes out of the last of `streams`. */
  async putStream(streams: readonly [Readable, ...NodeJS.ReadWriteStream[]]): Promise<Blob> {
    return await this.#withTemporaryFile(async (file) => {
      const content = meter();
      await pipeline([...streams, content.stream, createWriteStream(file)]);
      const blob = content.result();
      putInPlace(file, this.path(blob.digest));
      this.#sound.add(blob.digest);
      return blob;
    });
  }

  /** Takes what `write` writes into a file of its own; it must have made sure that it has that digest. */
  async receive(digest: string, write: (file: string) => Promise<void>): Promise<void> {
    await this.#write(this.path(digest), write);
    this.#sound.add(digest);
  }

  async remove(digest: string): Promise<void> {
    this.#sound.delete(digest);
    await rm(this.path(digest), { recursive: true, force: true });
  }

  async describe(digest: string): Promise<Blob> {
    return { digest, size: (await stat(this.path(digest))).size };
  }

  /**
   * The bytes of a small blob.
   *
   * @throws LostBlob when it is not there, or not what its digest says
   */
  async read(digest: string): Promise<Buffer> {
    const path = this.path(digest);
    let what = WRONG_DIGEST;
    try {
      const bytes = readStoreFile(path);
      if (bytes === undefined) throw new LostBlob(digest);
      if (sha256(bytes) === digest) return bytes;
    } catch (error) {
      if (error instanceof LostBlob) throw error;
      what = damageOf(error);
    }
    await this.#drop(digest, what);
    throw new LostBlob(digest);
  }

  /** @throws LostBlob as `read` does; Error when it is too long to be a manifest or a configuration */
  async readJson<T>(digest: string): Promise<T> {
    const size = lstatSync(this.path(digest), { throwIfNoEntry: false })?.size ?? 0;
    if (size > LONGEST_JSON_BYTES)
      throw new Error(`the blob ${digest} of ${size} bytes is too long for a manifest or a configuration`);
    return JSON.parse((await this.read(digest)).toString("utf8")) as T;
  }

  open(digest: string): Readable {
    return createReadStream(this.path(digest), { highWaterMark: 1024 * 1024 });
  }

  /**
   * What was recorded under that name (`pin-…`, `layer-…`), by any process. A damaged record counts as none.
   *
   * @param isIt whether a record of an older store, which has no checksum, is what it should be: without it images that were
   * pulled would be lost to whoever has no network now
   */
  recall<T extends object>(name: string, isIt: (value: Partial<T>) => boolean): T | undefined {
    const path = this.#recordPath(name);
    const found = readRecord(path, this.onDamage);
    if (found.kind === "missing") return undefined;
    if (found.kind === "sound" || isIt(found.value as Partial<T>)) return found.value as T;
    this.onDamage(path, "it holds something else");
    return undefined;
  }

  async record(name: string, value: unknown): Promise<void> {
    await this.#withTemporaryFile(async (file) => writeRecord(this.#recordPath(name), value, file));
  }

  async forget(name: string): Promise<void> {
    await rm(this.#recordPath(name), { recursive: true, force: true });
  }

  #recordPath(name: string): string {
    return join(this.dir, "records", `${name.replace(/[^\w.-]/g, "_")}.json`);
  }

  async #write(path: string, write: (file: string) => Promise<void>): Promise<void> {
    await this.#withTemporaryFile(async (file) => {
      await write(file);
      putInPlace(file, path);
    });
  }

  /** @param use gets a path at which nothing is yet; what it leaves there is removed */
  async #withTemporaryFile<T>(use: (file: string) => Promise<T>): Promise<T> {
    const temporary = await this.makeTemporary();
    try {
      return await use(join(temporary, "file"));
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  }
}
