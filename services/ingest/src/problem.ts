import { FateUnknown, NotSent, QueueFull } from "@slipway/kafka";
import type { Context } from "hono";

/** What goes into a problem document beside title and status. */
export interface ProblemParts {
  readonly detail: string;
  readonly errors?: readonly object[];
  readonly retryAfterS?: number;
}

const kinds = {
  malformed: [400, "The request cannot be read"],
  "not-found": [404, "There is nothing here"],
  "in-progress": [409, "The same request is under way"],
  "too-large": [413, "The request is too large"],
  "unsupported-type": [415, "The content type is not supported"],
  invalid: [422, "The content is not valid"],
  "key-reused": [422, "The idempotency key belongs to other content"],
  internal: [500, "Something broke on our side"],
  overloaded: [503, "No room for more at the moment"],
  unavailable: [503, "The broker cannot be reached"],
  "fate-unknown": [504, "It is not known whether this was stored"],
} as const;

export type ProblemKind = keyof typeof kinds;

/** An answer after RFC 9457. `type` is stable and part of the contract; the words are not. */
export function answerProblem(c: Context, kind: ProblemKind, { detail, errors, retryAfterS }: ProblemParts): Response {
  const [status, title] = kinds[kind];
  const body = {
    type: `urn:slipway:problem:${kind}`,
    title,
    status,
    detail,
    instance: c.req.path,
    ...(errors === undefined ? {} : { errors }),
  };
  return c.body(JSON.stringify(body), status, {
    "content-type": "application/problem+json",
    ...(retryAfterS === undefined ? {} : { "retry-after": String(retryAfterS) }),
  });
}

/** Which problem a failed delivery is. */
export function classifyDelivery(error: unknown): { readonly kind: ProblemKind; readonly detail: string } {
  if (error instanceof QueueFull) return { kind: "overloaded", detail: error.message };
  if (error instanceof NotSent) return { kind: "unavailable", detail: error.message };
  if (error instanceof FateUnknown) {
    return { kind: "fate-unknown", detail: `${error.message}. Repeat the request with the same id or Idempotency-Key` };
  }
  return { kind: "internal", detail: (error as Error).message };
}
