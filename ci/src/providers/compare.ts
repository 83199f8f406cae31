import { type GeneratedFile, isGenerated } from "./generated.ts";

/** What stands between the files that are there and those that the settings ask for. */
export interface FilePlan {
  /** Missing, or not as they should be. */
  readonly writes: readonly GeneratedFile[];
  /** Were generated once, for a provider that is named no more. */
  readonly removes: readonly string[];
  /** A person has written them: they are not touched. */
  readonly foreign: readonly string[];
}

/**
 * @param present texts by path of those files that are there
 * @param taken paths that are there and cannot be read: a folder, or a file that git ignores
 */
export function planFiles(
  wanted: readonly GeneratedFile[],
  present: ReadonlyMap<string, string>,
  taken: readonly string[],
): FilePlan {
  const isForeign = (path: string) => {
    const text = present.get(path);
    return text === undefined ? taken.includes(path) : !isGenerated(text);
  };
  const [foreign, own] = [wanted.filter(({ path }) => isForeign(path)), wanted.filter(({ path }) => !isForeign(path))];
  return {
    writes: own.filter(({ path, text }) => present.get(path) !== text),
    removes: [...present].flatMap(([path, text]) =>
      isGenerated(text) && !wanted.some((one) => one.path === path) ? [path] : [],
    ),
    foreign: foreign.map(({ path }) => path),
  };
}
