import { createHash } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { END_OF_TAR, formatHeader, makeHeader, padding } from "../image/layer-tar.ts";

const BLOCK = 512;
/** More than this a header of tar cannot say without another one before it. */
const LARGEST_ENTRY_BYTES = 8 ** 11 - 1;
const AT_ONCE_BYTES = 2 ** 20;
/** The list of what is in a pack is held in memory. */
const LONGEST_LIST_BYTES = 64 * 2 ** 20;

/** The last entry: what is in the pack, with digests, behind a checksum of its own. */
const LIST = "contents";
const LIST_MARK = "slipway-pack-contents";
/** With the space before it and the line's end. */
const CHECKSUM_CHARACTERS = 66;

/** Where an entry may lie; nothing else is written, and nothing else is read. */
const PLACES =
  /^(?:pack\.json|layers\/(?:[0-9a-f]{14}|[0-9a-f]{16})|blobs\/[0-9a-f]{64}|results\/[0-9a-f]{64}\.json|images\/(?:(?:pin|pulled)-[0-9a-f]{32}|layer-[0-9a-f]{16})\.json|volumes\/[0-9a-f]{64})$/;

/** One file of a pack. */
export interface PackEntry {
  readonly path: string;
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
  /** Where its content begins. */
  readonly start: number;
}

/** Why a file is not taken as a pack. Nothing of it is in the store then. */
export class PackProblem extends Error {
  constructor(file: string, reason: string, todo = "remove the file, and make it again by store pack") {
    super(`${file} is not unpacked: ${reason}\n  to do: ${todo}`);
  }
}

/**
 * Writes a pack: a tar of plain files whose digests stand in the last one. The file has its name when all of it is written.
 *
 * An entry of unknown length is written behind a gap for its header. What turns out to be too long is taken back.
 */
export class PackWriter {
  readonly #entries: PackEntry[] = [];
  #end = 0;
  #listBytes = LIST_MARK.length + CHECKSUM_CHARACTERS + 2 * BLOCK + END_OF_TAR.length;

  private constructor(
    readonly path: string,
    readonly temporary: string,
    readonly file: FileHandle,
    readonly mostBytes: number,
  ) {}

  /** @param mostBytes what the whole file may have */
  static async create(path: string, mostBytes: number): Promise<PackWriter> {
    const temporary = join(dirname(path), `.${basename(path)}.${process.pid}`);
    return new PackWriter(path, temporary, await open(temporary, "w"), mostBytes);
  }

  has(path: string): boolean {
    return this.#entries.some((entry) => entry.path === path);
  }

  /** A point to which `takeBack` can return. */
  get count(): number {
    return this.#entries.length;
  }

  get bytes(): number {
    return this.#end + this.#listBytes;
  }

