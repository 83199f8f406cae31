import { type JsonLoss, scanJson } from "./json-scan.ts";
import type { Limits } from "./limits.ts";

export type JsonResult =
  | { readonly ok: true; readonly value: unknown; readonly losses: readonly JsonLoss[] }
  | { readonly ok: false; readonly kind: "not-json" | "invalid"; readonly problem: string };

/** Parses JSON within bounds, and says what of it the value does not hold. */
export function parseJson(text: string, limits: Pick<Limits, "maxJsonDepth" | "maxJsonValues">): JsonResult {
  const scan = scanJson(text, limits);
  if (!scan.ok) return { ok: false, kind: "invalid", problem: scan.problem };
  try {
    return { ok: true, value: JSON.parse(text) as unknown, losses: scan.losses };
  } catch (error) {
    return { ok: false, kind: "not-json", problem: (error as Error).message };
  }
}
