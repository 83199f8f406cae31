import type { Limits } from "./limits.ts";
import { Refused } from "./problem.ts";

/** What a file or stream of lines costs beside its decoders: pieces of it, and the refusals for its answer. */
const UPLOAD_BYTES = 3 * 1024 * 1024;

/** Which part of the memory files may take, and which part large bodies, so that small requests still get through. */
const UPLOAD_SHARE = 3 / 4;
const LARGE_SHARE = 7 / 8;
const LARGE_BYTES = 256 * 1024;

/** A request that has been let in. */
export interface Ticket {
  /** Takes so much more of the memory for requests. @throws Refused too-many when it is not there. */
  reserve(bytes: number): void;
  /** Gives everything back. May be called more than once. */
  close(): void;
}

/** Bounds what all requests hold at once. What does not fit is refused right away: waiting would cost memory as well. */
export class Admission {
  readonly #limits: Limits;
  #uploads = 0;
  #bytes = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Files and streams of lines under way. */
  get uploads(): number {
    return this.#uploads;
  }

  /** Bytes that are set aside for the requests under way. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Lets in a request whose body is read as a whole; it reserves as it reads. */
  openBody(): Ticket {
    return this.#open(1, () => undefined);
  }

  /** Lets in a file or stream of lines. @throws Refused too-many when as many as may be are under way. */
  openUpload(): Ticket {
    if (this.#uploads >= this.#limits.maxOpenUploads) {
      throw new Refused("too-many", `${this.#uploads} files and streams are under way, the most at once`, {
        retryAfterS: 5,
      });
    }
    this.#uploads += 1;
    const ticket = this.#open(UPLOAD_SHARE, () => {
      this.#uploads -= 1;
    });
    try {
      ticket.reserve(UPLOAD_BYTES);
    } catch (error) {
      ticket.close();
      throw error;
    }
    return ticket;
  }

  #open(share: number, onClose: () => void): Ticket {
    let held = 0;
    let open = true;
    return {
      reserve: (bytes) => {
        const mine = held + bytes > LARGE_BYTES ? Math.min(share, LARGE_SHARE) : share;
        if (this.#bytes + bytes > this.#limits.maxRequestMemoryBytes * mine) {
          throw new Refused("too-many", "the memory for requests is used up by others that are under way", {
            retryAfterS: 2,
          });
        }
        this.#bytes += bytes;
        held += bytes;
      },
      close: () => {
        if (!open) return;
        open = false;
        this.#bytes -= held;
        onClose();
      },
    };
  }
}