  /** @returns false when it does not fit; then it is not there */
  async add(path: string, content: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<boolean> {
    const start = this.#end + BLOCK;
    const listed = listLine({ path, bytes: LARGEST_ENTRY_BYTES, sha256: "0".repeat(64), start }).length + 1;
    const room = Math.min(LARGEST_ENTRY_BYTES, this.mostBytes - start - BLOCK - this.#listBytes - listed);
    const hash = createHash("sha256");
    let bytes = 0;
    for await (const chunk of joined(content)) {
      if (bytes + chunk.length > room) return false;
      hash.update(chunk);
      await writeAll(this.file, chunk, start + bytes);
      bytes += chunk.length;
    }
    if (room < 0) return false;
    await writeAll(this.file, headerOf(path, bytes), this.#end);
    await writeAll(this.file, padding(bytes), start + bytes);
    this.#end = start + bytes + padding(bytes).length;
    this.#listBytes += listed;
    this.#entries.push({ path, bytes, sha256: hash.digest("hex"), start });
    return true;
  }

  /** Takes all entries away but the first ones. */
  takeBack(count: number): void {
    for (const entry of this.#entries.splice(count).reverse()) {
      this.#end = entry.start - BLOCK;
      this.#listBytes -= listLine({ ...entry, bytes: LARGEST_ENTRY_BYTES }).length + 1;
    }
  }

  /** Writes the list, and gives the file its name. */
  async finish(): Promise<readonly PackEntry[]> {
    const body = this.#entries.map(listLine).join("\n");
    const list = Buffer.from(`${LIST_MARK} ${sha256(body)}\n${body}`);
    const tail = [headerOf(LIST, list.length), list, padding(list.length), END_OF_TAR];
    await this.file.truncate(this.#end);
    await writeAll(this.file, Buffer.concat(tail), this.#end);
    await this.file.sync();
    await this.file.close();
    await rename(this.temporary, this.path);
    return this.#entries;
  }

  async abandon(): Promise<void> {
    await this.file.close().catch(() => undefined);
    await rm(this.temporary, { force: true });
  }
}

/**
 * Reads a pack to its end, and compares every byte of it with what was written: headers with those that only this program writes,
 * contents with their digests.
 *
 * @throws PackProblem
 */
export async function readPack(path: string, file: FileHandle): Promise<readonly PackEntry[]> {
  const size = (await file.stat()).size;
  const found: PackEntry[] = [];
  let at = 0;
  for (;;) {
    const header = await readAt(path, file, at, BLOCK, size);
    const entry = entryOf(path, header);
    const start = at + BLOCK;
    if (start + entry.bytes > size) throw cutOff(path);
    if (entry.path === LIST) {
      const list = await readAt(path, file, start, Math.min(entry.bytes, LONGEST_LIST_BYTES), size);
      await compareEnd(path, file, start + entry.bytes, size);
      compareList(path, found, list.toString("utf8"));
      return found;
    }
    if (!PLACES.test(entry.path))
      throw new PackProblem(path, `it has an unexpected entry ${JSON.stringify(entry.path)}`);
    const hash = createHash("sha256");
    for await (const chunk of contentOf(file, { ...entry, start })) hash.update(chunk);
    const after = padding(entry.bytes);
    const rest = await readAt(path, file, start + entry.bytes, after.length, size);
    if (!rest.equals(after)) throw damaged(path);
    found.push({ ...entry, start, sha256: hash.digest("hex") });
    at = start + entry.bytes + after.length;
  }
}

/** The bytes of one entry. */
export async function* contentOf(
  file: FileHandle,
  { start, bytes }: Pick<PackEntry, "start" | "bytes">,
): AsyncGenerator<Buffer, void, undefined> {
  for (let at = 0; at < bytes; ) {
    const buffer = Buffer.allocUnsafe(Math.min(AT_ONCE_BYTES, bytes - at));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, start + at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Path and length of an entry whose header is, to the byte, one that this program writes: that of a plain file. */
function entryOf(file: string, header: Buffer): { readonly path: string; readonly bytes: number } {
  const path = header.toString("latin1", 0, 100).replace(/\0.*$/s, "");
  const bytes = Number.parseInt(header.toString("latin1", 124, 135), 8);
  if (bytes >= 0 && headerOf(path, bytes).equals(header)) return { path, bytes };
  const kind = header.toString("latin1", 156, 157);
  if ("123456".includes(kind) && header.toString("latin1", 257, 262) === "ustar")
    throw new PackProblem(file, `its entry ${JSON.stringify(path)} is a link, a device or a folder`);
  throw new PackProblem(file, "it is not a pack, or it is damaged");
}

function compareList(file: string, found: readonly PackEntry[], list: string): void {
  const body = found.map(listLine).join("\n");
  if (list !== `${LIST_MARK} ${sha256(body)}\n${body}`) throw damaged(file);
}

async function compareEnd(path: string, file: FileHandle, at: number, size: number): Promise<void> {
  const expected = Buffer.concat([padding(at), END_OF_TAR]);
  const rest = await readAt(path, file, at, expected.length, size);
  if (!rest.equals(expected) || at + expected.length !== size) throw damaged(path);
}

const listLine = ({ path, bytes, sha256: digest }: PackEntry): string => `${digest} ${bytes} ${path}`;

const damaged = (file: string) => new PackProblem(file, "it is damaged: its content is not what was packed");
const cutOff = (file: string) => new PackProblem(file, "it is cut off");

const headerOf = (path: string, bytes: number): Buffer => formatHeader(makeHeader({ path, type: "file", size: bytes }));

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

async function readAt(path: string, file: FileHandle, at: number, bytes: number, size: number): Promise<Buffer> {
  if (at + bytes > size) throw cutOff(path);
  const buffer = Buffer.alloc(bytes);
  let read = 0;
  while (read < bytes) {
    const { bytesRead } = await file.read(buffer, read, bytes - read, at + read);
    if (bytesRead === 0) throw cutOff(path);
    read += bytesRead;
  }
  return buffer;
}

async function writeAll(file: FileHandle, chunk: Buffer, at: number): Promise<void> {
  let written = 0;
  while (written < chunk.length) {
    written += (await file.write(chunk, written, chunk.length - written, at + written)).bytesWritten;
  }
}

/** In large pieces: a tar comes as one for each header. */
async function* joined(content: AsyncIterable<Buffer> | Iterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  let waiting: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of content) {
    waiting.push(chunk);
    bytes += chunk.length;
    if (bytes < AT_ONCE_BYTES) continue;
    yield Buffer.concat(waiting);
    waiting = [];
    bytes = 0;
  }
  if (bytes > 0) yield Buffer.concat(waiting);
}
