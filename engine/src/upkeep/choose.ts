/** Something that several holdings may need: a layer or a blob, by its path. */
export interface Part {
  readonly path: string;
  readonly bytes: number;
}

/** What is kept or given up as a whole: a result, an image, a cache volume. */
export interface Holding {
  /** What is removed with it. Its parts are removed when nothing that is kept needs them. */
  readonly path: string;
  /** Of itself, without its parts. */
  readonly bytes: number;
  /** When it was last used, in milliseconds. */
  readonly usedMs: number;
  readonly needs: readonly Part[];
}

export interface Choice {
  /** Paths in the order in which they have to go: first what refers to parts, then the parts. */
  readonly remove: readonly string[];
  readonly freedBytes: number;
  readonly keptBytes: number;
}

/**
 * What has to go so that the rest fits. What was used last is kept first, with the parts that it needs; what does not fit
 * beside what was used later goes.
 *
 * @param mostBytes what may be left
 */
export function choose(holdings: readonly Holding[], mostBytes: number): Choice {
  const parts = new Map(holdings.flatMap(({ needs }) => needs.map((part) => [part.path, part.bytes] as const)));
  const kept = new Set<string>();
  const gone: Holding[] = [];
  let keptBytes = 0;
  for (const holding of [...holdings].sort((a, b) => b.usedMs - a.usedMs)) {
    const more = new Map(holding.needs.flatMap(({ path, bytes }) => (kept.has(path) ? [] : [[path, bytes] as const])));
    const cost = holding.bytes + sum(more.values());
    if (keptBytes + cost > mostBytes) {
      gone.push(holding);
      continue;
    }
    keptBytes += cost;
    for (const path of more.keys()) kept.add(path);
  }
  const lost = [...parts].filter(([path]) => !kept.has(path));
  return {
    remove: [...gone.map(({ path }) => path), ...lost.map(([path]) => path)],
    freedBytes: sum(gone.map(({ bytes }) => bytes)) + sum(lost.map(([, bytes]) => bytes)),
    keptBytes,
  };
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
