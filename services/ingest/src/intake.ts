import type { Context } from "hono";
import type { Admission, Ticket } from "./admission.ts";
import { chooseCharset, decodeWhole, readCharsetName } from "./charset.ts";
import { readPacking, unpack } from "./content-encoding.ts";
import type { Limits } from "./limits.ts";
import { streamBody } from "./request-body.ts";

/** What a body that is read as a whole costs for each of its bytes: itself, its text, and what is made of that. */
const COST_PER_BYTE = 4;

/** The way of a body into the service: let in, unpacked, and held within its bounds. */
export class Intake {
  readonly limits: Limits;
  readonly #maxBodyBytes: number;
  readonly #admission: Admission;

  constructor({ limits, maxBodyBytes, admission }: { limits: Limits; maxBodyBytes: number; admission: Admission }) {
    this.limits = limits;
    this.#maxBodyBytes = maxBodyBytes;
    this.#admission = admission;
  }

  /** Answers with what `handle` makes of the whole body. */
  async withWhole(c: Context, handle: (body: Buffer) => Promise<Response>): Promise<Response> {
    const ticket = this.#admission.openBody();
    try {
      const bounds = { maxBytes: this.#maxBodyBytes, idleMs: this.limits.bodyIdleMs, totalMs: this.limits.bodyTotalMs };
      const chunks: Uint8Array[] = [];
      for await (const chunk of this.#open(c, ticket, bounds)) {
        ticket.reserve(chunk.length * COST_PER_BYTE);
        chunks.push(chunk);
      }
      return await handle(Buffer.concat(chunks));
    } finally {
      ticket.close();
    }
  }

  /**
   * Lets a file or stream of lines in. The ticket must be closed at its end.
   *
   * @throws Refused before anything is read.
   */
  openUpload(c: Context): { readonly body: AsyncIterable<Uint8Array>; readonly ticket: Ticket } {
    const ticket = this.#admission.openUpload();
    try {
      const { maxUploadBytes, bodyIdleMs, uploadTotalMs } = this.limits;
      const bounds = { maxBytes: maxUploadBytes, idleMs: bodyIdleMs, totalMs: uploadTotalMs };
      return { body: this.#open(c, ticket, bounds), ticket };
    } catch (error) {
      ticket.close();
      throw error;
    }
  }

  #open(
    c: Context,
    ticket: Ticket,
    bounds: { readonly maxBytes: number; readonly idleMs: number; readonly totalMs: number },
  ): AsyncIterable<Uint8Array> {
    const packing = readPacking(c.req.header("content-encoding"));
    ticket.reserve(packing.memoryBytes);
    return unpack(streamBody(c, bounds), packing, { ...this.limits, maxBytes: bounds.maxBytes });
  }
}

/** The text of a whole body, by its byte order mark and declared charset. @throws Refused for bytes that are none. */
export function readWholeText(c: Context, body: Buffer): string {
  const { charset, skip } = chooseCharset(body, readCharsetName(c.req.header("content-type")));
  return decodeWhole(charset, body.subarray(skip), "the body", skip);
}
