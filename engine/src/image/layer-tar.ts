/**
 * Reading and writing tar entries (pax, ustar and GNU headers), as far as image layers need them.
 *
 * The usual libraries decode attributes as UTF-8, which destroys `security.capability` and names in other encodings. Here
 * all text is "latin1": one character a byte, so whatever bytes come in go out again.
 */

const BLOCK = 512;
/** Of all extended headers before one entry together: they are held in memory. */
const LONGEST_HEADER_BYTES = 8 * 1024 * 1024;
/** More than this no file system takes (PATH_MAX). */
const LONGEST_PATH_BYTES = 4096;

export type EntryType = "file" | "hardlink" | "symlink" | "char" | "block" | "directory" | "fifo";

const TYPES: Readonly<Record<string, EntryType>> = {
  "\0": "file",
  "0": "file",
  "1": "hardlink",
  "2": "symlink",
  "3": "char",
  "4": "block",
  "5": "directory",
  "6": "fifo",
  "7": "file",
};
const FLAGS: Readonly<Record<EntryType, string>> = {
  file: "0",
  hardlink: "1",
  symlink: "2",
  char: "3",
  block: "4",
  directory: "5",
  fifo: "6",
};

export interface TarHeader {
  readonly path: string;
  readonly type: EntryType;
  readonly linkPath: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of content. */
  readonly size: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  readonly devMajor: number;
  readonly devMinor: number;
  /** Extended attributes by name, binary. */
  readonly xattrs: ReadonlyMap<string, string>;
}

export interface TarEntry {
  readonly header: TarHeader;
  /** The content, to be read (or left) before the next entry is asked for. */
  readonly content: AsyncIterable<Buffer>;
}

const XATTR = "SCHILY.xattr.";

