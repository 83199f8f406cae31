/** Most of what is kept of a step's output. */
const KEPT_LINES = 1000;
const KEPT_CHARACTERS = 256 << 10;
/** A line that is longer is cut there when it is shown. */
const LINE_LENGTH = 4000;
/** So much more of it is kept: at its end may be the beginning of a secret, and one of fewer characters is not known for it. */
const MARGIN = 8;

const STREAMS = ["stdout", "stderr"] as const;

type Stream = (typeof STREAMS)[number];

/** A line of a step's output. */
export interface LogLine {
  /** With a few characters more than are shown where it is longer. */
  readonly text: string;
  /** When it was whole. */
  readonly atMs: number;
  readonly stream: Stream;
}

/** A text without what is secret in it, and, where more came behind it, without what is the beginning of a secret at its end. */
export type Hide = (text: string, isCut?: boolean) => string;

/** The text of a line as it is shown: first hidden and then cut, because a part of a secret is not known for one. */
export function shownLine({ text }: LogLine, hide: Hide): string {
  if (text.length <= LINE_LENGTH) return hide(text);
  const hidden = hide(text, true);
  return `${hidden.slice(0, Math.min(LINE_LENGTH - 1, hidden.length - MARGIN))}…`;
}

/** The end of a step's output, in whole lines in order of arrival. Takes the same memory whatever a program prints. */
export class LogTail {
  #lines: LogLine[] = [];
  #characters = 0;
  #dropped = 0;
  /** When something came last. */
  #atMs = 0;
  readonly #partial: Record<Stream, string> = { stdout: "", stderr: "" };

  /** How many lines are no longer kept. */
  get dropped(): number {
    return this.#dropped;
  }

  push(stream: Stream, text: string, atMs: number): void {
    this.#atMs = atMs;
    const pieces = text.split("\n");
    for (const [place, piece] of pieces.entries()) {
      const line = this.#partial[stream];
      this.#partial[stream] = line + piece.slice(0, LINE_LENGTH + MARGIN - line.length);
      if (place < pieces.length - 1) this.#end(stream, atMs);
    }
  }

  /** All that is kept, with what is not a whole line yet. */
  lines(): readonly LogLine[] {
    const rest = STREAMS.filter((stream) => this.#partial[stream] !== "");
    return [...this.#lines, ...rest.map((stream) => this.#line(stream, this.#atMs))];
  }

  #line(stream: Stream, atMs: number): LogLine {
    return { text: this.#partial[stream], atMs, stream };
  }

  #end(stream: Stream, atMs: number): void {
    const line = this.#line(stream, atMs);
    this.#partial[stream] = "";
    this.#lines.push(line);
    this.#characters += line.text.length;
    if (this.#lines.length > 2 * KEPT_LINES || this.#characters > 2 * KEPT_CHARACTERS) this.#shorten();
  }

  /** Not for every line: to take one from the front of an array moves all the others. */
  #shorten(): void {
    let from = this.#lines.length;
    let characters = 0;
    while (from > 0 && this.#lines.length - from < KEPT_LINES) {
      const more = this.#lines[from - 1]?.text.length ?? 0;
      if (characters + more > KEPT_CHARACTERS) break;
      characters += more;
      from--;
    }
    this.#lines = this.#lines.slice(from);
    this.#characters = characters;
    this.#dropped += from;
  }
}
