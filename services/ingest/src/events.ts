import {
  type FieldProblem,
  listProblems,
  type Reading,
  type ReadingInput,
  readingInput,
  readTimestamp,
} from "@slipway/contracts";
import type { Stored } from "@slipway/kafka";
import type { JsonLoss } from "./json-scan.ts";
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
  | { readonly ok: true; readonly reading: ReadingInput & { readonly nanos?: number } }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] };

/** What is told of one reading at most: a client that misspells a name a thousand times is told a few. */
const MAX_PROBLEMS = 20;
const MAX_PROBLEM_CHARS = 300;

/**
 * Checks shape, time and value of one reading. `latestTs`: beyond it lies the future, which has not been measured.
 * `losses`: what of its JSON text the item does not hold; with any it is refused.
 */
export function checkReading(item: unknown, latestTs: number, losses: readonly JsonLoss[] = []): Checked {
  const parsed = readingInput.safeParse(item);
  const lost = losses.map(({ path, detail }) => ({ field: path.join("."), detail }));
  if (!parsed.success) return { ok: false, problems: bound([...listProblems(parsed.error), ...lost]) };
  if (lost.length > 0) return { ok: false, problems: bound(lost) };
  const { data } = parsed;
  if (data.ts > latestTs) {
    const detail = `${new Date(data.ts).toISOString()} is in the future`;
    return { ok: false, problems: [{ field: "ts", detail }] };
  }
  const nanos = findNanos((item as { readonly ts: unknown }).ts);
  return { ok: true, reading: nanos === 0 ? data : { ...data, nanos } };
}

/** All problems of one reading, in a line. */
export function describeProblems(problems: readonly FieldProblem[]): string {
  return problems.map(({ field, detail }) => `${field}: ${detail}`).join("; ");
}

function bound(problems: readonly FieldProblem[]): FieldProblem[] {
  const shorten = (text: string) => (text.length > MAX_PROBLEM_CHARS ? `${text.slice(0, MAX_PROBLEM_CHARS)}...` : text);
  const told = problems
    .slice(0, MAX_PROBLEMS)
    .map(({ field, detail }) => ({ field: shorten(field), detail: shorten(detail) }));
  if (problems.length <= MAX_PROBLEMS) return told;
  return [...told, { field: "", detail: `and ${problems.length - MAX_PROBLEMS} more` }];
}

/** What a valid time says beyond the milliseconds. */
function findNanos(ts: unknown): number {
  if (typeof ts !== "string" || !/[.,]\d{4}/.test(ts)) return 0;
  const read = readTimestamp(ts);
  return read.ok ? read.nanos : 0;
}

/**
 * Stores every valid item and says of each what became of it, in the order of the request. `losses` gives what of the
 * JSON text an item does not hold.
 */
export async function storeItems(
  items: readonly unknown[],
  latestTs: number,
  store: (reading: Reading) => Promise<Stored>,
  losses: (index: number) => readonly JsonLoss[] = () => [],
): Promise<ItemResult[]> {
  return await Promise.all(
    items.map(async (item, index): Promise<ItemResult> => {
      const checked = checkReading(item, latestTs, losses(index));
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
