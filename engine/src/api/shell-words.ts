import { unsupported } from "./errors.ts";

/** The value of a variable; undefined when it is not set. */
export type Lookup = (name: string) => string | undefined;

/**
 * Takes quotes and references out of a text as a POSIX shell does in an assignment: nothing is split into words, files
 * are not matched. A variable that is not set is an error unless a default is given.
 *
 * @throws Error `NAME: unbound variable`; ApiError for commands in the text, which are not run
 */
export function expandWord(word: string, lookup: Lookup): string {
  const reader = new Reader(word, lookup);
  return reader.readUnquoted(undefined);
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

class Reader {
  #at = 0;

  constructor(
    readonly word: string,
    readonly lookup: Lookup,
  ) {}

  /** Reads up to `end`, or to the end of the word. */
  readUnquoted(end: string | undefined): string {
    let value = "";
    while (this.#at < this.word.length) {
      const char = this.word[this.#at] as string;
      if (char === end) break;
      this.#at += 1;
      if (char === "'") value += this.#readTo("'");
      else if (char === '"') value += this.#readDouble();
      else if (char === "\\") value += this.#escaped();
      else value += this.#plain(char);
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
    const operand = operator === undefined ? "" : this.readUnquoted("}");
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
