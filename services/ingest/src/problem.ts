import { FateUnknown, NotSent, QueueFull } from "@slipway/kafka";
import type { Context } from "hono";

/** What goes into a problem document beside title and status. */
export interface ProblemParts {
  readonly detail: string;
  readonly errors?: readonly object[];
  readonly retryAfterS?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

const kinds = {
  malformed: [400, "The request cannot be read"],
  "not-found": [404, "There is nothing here"],
  "method-not-allowed": [405, "This method is not for this address"],
  "too-slow": [408, "The request took too long to arrive"],
  "in-progress": [409, "The same request is under way"],
  "too-large": [413, "The request is too large"],
  "unsupported-type": [415, "The content type is not supported"],
  "unsupported-charset": [415, "The charset is not supported"],
  "unsupported-encoding": [415, "The content encoding is not supported"],
  invalid: [422, "The content is not valid"],
  "key-reused": [422, "The idempotency key belongs to other content"],
  "too-many": [429, "Too much is under way at once"],
  internal: [500, "Something broke on our side"],
  overloaded: [503, "No room for more at the moment"],
  unavailable: [503, "The broker cannot be reached"],
  "fate-unknown": [504, "It is not known whether this was stored"],
} as const;

export type ProblemKind = keyof typeof kinds;

/** All kinds, in the order of their statuses. */
export const PROBLEM_KINDS = Object.keys(kinds) as [ProblemKind, ...ProblemKind[]];

/** Status and title of the answers of one kind. */
export function describeProblem(kind: ProblemKind): {
  readonly status: (typeof kinds)[ProblemKind][0];
  readonly title: string;
} {
  const [status, title] = kinds[kind];
  return { status, title };
}

/** A request, or the rest of it, is not taken. The message says why, and where it can be known what to do. */
export class Refused extends Error {
  override readonly name = "Refused";
  constructor(
    readonly kind: ProblemKind,
    message: string,
    readonly more: { readonly retryAfterS?: number; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
  }
}

/** An answer after RFC 9457. `type` is stable and part of the contract; the words are not. */
export function answerProblem(c: Context, kind: ProblemKind, parts: ProblemParts): Response {
  const { detail, errors, retryAfterS, headers } = parts;
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
    ...headers,
  });
}

/** The answer to what a request ended with. */
export function answerFailure(c: Context, error: unknown): Response {
  const { kind, detail } = classifyFailure(error);
  if (error instanceof Refused) return answerProblem(c, kind, { detail, ...error.more });
  return answerProblem(c, kind, {
    detail,
    ...(kind === "unavailable" || kind === "overloaded" ? { retryAfterS: 5 } : {}),
  });
}

/** Which problem a request ended with: it was refused, its connection broke, or its delivery failed. */
export function classifyFailure(error: unknown): { readonly kind: ProblemKind; readonly detail: string } {
  if (error instanceof Refused) return { kind: error.kind, detail: error.message };
  if (isBrokenBody(error)) return { kind: "malformed", detail: "the connection broke before the end of the body" };
  return classifyDelivery(error);
}

function isBrokenBody(error: unknown): boolean {
  const { code, name } = error as { code?: string; name?: string };
  return code === "ECONNRESET" || code === "ERR_STREAM_PREMATURE_CLOSE" || name === "AbortError";
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
