import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { makeFolders } from "../store/folders.ts";
import { sha256 } from "./oci.ts";

export interface Blob {
  /** `sha256:…` */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
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

/** A name under which something about `key`, any text, can be recorded. */
export function recordName(kind: string, key: string): string {
  return `${kind}-${sha256(key).slice("sha256:".length, "sha256:".length + 32)}`;
}

/** The image folder of the store: files named by the hash of their content, and small records about them. */
export class Blobs {
  #swept: Promise<void> | undefined;

  /** @param dir `images/` of the store, made when missing */
  constructor(readonly dir: string) {
    for (const name of ["blobs/sha256", "records", "tmp"]) makeFolders(join(dir, name));
  }

  path(digest: string): string {
    const [algorithm, hex] = digest.split(":");
    if (algorithm !== "sha256" || hex === undefined || !/^[0-9a-f]{64}$/.test(hex)) {
      throw new Error(`"${digest}" is no SHA-256 digest`);
    }
    return join(this.dir, "blobs", algorithm, hex);
  }

  has(digest: string): boolean {
    return existsSync(this.path(digest));
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
    if (!this.has(digest)) await this.#write(this.path(digest), bytes);
    return { digest, size: Buffer.byteLength(bytes) };
  }

  /** Writes all that comes out of the last of `streams`. */
  async putStream(streams: readonly [Readable, ...NodeJS.ReadWriteStream[]]): Promise<Blob> {
    const temporary = await this.makeTemporary();
    try {
      const meterOf = meter();
      await pipeline([...streams, meterOf.stream, createWriteStream(join(temporary, "blob"))]);
      const blob = meterOf.result();
      await rename(join(temporary, "blob"), this.path(blob.digest));
      return blob;
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  }

  /** Takes what `write` writes into a file of its own; it must have made sure that it has that digest. */
  async receive(digest: string, write: (file: string) => Promise<void>): Promise<void> {
    const temporary = await this.makeTemporary();
    try {
      await write(join(temporary, "blob"));
      await rename(join(temporary, "blob"), this.path(digest));
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  }

  async remove(digest: string): Promise<void> {
    await rm(this.path(digest), { force: true });
  }

  async describe(digest: string): Promise<Blob> {
    return { digest, size: (await stat(this.path(digest))).size };
  }

  read(digest: string): Promise<Buffer> {
    return readFile(this.path(digest));
  }

  async readJson<T>(digest: string): Promise<T> {
    return JSON.parse((await this.read(digest)).toString("utf8")) as T;
  }

  open(digest: string): Readable {
    return createReadStream(this.path(digest), { highWaterMark: 1024 * 1024 });
  }

  /** What was recorded under that name (`tag-…`, `layer-…`), by any process. */
  async recall<T>(name: string): Promise<T | undefined> {
    try {
      return JSON.parse(await readFile(this.#recordPath(name), "utf8")) as T;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  async record(name: string, value: unknown): Promise<void> {
    await this.#write(this.#recordPath(name), JSON.stringify(value));
  }

  async forget(name: string): Promise<void> {
    await rm(this.#recordPath(name), { force: true });
  }

  #recordPath(name: string): string {
    return join(this.dir, "records", `${name.replace(/[^\w.-]/g, "_")}.json`);
  }

  async #write(path: string, bytes: string | Uint8Array): Promise<void> {
    const temporary = await this.makeTemporary();
    try {
      await writeFile(join(temporary, "file"), bytes);
      await rename(join(temporary, "file"), path);
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  }
}