/** Takes exact numbers of bytes out of a stream of buffers. */
class ByteReader {
  readonly #source: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async #fill(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done === true) return false;
    this.#rest = this.#rest.length === 0 ? next.value : Buffer.concat([this.#rest, next.value]);
    return true;
  }

  /** Undefined at the end of the stream; an error when it ends within. */
  async take(bytes: number): Promise<Buffer | undefined> {
    while (this.#rest.length < bytes) {
      if (await this.#fill()) continue;
      if (this.#rest.length === 0) return undefined;
      throw new Error("unexpected EOF");
    }
    const taken = this.#rest.subarray(0, bytes);
    this.#rest = this.#rest.subarray(bytes);
    return taken;
  }

  async *chunks(bytes: number): AsyncGenerator<Buffer, void, undefined> {
    let left = bytes;
    while (left > 0) {
      if (this.#rest.length === 0 && !(await this.#fill())) throw new Error("unexpected EOF");
      const chunk = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(chunk.length);
      left -= chunk.length;
      yield chunk;
    }
  }

  async drain(): Promise<void> {
    do this.#rest = Buffer.alloc(0);
    while (await this.#fill());
  }
}

/** The entries of a tar stream, in order. Reads the stream to its end. */
export async function* readTar(stream: AsyncIterable<Buffer>): AsyncGenerator<TarEntry, void, undefined> {
  const reader = new ByteReader(stream);
  let pax = new Map<string, string>();
  let extendedBytes = 0;
  for (;;) {
    const block = await reader.take(BLOCK);
    if (block === undefined || block.every((byte) => byte === 0)) break;
    const size = readNumber(block, 124, 12);
    assertChecksum(block);
    const flag = block.toString("latin1", 156, 157);
    if ("xgLK".includes(flag)) {
      extendedBytes += size;
      if (!(size >= 0) || extendedBytes > LONGEST_HEADER_BYTES)
        throw new Error(`tar: an extended header of ${extendedBytes} bytes is too long`);
      const body = (await reader.take(padded(size)))?.toString("latin1", 0, size) ?? "";
      // A global header ("g") holds comments of git-archive and the like: nothing that an image needs.
      if (flag === "x") pax = new Map([...pax, ...parsePax(body)]);
      if (flag === "L") pax.set("path", body.replace(/\0.*$/s, ""));
      if (flag === "K") pax.set("linkpath", body.replace(/\0.*$/s, ""));
      continue;
    }
    const header = readHeader(block, flag, size, pax);
    pax = new Map();
    extendedBytes = 0;
    const content = reader.chunks(header.size);
    yield { header, content };
    for await (const _ of content);
    if (header.size % BLOCK !== 0) await reader.take(padded(header.size) - header.size);
  }
  await reader.drain();
}

function readHeader(block: Buffer, flag: string, size: number, pax: ReadonlyMap<string, string>): TarHeader {
  const type = TYPES[flag];
  if (type === undefined || [...pax.keys()].some((key) => key.startsWith("GNU.sparse"))) {
    throw new Error(
      `tar: entries of the kind "${flag}" or sparse ones are not supported (${pax.get("path") ?? readText(block, 0, 100)})`,
    );
  }
  const prefix = block.toString("latin1", 257, 263) === "ustar\0" ? readText(block, 345, 155) : "";
  const name = readText(block, 0, 100);
  const path = pax.get("path") ?? (prefix === "" ? name : `${prefix}/${name}`);
  const isOldDirectory = type === "file" && path.endsWith("/");
  const hasContent = type === "file" && !isOldDirectory;
  const linkPath = pax.get("linkpath") ?? readText(block, 157, 100);
  for (const text of [path, linkPath]) checkPath(text);
  return {
    path,
    type: isOldDirectory ? "directory" : type,
    linkPath,
    mode: readNumber(block, 100, 8) & 0o7777,
    uid: natural("owner", pax.get("uid") ?? readNumber(block, 108, 8)),
    gid: natural("group", pax.get("gid") ?? readNumber(block, 116, 8)),
    size: hasContent ? natural("size", pax.get("size") ?? size) : 0,
    mtime: Math.floor(finite("time", pax.get("mtime") ?? readNumber(block, 136, 12))),
    devMajor: type === "char" || type === "block" ? readNumber(block, 329, 8) : 0,
    devMinor: type === "char" || type === "block" ? readNumber(block, 337, 8) : 0,
    xattrs: new Map(
      [...pax].filter(([key]) => key.startsWith(XATTR)).map(([key, value]) => [key.slice(XATTR.length), value]),
    ),
  };
}

/** What the programs after us would read as another name, or could not use at all. */
function checkPath(path: string): void {
  if (path.includes("\0"))
    throw new Error(`tar: there is a zero byte in the name ${JSON.stringify(path.slice(0, 100))}`);
  if (path.length > LONGEST_PATH_BYTES)
    throw new Error(`tar: a name of ${path.length} bytes is too long (${path.slice(0, 40)}…)`);
}

function natural(what: string, given: string | number): number {
  const value = finite(what, given);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error(`tar: ${value} is no ${what}`);
}

function finite(what: string, given: string | number): number {
  const value = given === "" ? Number.NaN : Number(given);
  if (Number.isFinite(value)) return value;
  throw new Error(`tar: ${JSON.stringify(given)} is no ${what}`);
}

function readText(block: Buffer, start: number, length: number): string {
  return block.toString("latin1", start, start + length).replace(/\0.*$/s, "");
}

/** Octal text, or a big-endian number when the highest bit is set (GNU, for large values). */
function readNumber(block: Buffer, start: number, length: number): number {
  const first = block[start] ?? 0;
  if ((first & 0x80) !== 0) {
    let value = first === 0xff ? -1 : first & 0x7f;
    for (let at = start + 1; at < start + length; at++) value = value * 256 + (block[at] ?? 0);
    return value;
  }
  const text = readText(block, start, length).trim();
  const value = text === "" ? 0 : Number.parseInt(text, 8);
  if (Number.isNaN(value)) throw new Error("unexpected EOF");
  return value;
}

function assertChecksum(block: Buffer): void {
  if (checksumOf(block) !== readNumber(block, 148, 8)) throw new Error("unexpected EOF");
}

function checksumOf(block: Buffer): number {
  let sum = 0;
  for (let at = 0; at < BLOCK; at++) sum += at >= 148 && at < 156 ? 32 : (block[at] ?? 0);
  return sum;
}

function parsePax(body: string): Map<string, string> {
  const found = new Map<string, string>();
  for (let at = 0; at < body.length; ) {
    const space = body.indexOf(" ", at);
    const length = Number(body.slice(at, space));
    if (space === -1 || !(length > 0)) throw new Error("tar: a broken extended header");
    const record = body.slice(space + 1, at + length - 1);
    const equals = record.indexOf("=");
    found.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return found;
}

function padded(bytes: number): number {
  return Math.ceil(bytes / BLOCK) * BLOCK;
}

/** What follows the content of a file so that the next header starts at a whole block. */
export function padding(size: number): Buffer {
  return Buffer.alloc(padded(size) - size);
}

export const END_OF_TAR: Buffer = Buffer.alloc(2 * BLOCK);

/** A header in ustar form, with a pax header before it where ustar is too small. */
export function formatHeader(header: TarHeader): Buffer {
  const pax = new Map<string, string>();
  if (header.path.length > 100) pax.set("path", header.path);
  if (header.linkPath.length > 100) pax.set("linkpath", header.linkPath);
  if (header.size > 0o77777777777) pax.set("size", String(header.size));
  if (header.uid > 0o7777777) pax.set("uid", String(header.uid));
  if (header.gid > 0o7777777) pax.set("gid", String(header.gid));
  for (const name of [...header.xattrs.keys()].sort()) pax.set(`${XATTR}${name}`, header.xattrs.get(name) ?? "");
  const main = formatBlock(header, FLAGS[header.type]);
  if (pax.size === 0) return main;
  const body = Buffer.from([...pax].map(([key, value]) => formatPaxRecord(key, value)).join(""), "latin1");
  const extension: TarHeader = {
    ...NO_HEADER,
    path: `PaxHeaders/${header.path}`.slice(0, 100),
    size: body.length,
    mtime: header.mtime,
  };
  return Buffer.concat([formatBlock(extension, "x"), body, padding(body.length), main]);
}

const NO_HEADER: TarHeader = {
  path: "",
  type: "file",
  linkPath: "",
  mode: 0o644,
  uid: 0,
  gid: 0,
  size: 0,
  mtime: 0,
  devMajor: 0,
  devMinor: 0,
  xattrs: new Map(),
};

/** A header with plain values for all that is not given: root's, mode 0644, no content. */
export function makeHeader(given: Partial<TarHeader> & Pick<TarHeader, "path" | "type">): TarHeader {
  return { ...NO_HEADER, ...given };
}

function formatPaxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return `${length}${rest}`;
}

function formatBlock(header: TarHeader, flag: string): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, start: number, length: number) => {
    const largest = 8 ** (length - 1) - 1;
    const text = Math.min(Math.max(value, 0), largest)
      .toString(8)
      .padStart(length - 1, "0");
    block.write(text, start, "latin1");
  };
  block.write(header.path.slice(0, 100), 0, "latin1");
  octal(header.mode, 100, 8);
  octal(header.uid, 108, 8);
  octal(header.gid, 116, 8);
  octal(header.size, 124, 12);
  octal(header.mtime, 136, 12);
  block.write(flag, 156, "latin1");
  block.write(header.linkPath.slice(0, 100), 157, "latin1");
  block.write("ustar\x0000", 257, "latin1");
  octal(header.devMajor, 329, 8);
  octal(header.devMinor, 337, 8);
  block.write(`${checksumOf(block).toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}
