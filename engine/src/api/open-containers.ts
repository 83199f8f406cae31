import { setMaxListeners } from "node:events";

/** The containers of a session that have something of this machine: files, mounts, an address. */
export class OpenContainers {
  readonly #open = new Set<Promise<void>>();
  readonly #ending = new AbortController();

  constructor() {
    // As many listen as there are containers.
    setMaxListeners(0, this.#ending.signal);
  }

  /** When the session ends: whoever makes a container ready then waits no longer for what others have. */
  get ending(): AbortSignal {
    return this.#ending.signal;
  }

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
  async close(limitMs: number): Promise<void> {
    this.#ending.abort();
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
