import { createHash } from "node:crypto";
import { keepPrivate } from "../store/private.ts";
import { partsOf } from "./secret-parts.ts";
import { type Begun, type Behind, type Found, PartTable } from "./secret-scan.ts";

const MASK = "***";

/** So few characters of a part at the end of a line are shown, so that not every line waits for the next one. */
const MOST_SHOWN = 3;

/** What of a stream was looked through and is not decided yet. */
interface Undecided {
  readonly held: string;
  /** As many characters of it were shown. */
  readonly shown: number;
  /** What was hidden last and may go on in what comes. */
  readonly begun: readonly Begun[];
}

const DECIDED: Undecided = { held: "", shown: 0, begun: [] };

/**
 * The parts of all secrets that were read in a session: what must stand neither in what we print nor on a disk of ours.
 *
 * Looking through a text takes the same time for ten parts and for a million.
 */
export class SecretIndex {
  readonly #known = new Set<string>();
  #waiting: string[] = [];
  readonly #parts = [new Set<string>(), new Set<string>()] as const;
  readonly #table = new PartTable();

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
    this.#takeIn();
    return !this.#table.isEmpty && this.#table.find(text, 0, "nothing") !== undefined;
  }

  /**
   * The text with three stars in the place of each part.
   *
   * @param isCut whether more came behind the text, so that its end may be the beginning of a part: from eight characters on
   *   that is hidden too
   */
  hide(text: string, isCut = false): string {
    return this.look(DECIDED, text, isCut ? "unseen" : "nothing").text;
  }

  /** What of a stream can be shown, without parts: of what was not decided and of what came. */
  look(earlier: Undecided, added: string, behind: Behind): Undecided & { readonly text: string } {
    this.#takeIn();
    const all = earlier.held + added;
    if (this.#table.isEmpty) return { ...DECIDED, text: all };
    let text = "";
    let done = earlier.shown;
    let from = 0;
    if (earlier.begun.length > 0) {
      const { end, begun } = this.#table.goOn(all, earlier.begun);
      if (begun.length > 0 && behind === "more") return { held: all.slice(end), shown: 0, begun, text };
      done = end;
      from = end;
    }
    for (;;) {
      const found = this.#table.find(all, from, behind);
      if (found === undefined) return { ...DECIDED, text: text + all.slice(done) };
      const shownTo = Math.max(done, hiddenFrom(all, found));
      text += all.slice(done, shownTo);
      if (found.kind === "open") {
        return { held: all.slice(found.start), shown: shownTo - found.start, begun: [], text };
      }
      text += MASK;
      done = found.end;
      from = found.end;
      if (found.begun.length > 0 && behind === "more")
        return { held: all.slice(from), shown: 0, begun: found.begun, text };
    }
  }

  #takeIn(): void {
    if (this.#waiting.length === 0) return;
    const plaintexts = this.#waiting;
    this.#waiting = [];
    for (const plaintext of plaintexts) {
      const { inLine, acrossLines } = partsOf(plaintext);
      this.#add(this.#parts[0], inLine, false);
      this.#add(this.#parts[1], acrossLines, true);
    }
    this.#table.ready();
  }

  #add(known: Set<string>, parts: ReadonlySet<string>, isBroken: boolean): void {
    for (const part of parts) {
      if (known.has(part)) continue;
      known.add(part);
      this.#table.add(part, isBroken);
    }
  }
}

/** Where hiding begins: behind the end of the line when less than is worth hiding stands before it. */
function hiddenFrom(text: string, { start }: Found): number {
  const end = /[\n\r]+/.exec(text.slice(start, start + MOST_SHOWN + 1));
  if (end === null) return start;
  const breaks = /^[\n\r]+/.exec(text.slice(start + end.index)) as RegExpExecArray;
  return start + end.index + breaks[0].length;
}

/** As much of a line is held back. */
const LONGEST_LINE = 1 << 20;

/** A stream of text without parts of secrets: what is no whole line yet is held back, and lines in which a part may have begun. */
export class HiddenStream {
  #rest = "";
  #undecided = DECIDED;

  constructor(readonly index: SecretIndex) {}

  push(text: string): string {
    const all = this.#rest + text;
    const end = Math.max(all.lastIndexOf("\n"), all.lastIndexOf("\r")) + 1;
    const cut = this.index.isEmpty || all.length - end > LONGEST_LINE ? all.length : end;
    this.#rest = all.slice(cut);
    if (cut === 0) return "";
    return this.#take(all.slice(0, cut), "more");
  }

  flush(): string {
    const rest = this.#rest;
    this.#rest = "";
    return this.#take(rest, "nothing");
  }

  #take(text: string, behind: Behind): string {
    const looked = this.index.look(this.#undecided, text, behind);
    this.#undecided = looked;
    return looked.text;
  }
}
