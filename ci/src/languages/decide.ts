import type { Account } from "../account.ts";
import { type Found, Undecided } from "./language.ts";

/**
 * Takes every decision, also when one of them cannot be taken, so that all questions are asked at once.
 *
 * @throws Undecided with the questions of all decisions
 */
export function decideAll<T extends Readonly<Record<string, unknown>>>(
  decisions: {
    readonly [K in keyof T]: () => T[K];
  },
): T {
  const questions: Account[] = [];
  const taken = Object.entries(decisions).map(([name, decide]) => {
    try {
      return [name, decide()];
    } catch (error) {
      if (!(error instanceof Undecided)) throw error;
      questions.push(...error.questions);
      return [name, undefined];
    }
  });
  if (questions.length > 0) throw new Undecided(questions);
  return Object.fromEntries(taken);
}

/** Several places that say the same; they have to agree. */
export function agree<T>(
  found: readonly Found<T>[],
  same: (left: T, right: T) => boolean,
  ask: (left: Found<T>, right: Found<T>) => Account,
): Found<T> | undefined {
  const [first, ...others] = found;
  if (first === undefined) return undefined;
  const other = others.find(({ value }) => !same(first.value, value));
  if (other !== undefined) throw new Undecided([ask(first, other)]);
  return first;
}
