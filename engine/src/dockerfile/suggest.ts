import { editsBetween } from "../go-texts/edits.ts";

/** Words that are further away than this are no typing errors of each other. */
const MOST_EDITS = 2;

/**
 * A message with the word that was meant, when there is one: `unknown instruction: RUNN (did you mean RUN?)`.
 *
 * @param ignoreCase whether `copyy` may mean `COPY`; the answer is then written as the word was
 */
export function withSuggestion(
  message: string,
  word: string,
  options: readonly string[],
  { ignoreCase = false } = {},
): string {
  const fold = (text: string) => (ignoreCase ? text.toLowerCase() : text);
  let best: string | undefined;
  let distance = MOST_EDITS + 1;
  for (const option of options) {
    if (fold(option) === fold(word)) return message;
    const edits = editsBetween(fold(word), fold(option));
    if (edits >= distance) continue;
    best = option;
    distance = edits;
  }
  if (best === undefined) return message;
  return `${message} (did you mean ${ignoreCase ? inCaseOf(word, best) : best}?)`;
}

function inCaseOf(word: string, option: string): string {
  if (word === word.toUpperCase()) return option.toUpperCase();
  return option.toLowerCase();
}
