import { createHash } from "node:crypto";
import { keepPrivate } from "../store/private.ts";
import { partsOf } from "./secret-parts.ts";

const MASK = "***";

/** All parts have as many characters or more, so a place of a text is looked up by that many. */
const HEAD = 8;

/**
 * The parts of all secrets that were read in a session: what must stand neither in what we print nor on a disk of ours.
 *
 * Looking through a text takes the same time for ten parts and for a million.
 */
export class SecretIndex {
  readonly #known = new Set<string>();
  #waiting: string[] = [];
  readonly #parts = new Set<string>();
  /** Parts by their first characters, longest first. */
  readonly #heads = new Map<string, string[]>();

  /** Whether there is anything to hide. */
  get isEmpty(): boolean {
    return this.#known.size === 0;
  }

  /** Takes the parts of a secret in, the next time that a text is looked through. What the process remembers from now on is private. */
  add(plaintext: Buffer): void {
    keepPrivate();
    const digest = createHash("sha256").update(plaintext).digest("base64");
    if (this.#known.has(digest)) return;
    this.#known.add(digest);
    this.#waiting.push(plaintext.toString("utf8"));
  }

  holds(text: string): boolean {
    return this.#find(text, 0, false) !== undefined;
  }

  /**
   * The text with three stars in the place of each part.
   *
   * @param isCut whether more came behind the text, so that its end may be the beginning of a part: from {@link HEAD} characters on
   *   that is hidden too
   */
  hide(text: string, isCut = false): string {
    let shown = "";
    let from = 0;
    for (let found = this.#find(text, 0, isCut); found !== undefined; found = this.#find(text, from, isCut)) {
      shown += text.slice(from, found.start) + MASK;
      from = found.end;
    }
    return from === 0 ? text : shown + text.slice(from);
  }

  #find(text: string, from: number, isCut: boolean): { readonly start: number; readonly end: number } | undefined {
    this.#takeIn();
    if (this.#heads.size === 0) return undefined;
    for (let start = from; start + HEAD <= text.length; start += 1) {
      const parts = this.#heads.get(text.slice(start, start + HEAD));
      if (parts === undefined) continue;
      if (isCut && parts.some((one) => one.length > text.length - start && one.startsWith(text.slice(start))))
        return { start, end: text.length };
      const part = parts.find((one) => text.startsWith(one, start));
      if (part !== undefined) return { start, end: start + part.length };
    }
    return undefined;
  }

  #takeIn(): void {
    if (this.#waiting.length === 0) return;
    const plaintexts = this.#waiting;
    this.#waiting = [];
    for (const plaintext of plaintexts) {
      for (const part of partsOf(plaintext)) {
        if (this.#parts.has(part)) continue;
        this.#parts.add(part);
        const head = part.slice(0, HEAD);
        const others = this.#heads.get(head);
        if (others === undefined) this.#heads.set(head, [part]);
        else others.push(part);
      }
    }
    for (const parts of this.#heads.values()) parts.sort((a, b) => b.length - a.length);
  }
}

/** As much of a line is held back; a part of a longer one may be shown in two pieces. */
const LONGEST_LINE = 1 << 20;

/** A stream of text without parts of secrets: what is no whole line yet is held back. */
export class HiddenStream {
  #rest = "";

  constructor(readonly index: SecretIndex) {}

  push(text: string): string {
    const all = this.#rest + text;
    const end = Math.max(all.lastIndexOf("\n"), all.lastIndexOf("\r")) + 1;
    const cut = this.index.isEmpty || all.length - end > LONGEST_LINE ? all.length : end;
    this.#rest = all.slice(cut);
    return this.index.hide(all.slice(0, cut));
  }

  flush(): string {
    const rest = this.#rest;
    this.#rest = "";
    return this.index.hide(rest);
  }
}
