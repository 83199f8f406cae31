import type { Context } from "hono";

const REQUEST_HEADERS = ["content-type", "content-encoding", "idempotency-key", "traceparent", "accept"];
const RESPONSE_HEADERS = [
  "content-type",
  "content-security-policy",
  "location",
  "retry-after",
  "accept-encoding",
  "allow",
  "idempotency-replayed",
  "cache-control",
];

/** Hands a request on to ingest, body and answer piece by piece. Only the named headers pass. */
export async function forwardToIngest(c: Context, ingestUrl: string, path: string): Promise<Response> {
  const query = new URL(c.req.url).search;
  const headers = new Headers();
  for (const name of REQUEST_HEADERS) {
    const value = c.req.header(name);
    if (value !== undefined) headers.set(name, value);
  }
  const { body } = c.req.raw;
  try {
    const answer = await fetch(`${ingestUrl.replace(/\/$/, "")}${path}${query}`, {
      method: c.req.method,
      headers,
      redirect: "manual",
      signal: c.req.raw.signal,
      ...(body === null ? {} : { body, duplex: "half" }),
    });
    const passed = new Headers();
    for (const name of RESPONSE_HEADERS) {
      const value = answer.headers.get(name);
      if (value !== null) passed.set(name, value);
    }
    return new Response(answer.body, { status: answer.status, headers: passed });
  } catch (error) {
    const { cause, message } = error as Error;
    const detail = `ingest does not answer: ${cause instanceof Error ? cause.message : message}`;
    const problem = { type: "urn:slipway:problem:unavailable", title: "Ingest cannot be reached", status: 503, detail };
    return c.body(JSON.stringify(problem), 503, { "content-type": "application/problem+json", "retry-after": "2" });
  }
}
