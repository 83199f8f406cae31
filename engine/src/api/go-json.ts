/**
 * The first JSON value of a text, or why Go's decoder gets none out of it. What comes after the value is not looked at. Never
 * throws.
 */
export function firstJson(text: string): { readonly value: unknown } | { readonly problem: string } {
  if (text.trim() === "") return { problem: "EOF" };
  const scanned = scanJson(text);
  if ("end" in scanned) return { value: JSON.parse(text.slice(0, scanned.end)) };
  return { problem: scanned.isTooShort ? "unexpected EOF" : scanned.problem };
}

/** What Go's scanner finds wrong with a text, or where the first JSON value in it ends. */
type Scanned = { readonly end: number } | { readonly problem: string; readonly isTooShort: boolean };

function scanJson(text: string): Scanned {
  const scanner = new Scanner(text);
  try {
    scanner.readValue();
    return { end: scanner.at };
  } catch (error) {
    if (error instanceof Problem) return { problem: error.message, isTooShort: scanner.at >= text.length };
    if (error instanceof RangeError) return { problem: "exceeded max depth", isTooShort: false };
    throw error;
  }
}

/** What is wrong with a text that shall be one JSON value and nothing else. */
export function jsonProblem(text: string): string | undefined {
  const scanned = scanJson(text);
  if ("problem" in scanned) return scanned.problem;
  const after = text.slice(scanned.end).search(/[^ \t\r\n]/);
  if (after < 0) return undefined;
  return `invalid character ${quoted(text.codePointAt(scanned.end + after))} after top-level value`;
}

/** What Go's JSON decoder calls a value. */
export function jsonKind(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}

/** Halves of surrogate pairs are no characters: Go's decoder puts U+FFFD in their place. */
export function wellFormed(text: string): string {
  return Buffer.from(text).toString("utf8");
}

class Problem extends Error {}

class Scanner {
  at = 0;

  constructor(readonly text: string) {}

  readValue(): void {
    this.#skip();
    const char = this.text[this.at];
    if (char === "{") this.#readMembers();
    else if (char === "[") this.#readElements();
    else if (char === '"') this.#readString();
    else if (char !== undefined && /[-\d]/.test(char)) this.#readNumber();
    else if (char === "t" || char === "f" || char === "n") this.#readWord(WORDS[char] ?? "");
    else this.#fail("looking for beginning of value");
  }

  #readMembers(): void {
    if (this.#isEmpty("}")) return;
    for (;;) {
      this.#skip();
      if (this.text[this.at] !== '"') this.#fail("looking for beginning of object key string");
      this.#readString();
      this.#skip();
      if (this.text[this.at] !== ":") this.#fail("after object key");
      this.at += 1;
      this.readValue();
      this.#skip();
      if (this.#closes("}", "after object key:value pair")) return;
    }
  }

  #readElements(): void {
    if (this.#isEmpty("]")) return;
    for (;;) {
      this.readValue();
      this.#skip();
      if (this.#closes("]", "after array element")) return;
    }
  }

  /** Reads what opens a list or an object, and also its end if that comes at once. */
  #isEmpty(end: string): boolean {
    this.at += 1;
    this.#skip();
    const isEmpty = this.text[this.at] === end;
    if (isEmpty) this.at += 1;
    return isEmpty;
  }

  #closes(end: string, place: string): boolean {
    const char = this.text[this.at];
    if (char !== "," && char !== end) this.#fail(place);
    this.at += 1;
    return char === end;
  }

  #readString(): void {
    for (this.at += 1; ; this.at += 1) {
      const char = this.text[this.at];
      if (char === undefined || char < " ") this.#fail("in string literal");
      if (char === '"') break;
      if (char !== "\\") continue;
      this.at += 1;
      const escaped = this.text[this.at];
      if (escaped === undefined || !/["\\/bfnrtu]/.test(escaped)) this.#fail("in string escape code");
      if (escaped === "u") this.#readHex();
    }
    this.at += 1;
  }

  #readHex(): void {
    for (let digit = 0; digit < 4; digit += 1) {
      this.at += 1;
      if (!/^[0-9a-fA-F]$/.test(this.text[this.at] ?? "")) this.#fail("in \\u hexadecimal character escape");
    }
  }

  #readNumber(): void {
    if (this.text[this.at] === "-") this.at += 1;
    if (this.text[this.at] === "0") this.at += 1;
    else this.#readDigits("in numeric literal");
    if (this.text[this.at] === ".") {
      this.at += 1;
      this.#readDigits("after decimal point in numeric literal");
    }
    if (/^[eE]$/.test(this.text[this.at] ?? "")) {
      this.at += 1;
      if (/^[+-]$/.test(this.text[this.at] ?? "")) this.at += 1;
      this.#readDigits("in exponent of numeric literal");
    }
  }

  #readDigits(place: string): void {
    if (!/^\d$/.test(this.text[this.at] ?? "")) this.#fail(place);
    while (/^\d$/.test(this.text[this.at] ?? "")) this.at += 1;
  }

  #readWord(word: string): void {
    for (const [place, char] of [...word].entries()) {
      if (place > 0 && this.text[this.at] !== char) this.#fail(`in literal ${word} (expecting '${char}')`);
      this.at += 1;
    }
  }

  #skip(): void {
    while (/^[ \t\r\n]$/.test(this.text[this.at] ?? "")) this.at += 1;
  }

  #fail(place: string): never {
    const point = this.text.codePointAt(this.at);
    if (point !== undefined) throw new Problem(`invalid character ${quoted(point)} ${place}`);
    // At the end Go's scanner looks what a blank would be there.
    throw new Problem(INSIDE_WORD.test(place) ? `invalid character ' ' ${place}` : "unexpected end of JSON input");
  }
}

const INSIDE_WORD = /^in literal|numeric literal$|escape( code)?$/;

const WORDS: Readonly<Record<string, string>> = { t: "true", f: "false", n: "null" };

/** Go looks at bytes: of a character beyond ASCII it names the first one. */
function quoted(point: number | undefined): string {
  if (point === 0x27) return "'\\''";
  if (point === 0x22) return "'\"'";
  const first = Buffer.from(String.fromCodePoint(point ?? 0xfffd))[0] ?? 0;
  if (first < 0x20 || first === 0x7f || (first >= 0x80 && first < 0xa1) || first === 0xad)
    return controlCharacter(first);
  return first === 0x5c ? "'\\\\'" : `'${String.fromCharCode(first)}'`;
}

const SHORT_ESCAPES: Readonly<Record<number, string>> = {
  7: "\\a",
  8: "\\b",
  9: "\\t",
  10: "\\n",
  11: "\\v",
  12: "\\f",
  13: "\\r",
};

function controlCharacter(byte: number): string {
  const hex = byte.toString(16);
  return `'${SHORT_ESCAPES[byte] ?? (byte < 0x80 ? `\\x${hex.padStart(2, "0")}` : `\\u${hex.padStart(4, "0")}`)}'`;
}
