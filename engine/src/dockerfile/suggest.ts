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

/** Levenshtein's distance. */
function editsBetween(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, place) => place);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = (above[column - 1] as number) + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min((above[column] as number) + 1, (current[column - 1] as number) + 1, replaced));
    }
    above = current;
  }
  return above[to.length] as number;
}
