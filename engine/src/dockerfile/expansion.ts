import { DockerfileProblem, quoted } from "./problem.ts";
import { replaceMatch, trimMatch } from "./shell-pattern.ts";

/** The value of a variable; undefined when it is not set. */
export type Variables = (name: string) => string | undefined;

export interface ExpansionOptions {
  /** The file's escape character. */
  readonly escapeSign: string;
  /** Quotes stay in the result. */
  readonly keepsQuotes?: boolean;
  /** Escape characters stay in the result. */
  readonly keepsEscapes?: boolean;
  /** Quotes mean nothing, as in a here-document. */
  readonly plainQuotes?: boolean;
  /** What names a variable that is not set stays as it is written. */
  readonly keepsUnset?: boolean;
}

/**
 * One word with its variables put in and its quotes taken away, by the rules of the Dockerfile reference ("Environment
 * replacement"): `$name`, `${name}`, and the forms `:-`, `:+`, `:?`, `-`, `+`, `?`, `#`, `##`, `%`, `%%`, `/`, `//`.
 *
 * @throws DockerfileProblem for quotes or braces that do not close, unknown forms, and what `?` asks for
 */
export function expandWord(text: string, variables: Variables, options: ExpansionOptions): string {
  return naming(text, () => new Expansion(text, variables, options).run().text);
}

/** The same, cut into words at spaces that are not quoted; a value may be several words. */
export function expandWords(text: string, variables: Variables, options: ExpansionOptions): readonly string[] {
  return naming(text, () => new Expansion(text, variables, options).run().words);
}

function naming<T>(text: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof DockerfileProblem)) throw error;
    throw new DockerfileProblem(`failed to process ${quoted(text)}: ${error.message}`);
  }
}

interface Expanded {
  readonly text: string;
  readonly words: readonly string[];
}

/** Shell parameters of one sign, which have no value in a Dockerfile. */
const SPECIAL = new Set("@*#?-$!0");

class Words {
  readonly done: string[] = [];
  #current = "";

  /** Text in which spaces part words. */
  addOpen(text: string): void {
    for (const sign of text) {
      if (/\s/.test(sign)) this.end();
      else this.#current += sign;
    }
  }

  addClosed(text: string): void {
    this.#current += text;
  }

  end(): void {
    if (this.#current !== "") this.done.push(this.#current);
    this.#current = "";
  }
}

class Expansion {
  readonly #signs: readonly string[];
  #at = 0;

  constructor(
    text: string,
    readonly variables: Variables,
    readonly options: ExpansionOptions,
  ) {
    this.#signs = [...text];
  }

  run(): Expanded {
    return this.#upTo(undefined, this.options.keepsEscapes === true);
  }

  get #next(): string | undefined {
    return this.#signs[this.#at];
  }

