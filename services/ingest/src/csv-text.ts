import { type CsvRow, UnreadableCsv } from "./csv-row.ts";

const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;

/**
 * Splits text into rows and cells (RFC 4180). LF, CR LF and CR end a row, also mixed in one file; blank lines are left out.
 *
 * Texts are given in pieces that end where lines end, so only a quoted cell can lie across two of them. A quote in the
 * middle of a cell is text, and what stands behind a closing quote makes the whole cell text, quotes included: it is
 * given as it was sent.
 */
export class CsvText {
  readonly #delimiter: number;
  readonly #maxRowBytes: number;
  /** Of the next character, from 1. */
  #line = 1;
  #cells: string[] = [];
  /** Inside quotes: what the cell holds so far, and the same as it was sent. */
  #quoted: { content: string; raw: string } | undefined;
  #rowLine = 1;
  /** Bytes of the row in the pieces before this one. */
  #rowBytes = 0;

  constructor({ delimiter, maxRowBytes }: { readonly delimiter: string; readonly maxRowBytes: number }) {
    this.#delimiter = delimiter.charCodeAt(0);
    this.#maxRowBytes = maxRowBytes;
  }

  /** The line of the next character. */
  get line(): number {
    return this.#line;
  }

  /** Where the row begins that is open, or the next one. */
  get rowLine(): number {
    return this.#quoted === undefined ? this.#line : this.#rowLine;
  }

  /** The text without its first line, of so many characters. That line counts, but holds no row. */
  skipLine(text: string, length: number): string {
    this.#line += 1;
    return text.slice(length);
  }

  /** All rows that end in `text`. @throws UnreadableCsv at a row that is too long. */
  *rows(text: string): Generator<CsvRow> {
    let at = 0;
    let rowAt = 0;
    while (at < text.length) {
      if (this.#quoted === undefined && this.#cells.length === 0) {
        at = this.#skipBlankLines(text, at);
        if (at === text.length) return;
        this.#rowLine = this.#line;
        rowAt = at;
      }
      at = this.#readCell(text, at);
      if (this.#quoted !== undefined) break;
      const code = text.charCodeAt(at);
      if (code === this.#delimiter) {
        at += 1;
        // A delimiter at the very end of the file: an empty cell follows.
        if (at === text.length) this.#cells.push("");
        else continue;
      }
      this.#checkSize(text, rowAt, at);
      if (at < text.length) at = this.#endLine(text, at);
      this.#rowBytes = 0;
      const cells = this.#cells;
      this.#cells = [];
      yield { line: this.#rowLine, cells };
    }
    if (this.#quoted === undefined) return;
    this.#checkSize(text, rowAt, text.length);
    this.#rowBytes += Buffer.byteLength(text.slice(rowAt));
  }

  /** To be called behind the last piece. @throws UnreadableCsv when a quote is still open. */
  end(): void {
    if (this.#quoted === undefined) return;
    const reason = "a quote is opened in or after this line and never closed; nothing from here on was read";
    throw new UnreadableCsv(this.#rowLine, reason);
  }

  /** Takes one cell in; gives where it ends: at a delimiter, a line end, or the end of the text. */
  #readCell(text: string, from: number): number {
    if (this.#quoted === undefined) {
      if (text.charCodeAt(from) !== QUOTE) return this.#takePlain(text, from);
      this.#quoted = { content: "", raw: "" };
      return this.#readQuoted(text, from, from + 1);
    }
    return this.#readQuoted(text, from, from);
  }

  #takePlain(text: string, from: number): number {
    const end = this.#findPlainEnd(text, from);
    this.#cells.push(text.slice(from, end));
    return end;
  }

  #findPlainEnd(text: string, from: number): number {
    let at = from;
    for (; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === this.#delimiter || code === LF || code === CR) break;
    }
    return at;
  }

  /** `rawFrom` is where the cell begins in this text, `from` where its content does. */
  #readQuoted(text: string, rawFrom: number, from: number): number {
    const quoted = this.#quoted ?? { content: "", raw: "" };
    let start = from;
    let at = from;
    while (at < text.length) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        if (text.charCodeAt(at + 1) !== QUOTE) break;
        quoted.content += text.slice(start, at + 1);
        start = at + 2;
        at = start;
      } else at = code === LF || code === CR ? this.#endLine(text, at) : at + 1;
    }
    quoted.content += text.slice(start, at);
    if (at >= text.length) {
      quoted.raw += text.slice(rawFrom);
      return text.length;
    }
    this.#quoted = undefined;
    const end = this.#findPlainEnd(text, at + 1);
    this.#cells.push(isBlank(text, at + 1, end) ? quoted.content : quoted.raw + text.slice(rawFrom, end));
    return end;
  }

  /** A bomb can be made of nothing else. */
  #skipBlankLines(text: string, from: number): number {
    let at = from;
    for (let code = text.charCodeAt(at); code === LF || code === CR; code = text.charCodeAt(at))
      at = this.#endLine(text, at);
    return at;
  }

  /** Behind the line end at `at`. */
  #endLine(text: string, at: number): number {
    this.#line += 1;
    return text.charCodeAt(at) === CR && text.charCodeAt(at + 1) === LF ? at + 2 : at + 1;
  }

  #checkSize(text: string, from: number, to: number): void {
    // No character has more than three bytes a unit; only near the limit the bytes have to be counted.
    if (this.#rowBytes + (to - from) * 3 <= this.#maxRowBytes) return;
    const bytes = this.#rowBytes + Buffer.byteLength(text.slice(from, to));
    if (bytes > this.#maxRowBytes) throw tooLongRow(this.#rowLine, this.#maxRowBytes);
  }
}

/** A row longer than this is no row: most likely a quote that is never closed. */
export function tooLongRow(line: number, maxRowBytes: number): UnreadableCsv {
  const reason = `the row is longer than ${maxRowBytes} bytes; is a quote never closed? Nothing from here on was read`;
  return new UnreadableCsv(line, reason);
}

function isBlank(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) {
    const code = text.charCodeAt(at);
    if (code !== SPACE && code !== TAB) return false;
  }
  return true;
}
