/** The text of a source of Go, Java, Kotlin or Groovy without its comments, but for those behind code on one line. */
export function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
}

/** The ports that patterns find in a text: of each match the first group that took part in it. */
export function listPorts(text: string, patterns: readonly RegExp[]): Set<number> {
  const found = patterns.flatMap((pattern) =>
    [...text.matchAll(pattern)].map((match) => Number(match.slice(1).find(Boolean))),
  );
  return new Set(found.filter((port) => port > 0 && port <= 65_535));
}

/** The one port that patterns find in a text. Two different ones say nothing, as two of EXPOSE do not. */
export function onlyPort(text: string, patterns: readonly RegExp[]): number | undefined {
  const ports = listPorts(text, patterns);
  const [first] = ports;
  return ports.size === 1 ? first : undefined;
}
