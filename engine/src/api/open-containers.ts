import { setMaxListeners } from "node:events";
import { setTimeout as delay } from "node:timers/promises";

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
    const inTime = new AbortController();
    const late = delay(limitMs, undefined, { signal: inTime.signal }).catch(() => undefined);
    await Promise.race([this.#untilNone(), late]);
    inTime.abort();
  }

  async #untilNone(): Promise<void> {
    while (this.#open.size > 0) await Promise.all(this.#open);
  }
}
