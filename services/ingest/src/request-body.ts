import type { IncomingMessage } from "node:http";
import type { Context } from "hono";
import { Refused } from "./problem.ts";

export interface BodyBounds {
  readonly maxBytes: number;
  /** How long the client may send nothing while it is waited for. */
  readonly idleMs: number;
  /** How long all of it may take. */
  readonly totalMs: number;
}

/**
 * The body piece by piece, as it was sent. Straight from Node's own stream where there is one: through the web stream
 * around it, a large file costs twice the time. Ending early leaves the connection open, so that an answer can go out.
 *
 * @throws Refused too-large or too-slow.
 */
export async function* streamBody(c: Context, bounds: BodyBounds): AsyncGenerator<Uint8Array, void, undefined> {
  const declared = Number(c.req.header("content-length") ?? 0);
  if (declared > bounds.maxBytes) throw tooLarge(bounds.maxBytes);
  const endAt = Date.now() + bounds.totalMs;
  const chunks = openChunks(c);
  let bytes = 0;
  for (;;) {
    const next = await withinLimit(chunks, bounds.idleMs, endAt, bounds.totalMs);
    if (next.done === true) return;
    bytes += next.value.length;
    if (bytes > bounds.maxBytes) throw tooLarge(bounds.maxBytes);
    yield next.value;
  }
}

/** A content type, with or without parameters such as charset. */
export function isType(header: string | undefined, type: string): boolean {
  return header?.split(";")[0]?.trim().toLowerCase() === type;
}

function tooLarge(maxBytes: number): Refused {
  return new Refused("too-large", `expected at most ${maxBytes} bytes`);
}

function openChunks(c: Context): AsyncIterator<Uint8Array> {
  const { incoming } = (c.env ?? {}) as { incoming?: IncomingMessage };
  const body: AsyncIterable<Uint8Array> =
    incoming?.iterator({ destroyOnReturn: false }) ?? c.req.raw.body ?? emptyBody();
  return body[Symbol.asyncIterator]();
}

async function* emptyBody(): AsyncGenerator<Uint8Array> {}

/** The next chunk. The clock runs only while the client is waited for, so that a slow broker is not the client's fault. */
function withinLimit(
  chunks: AsyncIterator<Uint8Array>,
  idleMs: number,
  endAt: number,
  totalMs: number,
): Promise<IteratorResult<Uint8Array>> {
  const leftMs = Math.max(0, endAt - Date.now());
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => {
        const what = leftMs < idleMs ? `the body took longer than ${totalMs} ms` : `nothing came for ${idleMs} ms`;
        reject(new Refused("too-slow", `${what}; what had arrived until then may be stored`));
      },
      Math.min(idleMs, leftMs),
    );
    chunks.next().then(
      (next) => {
        clearTimeout(timer);
        resolve(next);
      },
      (error) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}
