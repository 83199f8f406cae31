/** Bytes of an entry before the name of its object: times, device, mode, owner and size. */
const STAT = 40;
const MODE_AT = 24;
/** How long names of objects are, by SHA-1 and by SHA-256. The file does not say which. */
const HASHES = [20, 32];

const EXTENDED = 0x4000;
const KIND = 0o170000;
/** A submodule, and a folder of which only the top was checked out: no files. */
const NO_FILES: ReadonlySet<number> = new Set([0o160000, 0o040000]);

/**
 * The files that git tracks, out of its index (`.git/index`, gitformat-index(5), versions 2 to 4), each once.
 *
 * Undefined when it is no index, or one that another file completes.
 */
export function listTracked(index: Uint8Array): string[] | undefined {
  const data = new DataView(index.buffer, index.byteOffset, index.byteLength);
  if (data.byteLength < 12 || Buffer.from(index.subarray(0, 4)).toString() !== "DIRC") return undefined;
  for (const hash of HASHES) {
    try {
      const paths = new IndexReader(data, hash).read();
      if (paths !== undefined) return paths;
    } catch (error) {
      // An offset beyond the end: names of objects have the other length.
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return undefined;
}

class IndexReader {
  readonly #data: DataView;
  readonly #hash: number;
  readonly #version: number;
  #at = 12;

  constructor(data: DataView, hash: number) {
    this.#data = data;
    this.#hash = hash;
    this.#version = data.getUint32(4);
  }

  read(): string[] | undefined {
    if (this.#version < 2 || this.#version > 4) return undefined;
    const paths = new Set<string>();
    let name: Buffer = Buffer.alloc(0);
    for (let left = this.#data.getUint32(8); left > 0; left--) {
      const start = this.#at;
      const kind = this.#data.getUint32(start + MODE_AT) & KIND;
      this.#at = start + STAT + this.#hash;
      const flags = this.#data.getUint16(this.#at);
      this.#at += (flags & EXTENDED) !== 0 ? 4 : 2;
      name = this.#version === 4 ? this.#readEnding(name) : this.#readName(start);
      if (!NO_FILES.has(kind)) paths.add(name.toString());
    }
    return this.#endsWell() ? [...paths] : undefined;
  }

  /** Up to a zero, and then on to a multiple of eight bytes. */
  #readName(start: number): Buffer {
    const name = this.#readText();
    this.#at = start + Math.ceil((this.#at - start) / 8) * 8;
    return name;
  }

  /** Version 4 says how many bytes of the name before are dropped, and what comes in their place. */
  #readEnding(before: Buffer): Buffer {
    let dropped = this.#data.getUint8(this.#at) & 0x7f;
    while ((this.#data.getUint8(this.#at++) & 0x80) !== 0) {
      dropped = (dropped + 1) * 128 + (this.#data.getUint8(this.#at) & 0x7f);
    }
    return Buffer.concat([before.subarray(0, before.length - dropped), this.#readText()]);
  }

  #readText(): Buffer {
    const start = this.#at;
    while (this.#data.getUint8(this.#at) !== 0) this.#at++;
    const text = Buffer.from(this.#data.buffer, this.#data.byteOffset + start, this.#at - start);
    this.#at++;
    return text;
  }

  /** Extensions follow, and a checksum. With `link` the rest of the entries is in another file. */
  #endsWell(): boolean {
    const end = this.#data.byteLength - this.#hash;
    while (this.#at < end) {
      if (this.#data.getUint32(this.#at) === LINK) return false;
      this.#at += 8 + this.#data.getUint32(this.#at + 4);
    }
    return this.#at === end;
  }
}

const LINK = Buffer.from("link").readUInt32BE();
