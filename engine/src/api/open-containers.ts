/** The containers of a session that have something of this machine: files, mounts, an address. */
export class OpenContainers {
  readonly #open = new Set<Promise<void>>();

  /** Notes one that is being made ready. @returns to be called when it has given back what it had */
  add(): () => void {
    let tell: () => void = () => undefined;
    const closed = new Promise<void>((resolve) => {
      tell = resolve;
    });
    this.#open.add(closed);
    return () => {
      this.#open.delete(closed);
      tell();
    };
  }

  /** Waits until there is none, or `limitMs` are over: whoever ends a session must not stand still for one that does not end. */
  async untilNone(limitMs: number): Promise<void> {
    let isOver = false;
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        isOver = true;
        resolve();
      }, limitMs);
    });
    while (this.#open.size > 0 && !isOver) await Promise.race([Promise.all(this.#open), limit]);
    clearTimeout(timer);
  }
}
