const MASK = "***";

/**
 * Takes secrets out of a stream of text: each value as it is and without the white space around it. Lines are held back
 * until they are whole, and longer where they end in the beginning of a value of several lines, so a value that comes in
 * parts is found. One that is encoded in another way is not.
 */
export class Scrubber {
  readonly #values: readonly string[];
  readonly #holds: boolean;
  #rest = "";

  constructor(secrets: readonly string[]) {
    const values = secrets.flatMap((secret) => [secret, secret.trim()]).filter((value) => value.trim() !== "");
    this.#values = [...new Set(values)].sort((a, b) => b.length - a.length);
    this.#holds = this.#values.length > 0;
  }

  /** What of `text` and of what was held back can be shown now. */
  push(text: string): string {
    if (!this.#holds) return text;
    const all = this.#rest + text;
    const end = Math.min(all.lastIndexOf("\n") + 1, ...this.#values.map((value) => startOfPart(all, value)));
    this.#rest = all.slice(end);
    return this.#scrub(all.slice(0, end));
  }

  /** The rest, at the end of the stream. */
  flush(): string {
    const rest = this.#scrub(this.#rest);
    this.#rest = "";
    return rest;
  }

  #scrub(text: string): string {
    return this.#values.reduce((scrubbed, value) => scrubbed.replaceAll(value, MASK), text);
  }
}

/** Where the text ends in a beginning of `value` that could still become all of it; else its length. */
function startOfPart(text: string, value: string): number {
  for (let length = Math.min(value.length - 1, text.length); length > 0; length -= 1) {
    if (text.endsWith(value.slice(0, length))) return text.length - length;
  }
  return text.length;
}
