import { PassThrough, type Readable } from "node:stream";

const maximumHeldBytes = 65_536;

/**
 * Passes a stream on, except for a text that begins with one of some prefixes: that is kept back until somebody has judged it, because it may
 * have to be replaced by another one. Ends only after that judgement.
 */
export class HeldStream {
  readonly output = new PassThrough();
  readonly #input: Readable;
  readonly #ended: Promise<void>;
  #held = Buffer.alloc(0);
  #passing = false;

  constructor(input: Readable, prefixes: readonly string[]) {
    this.#input = input;
    const starts = prefixes.map((prefix) => Buffer.from(prefix));
    input.on("data", (chunk: Buffer) => this.#receive(chunk, starts));
    // A pipe that breaks has told all that it will tell.
    this.#ended = new Promise((resolve) =>
      input
        .once("close", resolve)
        .once("end", resolve)
        .on("error", () => resolve()),
    );
  }

  /** What is kept back once the input is at its end; empty when it has been passed on. */
  async heldText(): Promise<string> {
    await this.#ended;
    return this.#held.toString("utf8");
  }

  /** Passes on what is kept back, and ends with the input. */
  release(): void {
    this.#pass();
    void this.#ended.then(() => this.output.end());
  }

  /** Gives `text` in place of what is kept back, and ends with the input. */
  replaceHeld(text: string): void {
    this.#held = Buffer.from(text);
    this.release();
  }

  #receive(chunk: Buffer, starts: readonly Buffer[]): void {
    if (!this.#passing) {
      this.#held = Buffer.concat([this.#held, chunk]);
      const alike = starts.some((start) => {
        const length = Math.min(this.#held.length, start.length);
        return this.#held.subarray(0, length).equals(start.subarray(0, length));
      });
      if (!alike || this.#held.length > maximumHeldBytes) this.#pass();
      return;
    }
    if (this.output.write(chunk)) return;
    // The reader is slow: the container has to wait, as with any pipe.
    this.#input.pause();
    this.output.once("drain", () => this.#input.resume());
  }

  #pass(): void {
    this.#passing = true;
    if (this.#held.length > 0) this.output.write(this.#held);
    this.#held = Buffer.alloc(0);
  }
}
