import type { WordRule } from "./rules.ts";
import type { Met } from "./texts.ts";

/** The uses of a word that its rule does not let pass, each with its place and what stands around it. */
export function findFaults(rule: WordRule, texts: readonly Met[]): string[] {
  const { not, instead, only, unless = [], foreign = [] } = rule;
  const wanted =
    only === undefined
      ? new RegExp(`(?<![\\p{L}\\p{N}_/.-])${not}(?:s|es)?(?![\\p{L}\\p{N}_/-])`, "giu")
      : new RegExp(only, "gi");
  return texts
    .filter(({ file }) => !foreign.some(({ files }) => files.test(file)))
    .flatMap(({ file, text }) => {
      const left = unless.reduce((rest, { phrase }) => blank(rest, phrase), text);
      return [...left.matchAll(wanted)].map(({ index, 0: { length } }) => {
        const around = text.slice(Math.max(0, index - 40), index + length + 40);
        return `${file}: "${around}": the word is ${instead}`;
      });
    });
}

/** Whether an exception is in use. */
export function isUsed(phrase: RegExp, texts: readonly Met[]): boolean {
  return texts.some(({ text }) => phrase.test(text));
}

function blank(text: string, phrase: RegExp): string {
  return text.replaceAll(new RegExp(phrase, `${phrase.flags.replace("g", "")}g`), (found) => " ".repeat(found.length));
}
