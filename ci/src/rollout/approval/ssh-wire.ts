/** Why bytes are not what they should be. Callers add where they came from. */
export class MalformedError extends Error {
  override readonly name = "MalformedError";
}

/** Reads the types of the SSH protocol (RFC 4251 section 5). Nothing is read past the end, nothing may be left over. */
export class WireReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  take(length: number): Buffer {
    if (length > this.#bytes.length - this.#at) throw new MalformedError(`cut short: ${length} more bytes expected`);
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  uint32(): number {
    return this.take(4).readUInt32BE(0);
  }

  /** A length and as many bytes. */
  string(): Buffer {
    return this.take(this.uint32());
  }

  /** A string of printable ASCII: names of algorithms and namespaces. */
  text(): string {
    const bytes = this.string();
    if (bytes.some((byte) => byte < 0x20 || byte > 0x7e)) throw new MalformedError("a name holds unprintable bytes");
    return bytes.toString("latin1");
  }

  /** A positive number, without its leading zero bytes. */
  positive(): Buffer {
    const bytes = this.string();
    if (((bytes[0] ?? 0) & 0x80) !== 0) throw new MalformedError("a number is negative");
    const start = bytes.findIndex((byte) => byte !== 0);
    if (start < 0) throw new MalformedError("a number is zero");
    if (start > 1) throw new MalformedError("a number has too many leading zeros");
    return bytes.subarray(start);
  }

  end(): void {
    const left = this.#bytes.length - this.#at;
    if (left > 0) throw new MalformedError(`${left} bytes too many`);
  }
}

/** A length and the bytes. */
export function wireString(bytes: Buffer | string): Buffer {
  const content = typeof bytes === "string" ? Buffer.from(bytes, "utf8") : bytes;
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, content]);
}

/** Base64 as it should be written: `Buffer.from` alone ignores whatever it does not know. */
export function readBase64(text: string, what: string): Buffer {
  const bytes = Buffer.from(text, "base64");
  if (text === "" || bytes.toString("base64") !== text) throw new MalformedError(`${what} is not base64`);
  return bytes;
}
