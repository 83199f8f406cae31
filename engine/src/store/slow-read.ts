import type { Stats } from "node:fs";
import { dirname, join } from "node:path";
import { tellSize } from "./size-text.ts";
import type { EntryFilter } from "./tree-filter.ts";

/** A read of that length is told; then after twice that time, and so on. */
const TELL_AFTER_MS = 5_000;

const LEAVE_OUT =
  "  to leave files out: run the command in a smaller folder, or name what is not needed (exclude or gitignore of the call, ignore of the argument)";

/** Tells what is read of a folder of the machine, as long as it takes long. Quick reads are not told. */
export class SlowRead {
  readonly #startedMs: number;
  #nextMs: number;
  #isTold = false;
  #isCopied = false;
  #seen = 0;
  #files = 0;
  #bytes = 0;

  /** @param tell gets a line for the person, the first time with what to do */
  constructor(
    readonly tell: (text: string) => void,
    readonly nowMs: () => number = Date.now,
  ) {
    this.#startedMs = nowMs();
    this.#nextMs = this.#startedMs + TELL_AFTER_MS;
  }

  /** Everything is read once more, to be copied. */
  beginCopy(): void {
    this.#isCopied = true;
    [this.#seen, this.#files, this.#bytes] = [0, 0, 0];
  }

  /**
   * The same filter, which counts what it judges.
   *
   * @param folder the path of the tree, for the person
   */
  watch<S>(folder: string, filter: EntryFilter<S>): EntryFilter<S> {
    return {
      start: filter.start,
      judge: (path, stat, parent) => {
        const verdict = filter.judge(path, stat, parent);
        this.#count(folder, path, verdict.taken ? stat : undefined);
        return verdict;
      },
    };
  }

  #count(folder: string, path: string, taken: Stats | undefined): void {
    this.#seen++;
    if (taken?.isFile() === true) {
      this.#files++;
      this.#bytes += taken.size;
    }
    const now = this.nowMs();
    if (now < this.#nextMs) return;
    this.#nextMs = now + (now - this.#startedMs);
    const what = this.#isCopied ? `copying ${folder} into the store` : `reading ${folder}`;
    const counted = `${this.#files} files of ${tellSize(this.#bytes)} taken, ${this.#seen} entries seen`;
    const told = `${what}, ${Math.floor((now - this.#startedMs) / 1000)} s so far: ${counted}, now in ${dirname(join(folder, path))}`;
    this.tell(this.#isTold ? told : `${told}\n${LEAVE_OUT}`);
    this.#isTold = true;
  }
}
