import { ApiError } from "./errors.ts";
import { decodeText } from "./file-contents.ts";
import type { Kept } from "./values.ts";

/** As much of a stream can be told: more is read, so that the process goes on, but not kept. */
const MOST_KEPT = 128 << 20;

/** An error carries the ends of the streams: as much of each. */
const SHOWN_BYTES = 100 << 10;

/** What a process prints on one stream. Its memory is bounded whatever that is. */
export class Printed {
  #bytes = 0;
  #parts: Buffer[] = [];
  /** The last parts, with as many bytes as an error shows. */
  #end: Buffer[] = [];
  #endBytes = 0;

  /** @param most bytes that are kept from the beginning; of a longer stream only its end is */
  constructor(readonly most = MOST_KEPT) {}

  get bytes(): number {
    return this.#bytes;
  }

  add(part: Buffer): void {
    this.#bytes += part.length;
    if (this.#bytes <= this.most) this.#parts.push(part);
    else this.#parts = [];
    this.#end.push(part);
    this.#endBytes += part.length;
    for (let first = this.#end[0]; first !== undefined && this.#endBytes - first.length >= SHOWN_BYTES; ) {
      this.#end.shift();
      this.#endBytes -= first.length;
      first = this.#end[0];
    }
  }

  kept(): Kept {
    return this.#bytes > this.most ? this.#bytes : decodeText(Buffer.concat(this.#parts));
  }

  /** The end of it as the real engine shows it in errors of services. */
  end(): string {
    const end = Buffer.concat(this.#end);
    if (this.#bytes <= SHOWN_BYTES) return decodeText(end);
    const note = `[omitting ${this.#bytes - SHOWN_BYTES} bytes]...`;
    return `${note}${decodeText(end.subarray(end.length - SHOWN_BYTES + note.length))}`;
  }

  /** The same as it stands in errors of execs: without the blanks around it. */
  trimmedEnd(): string {
    return this.end().trim();
  }
}

/**
 * A stream as it is told to whoever asks for it.
 *
 * @param what the stream is called
 * @throws ApiError when there was too much to keep
 */
export function wholeStream(what: string, kept: Kept): string {
  if (typeof kept === "string") return kept;
  throw new ApiError(
    `${what} of ${kept} bytes is not supported by the embedded engine yet, which keeps ${MOST_KEPT}: let the command write a file, or use redirectStdout or redirectStderr`,
    { code: "UNSUPPORTED_FIELD" },
  );
}
