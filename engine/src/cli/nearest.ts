import { editsBetween } from "../go-texts/edits.ts";

/** Largest number of letters that may differ in a suggested word, as in Dagger's command line. */
const MOST_EDITS = 2;
const MOST_WORDS = 3;

/** Whether one word may have been meant by the other: nearly the same letters, or the beginning of it. */
export function isNear(word: string, choice: string): boolean {
  const lower = word.toLowerCase();
  return editsBetween(lower, choice) <= MOST_EDITS || choice.startsWith(lower);
}

/** The choices that may have been meant, the nearest first. In short words fewer letters may differ. */
export function nearestTo(word: string, choices: readonly string[]): readonly string[] {
  const lower = word.toLowerCase();
  const most = Math.min(MOST_EDITS, Math.max(1, lower.length - 2));
  return [...new Set(choices)]
    .map((choice) => ({ choice, edits: editsBetween(lower, choice.toLowerCase()) }))
    .filter(({ choice, edits }) => edits <= most || (lower.length > 1 && choice.toLowerCase().startsWith(lower)))
    .sort((left, right) => left.edits - right.edits)
    .slice(0, MOST_WORDS)
    .map(({ choice }) => choice);
}

/** The words that may have been meant, in the form of Dagger's command line; empty where there is none. */
export function didYouMean(words: readonly string[]): string {
  return words.length === 0 ? "" : `\nDid you mean this?\n${words.map((word) => `\t${word}\n`).join("")}`;
}
