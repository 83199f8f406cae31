import { type FieldProblem, listProblems, type Reading, type ReadingInput, readingInput } from "@slipway/contracts";
import type { Stored } from "@slipway/kafka";
import { classifyDelivery, type ProblemKind } from "./problem.ts";
import { identify } from "./reading-record.ts";

/** What became of one item of a request. */
export type ItemResult =
  | {
      readonly index: number;
      readonly status: "stored";
      readonly id: string;
      readonly partition: number;
      readonly offset: number;
    }
  | { readonly index: number; readonly status: "refused"; readonly problems: readonly FieldProblem[] }
  | {
      readonly index: number;
      readonly status: "failed";
      readonly id: string;
      readonly kind: ProblemKind;
      readonly detail: string;
    };

/** Items in one request of `POST /v1/events`. */
export const MAX_ITEMS = 1_000;

/** A reading that is valid, or what is wrong with it. */
export type Checked =
  | { readonly ok: true; readonly reading: ReadingInput }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] };

/** Checks shape, time and value of one reading. `latestTs`: beyond it lies the future, which has not been measured. */
export function checkReading(item: unknown, latestTs: number): Checked {
  const parsed = readingInput.safeParse(item);
  if (!parsed.success) return { ok: false, problems: listProblems(parsed.error) };
  if (parsed.data.ts > latestTs) {
    const detail = `${new Date(parsed.data.ts).toISOString()} lies in the future`;
    return { ok: false, problems: [{ field: "ts", detail }] };
  }
  return { ok: true, reading: parsed.data };
}

/** Stores every valid item and says of each what became of it, in the order of the request. */
export async function storeItems(
  items: readonly unknown[],
  latestTs: number,
  store: (reading: Reading) => Promise<Stored>,
): Promise<ItemResult[]> {
  return await Promise.all(
    items.map(async (item, index): Promise<ItemResult> => {
      const checked = checkReading(item, latestTs);
      if (!checked.ok) return { index, status: "refused", problems: checked.problems };
      const reading = identify(checked.reading);
      try {
        return { index, status: "stored", id: reading.id, ...(await store(reading)) };
      } catch (error) {
        return { index, status: "failed", id: reading.id, ...classifyDelivery(error) };
      }
    }),
  );
}

/** 202 all stored, 207 some, 422 none valid; when nothing is stored for the broker's sake, 504 if that is not certain. */
export function decideStatus(results: readonly ItemResult[]): 202 | 207 | 422 | 503 | 504 {
  const stored = results.filter(({ status }) => status === "stored").length;
  if (stored === results.length) return 202;
  if (stored > 0) return 207;
  const failed = results.flatMap((result) => (result.status === "failed" ? [result.kind] : []));
  if (failed.length === 0) return 422;
  return failed.includes("fate-unknown") ? 504 : 503;
}
