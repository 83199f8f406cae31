/** Levenshtein's distance in code points, by which programs in Go find the word that was meant. */
export function editsBetween(from: string, to: string): number {
  const signs = [...to];
  let above = Array.from({ length: signs.length + 1 }, (_, place) => place);
  for (const [row, sign] of [...from].entries()) {
    const current = [row + 1];
    for (const [column, other] of signs.entries()) {
      const replaced = (above[column] as number) + (sign === other ? 0 : 1);
      current.push(Math.min(replaced, (above[column + 1] as number) + 1, (current[column] as number) + 1));
    }
    above = current;
  }
  return above[signs.length] as number;
}
