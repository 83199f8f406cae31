import { unsupported } from "./errors.ts";

/** The value of a variable; undefined when it is not set. */
export type Lookup = (name: string) => string | undefined;

/**
 * Takes quotes and references out of a text as a shell does, and joins the words that come of it by one blank: what is in
 * quotes is no place to split. Files are not matched. A variable that is not set is an error unless a default is given.
 *
 * @throws Error `NAME: unbound variable`; ApiError for commands and other things of a shell, which are not done
 */
export function expandWords(text: string, lookup: Lookup): string {
  return new Reader(text, lookup).readWords();
}

/** A quote that nothing closes. */
export class UnclosedQuote extends Error {
  /** @param at place of the quote in the word */
  constructor(
    readonly quote: string,
    readonly at: number,
  ) {
    super(`reached EOF without closing quote ${quote}`);
  }
}

/** What one word becomes: texts that hang together, and those that a reference brings apart. */
class Fields {
  readonly #done: string[] = [];
  #current: string | undefined;

  add(text: string): void {
    this.#current = (this.#current ?? "") + text;
  }

  addSplit(text: string): void {
    for (const [place, part] of text.split(/[ \t\n]+/).entries()) {
      if (place > 0) this.#end();
      if (part !== "") this.add(part);
    }
  }

  joined(): string {
    this.#end();
    return this.#done.join(" ");
  }

  #end(): void {
    if (this.#current !== undefined) this.#done.push(this.#current);
    this.#current = undefined;
  }
}

const BLANKS = /^[ \t]$/;
/** What ends a command or begins another thing of a shell; a line break ends one too. */
const OPERATORS = /^[;&|<>()\n]$/;

class Reader {
  #at = 0;

  constructor(
    readonly word: string,
    readonly lookup: Lookup,
  ) {}

  readWords(): string {
    const words: string[] = [];
    while (this.#skipBlanks() && this.#at < this.word.length) words.push(this.#readWord());
    return words.join(" ");
  }

  /** @returns whether there is more: what follows a blank and `#` is a comment */
  #skipBlanks(): boolean {
    const start = this.#at;
    while (BLANKS.test(this.word[this.#at] ?? "")) this.#at += 1;
    return this.#at === start || this.word[this.#at] !== "#";
  }

  /** Up to a blank. What a reference gives is split at blanks too. */
  #readWord(): string {
    const fields = new Fields();
    let marks = "";
    if (this.word[this.#at] === "~") throw unsupported("the expansion ~ in environment files");
    while (this.#at < this.word.length) {
      const char = this.word[this.#at] as string;
      if (BLANKS.test(char)) break;
      if (OPERATORS.test(char)) throw unsupported(`${JSON.stringify(char)} outside of quotes in environment files`);
      const start = this.#at;
      const read = this.#readPart(char);
      if (char === "$") fields.addSplit(read);
      else fields.add(read);
      if (this.#at === start + 1) marks += char;
    }
    if (/\{.*(,|\.\.).*\}/.test(marks)) throw unsupported("lists in braces outside of quotes in environment files");
    return fields.joined();
  }

  #readPart(char: string): string {
    this.#at += 1;
    if (char === "'") return this.#readTo("'");
    if (char === '"') return this.#readDouble();
    return char === "\\" ? this.#escaped() : this.#plain(char);
  }

  /** Reads up to `end`. */
  #readUnquoted(end: string): string {
    let value = "";
    while (this.#at < this.word.length) {
      const char = this.word[this.#at] as string;
      if (char === end) break;
      value += this.#readPart(char);
    }
    return value;
  }

  #readDouble(): string {
    let value = "";
    const start = this.#at - 1;
    while (this.#at < this.word.length) {
      const char = this.word[this.#at] as string;
      this.#at += 1;
      if (char === '"') return value;
      if (char === "\\") {
        const next = this.word[this.#at] ?? "";
        this.#at += next.length;
        value += ["$", "`", '"', "\\"].includes(next) ? next : next === "\n" ? "" : `\\${next}`;
      } else value += this.#plain(char);
    }
    throw new UnclosedQuote('"', start);
  }

  #readTo(end: string): string {
    const stop = this.word.indexOf(end, this.#at);
    if (stop < 0) throw new UnclosedQuote(end, this.#at - 1);
    const value = this.word.slice(this.#at, stop);
    this.#at = stop + 1;
    return value;
  }

  #escaped(): string {
    const next = this.word[this.#at] ?? "";
    this.#at += next.length;
    return next === "\n" ? "" : next;
  }

  #plain(char: string): string {
    if (char === "`") throw unsupported("running commands in the values of environment files");
    return char === "$" ? this.#reference() : char;
  }

  #reference(): string {
    if (this.word.startsWith("(", this.#at)) throw unsupported("running commands in the values of environment files");
    if (this.word.startsWith("{", this.#at)) return this.#braced();
    if (/^['"0-9@*#?$!-]/.test(this.word.slice(this.#at))) {
      throw unsupported(`the expansion $${this.word[this.#at]} in environment files`);
    }
    const name = /^[A-Za-z_][A-Za-z0-9_]*/.exec(this.word.slice(this.#at))?.[0];
    if (name === undefined) return "$";
    this.#at += name.length;
    return this.#valueOf(name);
  }

  /** `${NAME}`, `${NAME:-default}`, `${NAME-default}`, `${NAME:+other}`, `${NAME+other}` and `${#NAME}`. */
  #braced(): string {
    const match = /^\{(#?)([A-Za-z_][A-Za-z0-9_]*)(:?[-+])?/.exec(this.word.slice(this.#at));
    if (match === null) throw unsupported(`the expansion $${this.word.slice(this.#at)} in environment files`);
    const [whole, length, name = "", operator] = match;
    this.#at += whole.length;
    const operand = operator === undefined ? "" : this.#readUnquoted("}");
    if (this.word[this.#at] !== "}") throw unsupported(`the expansion $${whole}… in environment files`);
    this.#at += 1;
    if (length === "#") return String([...this.#valueOf(name)].length);
    if (operator === undefined) return this.#valueOf(name);
    const value = this.lookup(name);
    const isSet = value !== undefined && !(operator.startsWith(":") && value === "");
    if (operator.endsWith("+")) return isSet ? operand : "";
    return isSet ? (value as string) : operand;
  }

  #valueOf(name: string): string {
    const value = this.lookup(name);
    if (value === undefined) throw new Error(`${name}: unbound variable`);
    return value;
  }
}
