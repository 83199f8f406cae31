import { isBreak } from "./secret-parts.ts";

/** All parts have as many characters or more, so a place of a text is looked up by that many. */
const HEAD = 8;

/** Where so many characters are those of a part, it is one: it is hidden as far as they agree, so a longer one takes no longer. */
const ENOUGH = 256;

/** A part does not go on behind a longer break. */
const LONGEST_BREAK = 256;

/** A part that a text has begun. */
export interface Begun {
  readonly part: string;
  /** Whether there may be breaks in it. */
  readonly isBroken: boolean;
  /** As many of its characters were there. */
  readonly length: number;
}

/** What comes behind a text: more of it, nothing, or something that nobody sees. */
export type Behind = "more" | "nothing" | "unseen";

/** Where a part stands, or where one begins of which too little is there to say. */
export type Found =
  | { readonly kind: "part"; readonly start: number; readonly end: number; readonly begun: readonly Begun[] }
  | { readonly kind: "open"; readonly start: number };

const IN_LINE = 1;
const ACROSS_LINES = 2;

/** A set of parts in which each place of a text is looked up in the same time, however many there are. */
export class PartTable {
  /** Parts by their first characters. */
  readonly #inLine = new Map<string, string[]>();
  readonly #acrossLines = new Map<string, string[]>();
  /** The heads of those across lines, sorted, to know the beginning of one. */
  #sorted: readonly string[] = [];
  /** What heads have a hash: most places of a text end here. */
  #filter = new Uint8Array(1);
  #shift = 31;
  readonly #places = new Int32Array(HEAD);

  get isEmpty(): boolean {
    return this.#inLine.size === 0 && this.#acrossLines.size === 0;
  }

  add(part: string, isBroken: boolean): void {
    const heads = isBroken ? this.#acrossLines : this.#inLine;
    const head = part.slice(0, HEAD);
    const others = heads.get(head);
    if (others === undefined) heads.set(head, [part]);
    else others.push(part);
  }

