const MASK = "***";

/** As much of a line is held back; what is shown of a longer one still ends in no part of a value. */
const LONGEST_LINE = 1 << 20;

/**
 * Takes secrets out of a stream of text: each value as it is and without the white space around it. Lines are held back
 * until they are whole, and longer where they end in the beginning of a value of several lines, so a value that comes in
 * parts is found. One that is encoded in another way is not.
 */
export class Scrubber {
  readonly #values: readonly string[];
  readonly #holds: boolean;
  #rest = "";

  constructor(secrets: readonly string[], encode = (value: string) => value) {
    const values = secrets.flatMap((secret) => [secret, secret.trim()]).filter((value) => value.trim() !== "");
    this.#values = [...new Set(values)].map(encode).sort((a, b) => b.length - a.length);
    this.#holds = this.#values.length > 0;
  }

  /** For a stream of bytes, each given as the character of its number; `undefined` when there is nothing to hide. */
  static ofBytes(secrets: readonly string[]): Scrubber | undefined {
    const scrubber = new Scrubber(secrets, (value) => Buffer.from(value).toString("latin1"));
    return scrubber.#holds ? scrubber : undefined;
  }

  /** What of `text` and of what was held back can be shown now. */
  push(text: string): string {
    if (!this.#holds) return text;
    const all = this.#rest + text;
    const line = all.lastIndexOf("\n") + 1;
    const end = this.#safeEnd(all, all.length - line > LONGEST_LINE ? all.length : line);
    this.#rest = all.slice(end);
    return this.#scrub(all.slice(0, end));
  }

  /** The last place up to `end` that is not inside a value, nor inside what may become one. */
  #safeEnd(text: string, end: number): number {
    const earlier = Math.min(end, ...this.#values.map((value) => startAcross(text, value, end)));
    return earlier === end ? end : this.#safeEnd(text, earlier);
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

/** A value is looked for by its beginning first, so that a long one takes no longer. */
const PROBE = 16;

/** Where a value begins that lies across `end`, or that the text may still become; else `end`. */
function startAcross(text: string, value: string, end: number): number {
  const probe = value.slice(0, PROBE);
  const first = Math.max(0, end - value.length + 1);
  for (let start = text.indexOf(probe, first); start !== -1 && start < end; start = text.indexOf(probe, start + 1)) {
    if (value.startsWith(text.slice(start, start + value.length))) return start;
  }
  // At the end of the text there may be less of it.
  for (let start = Math.max(first, text.length - probe.length + 1); start < end; start += 1) {
    if (value.startsWith(text.slice(start))) return start;
  }
  return end;
}
