import type { Answer } from "./transport.ts";

/**
 * Whether an answer with 200 is about that blob or manifest. A page of a proxy has a 200 as well: only the digest or the
 * exact size count.
 */
export function isSame({ headers }: Answer, digest: string, size: number): boolean {
  const named = headers["docker-content-digest"];
  if (named !== undefined) return named === digest;
  if (/html/i.test(headers["content-type"] ?? "")) return false;
  return (/\/(\d+)$/.exec(headers["content-range"] ?? "")?.[1] ?? headers["content-length"]) === String(size);
}