  /** To be called after parts were added. */
  ready(): void {
    const count = this.#inLine.size + this.#acrossLines.size;
    const bits = Math.min(24, Math.max(14, Math.ceil(Math.log2(count * 8 + 1))));
    this.#filter = new Uint8Array(1 << bits);
    this.#shift = 32 - bits;
    for (const head of this.#inLine.keys()) this.#mark(head, IN_LINE);
    for (const head of this.#acrossLines.keys()) this.#mark(head, ACROSS_LINES);
    this.#sorted = [...this.#acrossLines.keys()].sort();
  }

  #mark(head: string, kind: number): void {
    let hash = 0;
    for (let at = 0; at < HEAD; at += 1) hash = (hash << 4) ^ head.charCodeAt(at);
    const slot = Math.imul(hash, 0x9e3779b1) >>> this.#shift;
    this.#filter[slot] = (this.#filter[slot] as number) | kind;
  }

  /** The first part from there on. */
  find(text: string, from: number, behind: Behind): Found | undefined {
    const filter = this.#filter;
    const places = this.#places;
    // Of the last eight characters each: four bits to the left at every step leave nothing of an earlier one.
    let raw = 0;
    let joined = 0;
    let count = 0;
    let before = from > 0 ? text.charCodeAt(from - 1) : 0;
    for (let at = from; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      raw = (raw << 4) ^ code;
      if (((filter[Math.imul(raw, 0x9e3779b1) >>> this.#shift] as number) & IN_LINE) !== 0 && at - from >= HEAD - 1) {
        const start = at - HEAD + 1;
        const found = this.#inLineAt(text, start, behind);
        if (found?.kind === "part") return found;
        if (found !== undefined)
          return { kind: "open", start: unescaped(text, Math.min(start, this.#oldest(count, start)), from) };
      }
      if (!isBreak(code, before)) {
        joined = (joined << 4) ^ code;
        places[count % HEAD] = at;
        count += 1;
        if (((filter[Math.imul(joined, 0x9e3779b1) >>> this.#shift] as number) & ACROSS_LINES) !== 0 && count >= HEAD) {
          const found = this.#at(
            text,
            this.#oldest(count, at),
            this.#acrossLines.get(this.#head(text, count)),
            true,
            behind,
          );
          if (found !== undefined) return found;
        }
      }
      before = code;
    }
    return behind === "more" ? this.#openEnd(text, from, count) : undefined;
  }

  /** Where the parts that were begun end, and which of them have not ended in this text. */
  goOn(text: string, begun: readonly Begun[]): { readonly end: number; readonly begun: readonly Begun[] } {
    const all = begun.map((one) => ({ one, ...follow(one, text, 0) }));
    return {
      end: Math.max(...all.map(({ end }) => end)),
      begun: all.flatMap(({ one, length, isOpen }) => (isOpen ? [{ ...one, length }] : [])),
    };
  }

  /** The place of the eighth last character that is no break, or of the first there is. */
  #oldest(count: number, otherwise: number): number {
    if (count === 0) return otherwise;
    return this.#places[count < HEAD ? 0 : count % HEAD] as number;
  }

  #head(text: string, count: number): string {
    let head = "";
    for (let at = count; at < count + HEAD; at += 1) head += text[this.#places[at % HEAD] as number];
    return head;
  }

  #at(
    text: string,
    start: number,
    parts: readonly string[] | undefined,
    isBroken: boolean,
    behind: Behind,
  ): Found | undefined {
    let end = -1;
    let isOpen = false;
    const begun: Begun[] = [];
    for (const part of parts ?? []) {
      const run = follow({ part, isBroken, length: 0 }, text, start);
      if (run.isOpen && behind === "unseen") end = text.length;
      else if (run.length >= Math.min(part.length, ENOUGH)) {
        end = Math.max(end, run.end);
        if (run.isOpen) begun.push({ part, isBroken, length: run.length });
      } else isOpen ||= run.isOpen && behind === "more";
    }
    if (isOpen) return { kind: "open", start };
    return end === -1 ? undefined : { kind: "part", start, end, begun };
  }

  /** A part within the line, or one across lines that begins there as well and is longer. */
  #inLineAt(text: string, start: number, behind: Behind): Found | undefined {
    const found = this.#at(text, start, this.#inLine.get(text.slice(start, start + HEAD)), false, behind);
    if (found?.kind !== "part") return found;
    let head = "";
    const last = Math.min(text.length, start + HEAD * LONGEST_BREAK);
    for (let at = start; at < last && head.length < HEAD; at += 1) {
      if (!isBreak(text.charCodeAt(at), text.charCodeAt(at - 1))) head += text[at];
    }
    const isOpen = behind === "more" && head.length < HEAD && this.#beginsHead(head);
    if (isOpen) return { kind: "open", start };
    const longer = this.#at(text, start, this.#acrossLines.get(head), true, behind);
    return longer?.kind === "open" || (longer !== undefined && longer.end >= found.end) ? longer : found;
  }

  /** Where the last characters begin that may become the head of a part. */
  #openEnd(text: string, from: number, count: number): Found | undefined {
    const starts: number[] = [];
    const known = Math.min(count, HEAD - 1);
    for (let length = known; length > 0; length -= 1) {
      const places = Array.from({ length }, (_, at) => this.#places[(count - length + at) % HEAD] as number);
      if (text.length - (places.at(-1) as number) > LONGEST_BREAK) break;
      if (this.#beginsHead(places.map((place) => text[place]).join(""))) {
        starts.push(places[0] as number);
        break;
      }
    }
    // Within a line there is also less than the head of a part that stands in it.
    if (text.length > from && !/[\n\r]$/.test(text))
      starts.push(unescaped(text, Math.max(from, text.length - HEAD + 1), from));
    return starts.length === 0 ? undefined : { kind: "open", start: Math.min(...starts) };
  }

  #beginsHead(text: string): boolean {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sorted[middle] as string) < text) low = middle + 1;
      else high = middle;
    }
    return this.#sorted[low]?.startsWith(text) === true;
  }
}

/** The place, or where the backslashes before it begin: what they escape is told by them. */
function unescaped(text: string, start: number, from: number): number {
  let at = start;
  while (at > from && text[at - 1] === "\\") at -= 1;
  return at;
}

/** How much of a part is there, the end of that in the text, and whether the text ended before they differed. */
function follow({ part, isBroken, length }: Begun, text: string, from: number) {
  let end = from;
  for (let at = from; length < part.length; at += 1) {
    if (isBroken) {
      const last = end + LONGEST_BREAK;
      while (at < text.length && at <= last && isBreak(text.charCodeAt(at), text.charCodeAt(at - 1))) at += 1;
      if (at > last) return { length, end, isOpen: false };
    }
    if (at >= text.length) return { length, end, isOpen: true };
    if (text.charCodeAt(at) !== part.charCodeAt(length)) return { length, end, isOpen: false };
    length += 1;
    end = at + 1;
  }
  return { length, end, isOpen: false };
}
