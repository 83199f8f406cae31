import { kebabName } from "../../api/names.ts";
import type { KnownFlag } from "./known-module.ts";

/** What stands before the word that is completed, as far as these flags explain it. */
export interface Before {
  /** What is no flag; when it ends at the first of those, also all behind it. */
  readonly words: readonly string[];
  readonly given: ReadonlySet<string>;
  /** The flag whose value the word is that comes next. */
  readonly open?: KnownFlag;
  /** Two dashes alone: what follows are no flags. */
  readonly isOver: boolean;
}

/** Reads words as pflag does, but takes what it does not know for switches: a line that is being typed has mistakes. */
export function readBefore(flags: readonly KnownFlag[], given: readonly string[], interspersed: boolean): Before {
  const words: string[] = [];
  const names = new Set<string>();
  for (let place = 0; place < given.length; place++) {
    const word = given[place] ?? "";
    if (word === "--") return { words: [...words, ...given.slice(place + 1)], given: names, isOver: true };
    if (!word.startsWith("-") || word === "-") {
      if (!interspersed) return { words: given.slice(place), given: names, isOver: false };
      words.push(word);
      continue;
    }
    const flag = findFlag(flags, word);
    if (flag === undefined) continue;
    names.add(flag.name);
    if (flag.bareValue !== undefined || word.includes("=") || isShorthandWithValue(flag, word)) continue;
    if (place + 1 === given.length) return { words, given: names, open: flag, isOver: false };
    place++;
  }
  return { words, given: names, isOver: false };
}

/** The flag that a word names, whatever is behind its `=`. */
export function findFlag(flags: readonly KnownFlag[], word: string): KnownFlag | undefined {
  const [name = ""] = word.split("=");
  if (name.startsWith("--")) return flags.find((flag) => flag.name === kebabName(name.slice(2)));
  return flags.find(({ shorthand }) => shorthand !== undefined && shorthand === name.at(1));
}

/** `-ofile`: all in one word. */
function isShorthandWithValue({ shorthand }: KnownFlag, word: string): boolean {
  return !word.startsWith("--") && word.at(1) === shorthand && word.length > 2;
}
