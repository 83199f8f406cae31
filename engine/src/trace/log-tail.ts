import { cut } from "./one-line.ts";

/** Most of what is kept of a step's output. */
const KEPT_LINES = 1000;
const KEPT_CHARACTERS = 256 << 10;
/** A line that is longer is cut there. */
const LINE_LENGTH = 4000;

type Stream = "stdout" | "stderr";

/** The end of a step's output, in whole lines in order of arrival. Takes the same memory whatever a program prints. */
export class LogTail {
  #lines: string[] = [];
  #characters = 0;
  #dropped = 0;
  readonly #partial: Record<Stream, string> = { stdout: "", stderr: "" };

  /** How many lines are no longer kept. */
  get dropped(): number {
    return this.#dropped;
  }

  push(stream: Stream, text: string): void {
    const pieces = text.split("\n");
    for (const [place, piece] of pieces.entries()) {
      const line = this.#partial[stream];
      // One character more says that there was more.
      this.#partial[stream] = line + piece.slice(0, LINE_LENGTH + 1 - line.length);
      if (place < pieces.length - 1) this.#end(stream);
    }
  }

  /** All that is kept, with what is not a whole line yet. */
  lines(): readonly string[] {
    const rest = Object.values(this.#partial).filter((line) => line !== "");
    return [...this.#lines, ...rest.map((line) => cut(line, LINE_LENGTH))];
  }

  #end(stream: Stream): void {
    const line = cut(this.#partial[stream], LINE_LENGTH);
    this.#partial[stream] = "";
    this.#lines.push(line);
    this.#characters += line.length;
    if (this.#lines.length > 2 * KEPT_LINES || this.#characters > 2 * KEPT_CHARACTERS) this.#shorten();
  }

  /** Not for every line: to take one from the front of an array moves all the others. */
  #shorten(): void {
    let from = this.#lines.length;
    let characters = 0;
    while (from > 0 && this.#lines.length - from < KEPT_LINES) {
      const more = this.#lines[from - 1]?.length ?? 0;
      if (characters + more > KEPT_CHARACTERS) break;
      characters += more;
      from--;
    }
    this.#lines = this.#lines.slice(from);
    this.#characters = characters;
    this.#dropped += from;
  }
}