  #take(): string | undefined {
    const sign = this.#next;
    if (sign !== undefined) this.#at += 1;
    return sign;
  }

  /** Reads to the end, or over a sign that ends the part of a `${…}`. */
  #upTo(end: string | undefined, keepsEscapes: boolean): Expanded {
    const words = new Words();
    let text = "";
    const add = (part: string, isOpen: boolean) => {
      text += part;
      if (isOpen) words.addOpen(part);
      else words.addClosed(part);
    };
    for (let sign = this.#next; sign !== undefined; sign = this.#next) {
      if (sign === end) {
        this.#at += 1;
        words.end();
        return { text, words: words.done };
      }
      if (sign === "$") add(this.#variable(), true);
      else if (sign === "'" && this.options.plainQuotes !== true) add(this.#singleQuoted(), false);
      else if (sign === '"' && this.options.plainQuotes !== true) add(this.#doubleQuoted(keepsEscapes), false);
      else if (sign === this.options.escapeSign) {
        this.#at += 1;
        if (keepsEscapes) add(sign, false);
        add(this.#take() ?? "", false);
      } else {
        this.#at += 1;
        add(sign, true);
      }
    }
    if (end !== undefined) throw new Unfinished(`unexpected end of statement while looking for matching ${end}`);
    words.end();
    return { text, words: words.done };
  }

  #singleQuoted(): string {
    const start = this.#at;
    this.#at += 1;
    const end = this.#signs.indexOf("'", this.#at);
    if (end < 0) throw problem("unexpected end of statement while looking for matching single-quote");
    this.#at = end + 1;
    const [from, to] = this.options.keepsQuotes === true ? [start, end + 1] : [start + 1, end];
    return this.#signs.slice(from, to).join("");
  }

  #doubleQuoted(keepsEscapes: boolean): string {
    const quote = this.options.keepsQuotes === true ? '"' : "";
    let text = quote;
    this.#at += 1;
    for (;;) {
      const sign = this.#next;
      if (sign === "$") {
        text += this.#variable();
        continue;
      }
      this.#at += 1;
      if (sign === undefined) throw problem("unexpected end of statement while looking for matching double-quote");
      if (sign === '"') return text + quote;
      if (sign !== this.options.escapeSign) {
        text += sign;
        continue;
      }
      if (keepsEscapes) text += sign;
      const escaped = this.#next;
      if (escaped === undefined) continue;
      // Only these are escaped by it; before anything else it is a sign as others.
      if (escaped === '"' || escaped === "$" || escaped === this.options.escapeSign) {
        this.#at += 1;
        text += escaped;
      } else {
        text += sign;
      }
    }
  }

  #variable(): string {
    this.#at += 1;
    if (this.#next !== "{") {
      const name = this.#name();
      if (name === "") return "$";
      return this.variables(name) ?? (this.options.keepsUnset === true ? `$${name}` : "");
    }
    this.#at += 1;
    const first = this.#next;
    if (first === undefined) throw problem("syntax error: missing '}'");
    if (["{", "}", ":"].includes(first)) throw problem("syntax error: bad substitution");
    return this.#form(this.#name());
  }

  /** What follows the name in a `${…}`. */
  #form(name: string): string {
    const sign = this.#take();
    if (sign === "}") return this.variables(name) ?? this.#unset(`\${${name}}`);
    if (sign === "/") return this.#replacement(name);
    if (sign === ":") return this.#choice(name, this.#take(), true);
    return this.#choice(name, sign, false);
  }

  #unset(written: string): string {
    return this.options.keepsUnset === true ? written : "";
  }

  #choice(name: string, sign: string | undefined, emptyIsUnset: boolean): string {
    const form = `${emptyIsUnset ? ":" : ""}${sign ?? "\ufffd"}`;
    const isTrim = sign === "#" || sign === "%";
    if (sign === undefined || !"+-?#%".includes(sign) || (isTrim && emptyIsUnset)) {
      throw problem(`unsupported modifier (${form}) in substitution`);
    }
    const word = this.#part("}", isTrim);
    const value = this.variables(name);
    if (this.options.keepsUnset === true && value === undefined) return `\${${name}${form}${word}}`;
    const isSet = value !== undefined && !(emptyIsUnset && value === "");
    if (sign === "-") return isSet ? value : word;
    if (sign === "+") return isSet ? word : "";
    if (sign === "?") {
      if (isSet) return value;
      const reason = value === undefined ? "is not allowed to be unset" : "is not allowed to be empty";
      throw problem(`${name}: ${word === "" ? reason : word}`);
    }
    const longest = word.startsWith(sign);
    return trimMatch(value ?? "", longest ? word.slice(1) : word, sign as "#" | "%", longest);
  }

  #replacement(name: string): string {
    const everywhere = this.#next === "/";
    if (everywhere) this.#at += 1;
    const pattern = this.#part("/", true);
    const replacement = this.#part("}", true);
    const value = this.variables(name);
    if (value === undefined) return this.#unset(`\${${name}/${pattern}/${replacement}}`);
    return replaceMatch(value, pattern, replacement, everywhere);
  }

  #part(end: string, keepsEscapes: boolean): string {
    try {
      return this.#upTo(end, keepsEscapes).text;
    } catch (error) {
      if (!(error instanceof Unfinished)) throw error;
      throw problem(`syntax error: missing '${end}'${end === "/" ? " in ${}" : ""}`);
    }
  }

  /** Letters, digits and `_`; only digits when it begins with one; or one special sign. */
  #name(): string {
    const first = this.#next ?? "";
    if (SPECIAL.has(first) && !/\p{Nd}/u.test(first)) {
      this.#at += 1;
      return first;
    }
    const part = /\p{Nd}/u.test(first) ? /\p{Nd}/u : /[\p{L}\p{Nd}_]/u;
    let name = "";
    while (part.test(this.#next ?? "")) name += this.#take();
    return name;
  }
}

class Unfinished extends DockerfileProblem {}

function problem(message: string): DockerfileProblem {
  return new DockerfileProblem(message);
}
