import { DockerfileProblem, FormProblem, quoted } from "./problem.ts";

const BLANKS = /[\t\v\f\r ]+/;

/** Keyword, flags and the rest of one instruction. */
export interface SplitInstruction {
  readonly keyword: string;
  readonly flags: readonly string[];
  readonly rest: string;
}

/** Cuts off the keyword, and the words that begin with `--`. */
export function splitInstruction(text: string): SplitInstruction {
  const line = text.trim();
  const at = line.search(BLANKS);
  if (at < 0) return { keyword: line, flags: [], rest: "" };
  const after = line.slice(at).replace(/^[\t\v\f\r ]+/, "");
  const { flags, rest } = takeFlags(after);
  return { keyword: line.slice(0, at), flags, rest: rest.trim() };
}

/** Quotes group and `\` escapes in a flag, whatever the file's escape character is. `--` ends them. */
function takeFlags(text: string): { readonly flags: string[]; readonly rest: string } {
  const flags: string[] = [];
  let at = 0;
  for (;;) {
    while (at < text.length && /\s/.test(text[at] as string)) at += 1;
    if (!text.startsWith("--", at)) return { flags, rest: text.slice(at) };
    const word = takeFlag(text, at);
    at = word.end;
    if (word.text === "--") return { flags, rest: text.slice(at) };
    flags.push(word.text);
  }
}

function takeFlag(text: string, start: number): { readonly text: string; readonly end: number } {
  let word = "";
  let quote = "";
  let at = start;
  for (; at < text.length; at += 1) {
    const sign = text[at] as string;
    if (quote === "" && /\s/.test(sign)) break;
    if (quote === "" && (sign === "'" || sign === '"')) quote = sign;
    else if (sign === quote) quote = "";
    else if (sign === "\\") {
      at += 1;
      word += text[at] ?? "";
    } else word += sign;
  }
  return { text: word, end: at };
}

/** Words at blanks; quotes hold together and stay, as escapes do: they are for the expansion. */
export function quotedWords(text: string, escapeSign: string): readonly string[] {
  const words: string[] = [];
  let word = "";
  let quote = "";
  let isWord = false;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at] as string;
    if (quote === "" && /\s/.test(sign)) {
      if (isWord) words.push(word);
      word = "";
      isWord = false;
      continue;
    }
    if (sign === escapeSign && quote !== "'") {
      // At the end of the text it escapes nothing.
      if (at + 1 === text.length) break;
      at += 1;
      word += sign + text[at];
      isWord = true;
      continue;
    }
    if (quote === "" && (sign === "'" || sign === '"')) quote = sign;
    else if (sign === quote) quote = "";
    word += sign;
    isWord = true;
  }
  if (isWord) words.push(word);
  return words;
}

/** Words at blanks, whatever is in them. */
export function plainWords(text: string): readonly string[] {
  return text === "" ? [] : text.split(BLANKS);
}

export interface Pair {
  readonly name: string;
  readonly value: string;
}

/**
 * `name=value …`, or the old form `name value`, where all after the first blank is the value.
 *
 * @throws DockerfileProblem
 */
export function pairsOf(text: string, keyword: string, escapeSign: string): readonly Pair[] {
  const words = quotedWords(text, escapeSign);
  const [first] = words;
  if (first === undefined) throw new DockerfileProblem(`${keyword} requires at least one argument`);
  const pairs = first.includes("=") ? words.map(pairOf) : [oldPair(text, keyword)];
  if (pairs.some(({ name }) => name === "")) throw new DockerfileProblem(`${keyword} names can not be blank`);
  return pairs;
}

function oldPair(text: string, keyword: string): Pair {
  const at = text.search(BLANKS);
  if (at < 0) throw new FormProblem(`${keyword} must have two arguments`);
  return { name: text.slice(0, at), value: text.slice(at).replace(/^[\t\v\f\r ]+/, "") };
}

function pairOf(word: string): Pair {
  const at = word.indexOf("=");
  if (at < 0) {
    throw new FormProblem(`Syntax error - can't find = in ${quoted(word)}. Must be of the form: name=value`);
  }
  return { name: word.slice(0, at), value: word.slice(at + 1) };
}

/**
 * The texts of a JSON list; undefined when the text is none, and so a shell's line or plain words.
 *
 * @throws DockerfileProblem for a list of other things
 */
export function jsonWords(text: string): readonly string[] | undefined {
  const list = jsonList(text);
  if (list === undefined || list.every((item) => typeof item === "string")) return list;
  throw new FormProblem("when using JSON array syntax, arrays must be comprised of strings only");
}

/** A JSON list of anything; undefined when the text is none. */
export function jsonList(text: string): readonly unknown[] | undefined {
  if (!text.startsWith("[")) return undefined;
  try {
    return JSON.parse(text) as readonly unknown[];
  } catch {
    return undefined;
  }
}
