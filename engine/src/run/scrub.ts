const MASK = "***";

/**
 * Takes secrets out of a stream of text, line by line: each value as it is and without the white space around it.
 * A value that is spread over several writes is found; one that is encoded in another way is not.
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
    const end = all.lastIndexOf("\n") + 1;
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
