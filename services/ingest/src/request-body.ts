import type { IncomingMessage } from "node:http";
import type { Context } from "hono";

/**
 * The body piece by piece. Straight from Node's own stream where there is one: through the web stream around it, a large
 * file costs twice the time.
 */
export function streamBody(c: Context): AsyncIterable<Uint8Array> {
  const { incoming } = (c.env ?? {}) as { incoming?: IncomingMessage };
  return incoming ?? c.req.raw.body ?? emptyBody();
}

async function* emptyBody(): AsyncGenerator<Uint8Array> {}

/** A content type, with or without parameters such as charset. */
export function isType(header: string | undefined, type: string): boolean {
  return header?.split(";")[0]?.trim().toLowerCase() === type;
}
