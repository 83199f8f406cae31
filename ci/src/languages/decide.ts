import type { Account } from "../account.ts";
import { type Found, Undecided } from "./language.ts";
import { allows } from "./version-range.ts";

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

/**
 * The version of a language that several places name; they have to agree.
 *
 * @param language as people write it: Node
 */
export function agree(language: string, found: readonly Found<string>[]): Found<string> | undefined {
  const [first, ...others] = found;
  const other = others.find(({ value }) => value !== first?.value);
  if (first === undefined || other === undefined) return first;
  const what = `${first.from} says ${language} ${first.value}, ${other.from} says ${language} ${other.value}`;
  const where = `${first.from}, ${other.from}`;
  throw new Undecided([{ what, where, todo: "make them agree, or remove one" }]);
}

/**
 * That a file of a language cannot be read.
 *
 * @param form that it has to have: JSON
 * @param reason in the words of its reader
 */
export function unreadable(path: string, text: string, form: string, reason: string): Undecided {
  // UTF-16 and the one-byte encodings come as bytes that are no text.
  const isDamaged = /[\0\uFFFD]/.test(text);
  const why = isDamaged ? "it holds bytes that are not UTF-8" : reason.replace(/\s+/g, " ");
  const todo = isDamaged ? `save ${path} as UTF-8` : `repair ${path}`;
  return new Undecided([{ what: `${path} cannot be read as ${form}: ${why}`, where: path, todo }]);
}

/**
 * Whether a line of releases has versions in a range that a project names.
 *
 * @param example of a range that is understood: ">=22"
 * @throws Undecided when the range is not understood
 */
export function isAllowed({ value, from }: Found<string>, line: string, example: string): boolean {
  const allowed = allows(value, line);
  if (allowed !== undefined) return allowed;
  const what = `${from} is ${JSON.stringify(value)}, which Slipway does not understand`;
  throw new Undecided([{ what, where: from, todo: `write a range, such as ${JSON.stringify(example)}` }]);
}
