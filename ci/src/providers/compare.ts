import { type GeneratedFile, isGenerated } from "./generated.ts";

/** What stands between the files that are there and those that the settings ask for. */
export interface FilePlan {
  /** Missing, or not as they should be. */
  readonly writes: readonly GeneratedFile[];
  /** Were generated once, for a provider that is named no more. */
  readonly removes: readonly string[];
  /** A person has written them: they are not touched. */
  readonly foreign: readonly string[];
  /** Why no system would look for any of them; then there is nothing else. */
  readonly misplaced?: Misplaced;
}

/** What is wrong, where, and what to do. */
type Misplaced = Readonly<Record<"what" | "where" | "todo", string>>;

/** @param folder where slipway.yaml is, below the top of the repository */
export function tellMisplaced(folder: string): Misplaced {
  return {
    what: `CI systems read their files, and run their jobs, at the top of the repository alone, but slipway.yaml is in its folder ${folder}`,
    where: `providers of ${folder}/slipway.yaml`,
    todo: "move slipway.yaml to the top, with paths from there; or remove providers",
  };
}

/** No system tells line ends apart, and git itself changes them where it is asked to (`autocrlf`, `eol`). */
const unixLines = (text: string) => text.replaceAll("\r\n", "\n");

/**
 * @param present texts by path of those files that are there
 * @param taken paths that are there and are no file that could be written over: a folder, a link, a file that git ignores, or one where a
 *   folder would have to be
 */
export function planFiles(
  wanted: readonly GeneratedFile[],
  present: ReadonlyMap<string, string>,
  taken: readonly string[],
): FilePlan {
  const inTheWay = (path: string) => taken.filter((one) => one === path || path.startsWith(`${one}/`));
  const isForeign = (path: string) => {
    const text = present.get(path);
    return text === undefined ? inTheWay(path).length > 0 : !isGenerated(text);
  };
  const isCurrent = ({ path, text }: GeneratedFile) => unixLines(present.get(path) ?? "") === text;
  const [foreign, own] = [wanted.filter(({ path }) => isForeign(path)), wanted.filter(({ path }) => !isForeign(path))];
  return {
    writes: own.filter((file) => !isCurrent(file)),
    removes: [...present].flatMap(([path, text]) =>
      isGenerated(text) && !wanted.some((one) => one.path === path) ? [path] : [],
    ),
    foreign: [...new Set(foreign.flatMap(({ path }) => (present.has(path) ? [path] : inTheWay(path))))],
  };
}
