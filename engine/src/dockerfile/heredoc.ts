import { expandWords } from "./expansion.ts";

/** A here-document of an instruction: `<<NAME`, and the lines up to one that is `NAME`. */
export interface Heredoc {
  readonly name: string;
  /** Whether variables in it are put in: not when some of its name was quoted. */
  readonly expands: boolean;
  /** `<<-`: tabs at the start of its lines are taken away. */
  readonly dropsTabs: boolean;
  readonly content: string;
}

const NOTHING_SET = () => undefined;

/** The here-document that a word stands for; undefined when it stands for none. */
export function heredocOf(word: string): Omit<Heredoc, "content"> | undefined {
  const [, dash, rest = ""] = /^\d*<<(-?)([^<]*)$/.exec(word) ?? [];
  if (dash === undefined || rest === "") return undefined;
  const options = { escapeSign: "\\", keepsUnset: true };
  const [name, ...more] = expandWords(rest, NOTHING_SET, options);
  if (name === undefined || more.length > 0) return undefined;
  const [raw = ""] = expandWords(rest, NOTHING_SET, { ...options, keepsQuotes: true });
  return { name, expands: quotesIn(name) === quotesIn(raw), dropsTabs: dash === "-" };
}

/** All that a line opens, in order. */
export function heredocsOf(line: string): readonly Omit<Heredoc, "content">[] {
  return wordsOf(line).flatMap((word) => heredocOf(word) ?? []);
}

/** A line whose quotes do not close is a matter for the shell that will read it. */
function wordsOf(line: string): readonly string[] {
  try {
    return expandWords(line, NOTHING_SET, {
      escapeSign: "\\",
      keepsQuotes: true,
      keepsEscapes: true,
      keepsUnset: true,
    });
  } catch {
    return [];
  }
}

/** The content as it is used. */
export function contentOf({ content, dropsTabs }: Heredoc): string {
  return dropsTabs ? content.replace(/^\t+/gm, "") : content;
}

function quotesIn(word: string): number {
  return word.split(/['"]/).length - 1;
}
