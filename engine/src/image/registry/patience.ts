import { setTimeout as delay } from "node:timers/promises";
import { RegistryError } from "./fault.ts";

export interface PatienceOptions {
  /** Longest time of waiting in one pull or push, all of its pauses together. Pauses at the same time count once. */
  readonly limitMs: number;
  /** The first pause; each one after it is twice as long, up to a quarter of a minute. */
  readonly firstPauseMs?: number;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
/** However short the pauses are. */
const MOST_TRIES = 12;
const DEFAULT_LIMIT_S = 60;

/**
 * Reads `SLIPWAY_REGISTRY_PATIENCE`: for how many seconds a pull or push waits for a registry that fails in passing.
 *
 * @throws Error when it is not a number of seconds
 */
export function readPatience(value: string | undefined): PatienceOptions {
  if (value === undefined || value === "") return { limitMs: DEFAULT_LIMIT_S * 1_000 };
  if (/^\d+(?:\.\d+)?$/.test(value)) return { limitMs: Number(value) * 1_000 };
  throw new Error(
    `SLIPWAY_REGISTRY_PATIENCE is "${value}"\n  to do: set it to the seconds to wait for a registry that fails temporarily, such as ${DEFAULT_LIMIT_S}; 0 means no waiting`,
  );
}

/** Tries again what failed in passing, with growing pauses, until its time is up. One for each pull or push. */
export class Patience {
  readonly #options: PatienceOptions;
  readonly #onWait: (line: string) => void;
  #waitedMs = 0;
  #waiting = 0;
  #waitingSinceMs = 0;

  /** @param onWait told before a pause: what failed and how long the pause is */
  constructor(options: PatienceOptions, onWait: (line: string) => void = () => {}) {
    this.#options = options;
    this.#onWait = onWait;
  }

  /**
   * Runs `work` until it succeeds, fails for good, or the time is up. The last failure is the one that is thrown.
   *
   * @param work gets the failure before it; absent: it is run for the first time
   * @param mostTries how often at most when it fails like that; absent: as often as there is time
   */
  async retry<T>(
    work: (before: RegistryError | undefined) => Promise<T>,
    signal?: AbortSignal,
    mostTries: (error: RegistryError) => number | undefined = () => undefined,
  ): Promise<T> {
    const startedAt = Date.now();
    let before: RegistryError | undefined;
    for (let failures = 0; ; ) {
      try {
        return await work(before);
      } catch (error) {
        if (!(error instanceof RegistryError) || error.facts.isTransient !== true) throw error;
        before = error;
        failures++;
        const pauseMs = this.#pauseAfter(failures, error.facts.retryAfterMs);
        const most = mostTries(error);
        if (most !== undefined && failures >= most) throw error;
        const isOver = failures >= MOST_TRIES || this.#spentMs() + pauseMs > this.#options.limitMs;
        if (isOver) throw giveUp(error, failures, Date.now() - startedAt);
        this.#onWait(`${error.message.split("\n")[0]}; trying again in ${seconds(pauseMs)}`);
        await this.#pause(pauseMs, signal);
      }
    }
  }

  /** Half of a pause is by chance, so that many who failed at once do not come back at once. */
  #pauseAfter(failures: number, retryAfterMs = 0): number {
    const full = Math.min((this.#options.firstPauseMs ?? FIRST_PAUSE_MS) * 2 ** (failures - 1), LONGEST_PAUSE_MS);
    return Math.ceil(Math.max(full * (0.5 + Math.random() / 2), retryAfterMs));
  }

  #spentMs(): number {
    return this.#waitedMs + (this.#waiting > 0 ? Date.now() - this.#waitingSinceMs : 0);
  }

  async #pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
    if (this.#waiting++ === 0) this.#waitingSinceMs = Date.now();
    try {
      await delay(ms, undefined, signal === undefined ? {} : { signal });
    } finally {
      if (--this.#waiting === 0) this.#waitedMs += Date.now() - this.#waitingSinceMs;
    }
  }
}

/** What was said last, whole, and then what we did about it. */
function giveUp(error: RegistryError, tries: number, ms: number): RegistryError {
  const { isTransient: _, ...facts } = error.facts;
  const asked = facts.retryAfterMs === undefined ? "" : `; it asks to wait ${seconds(facts.retryAfterMs)}`;
  const often = tries === 1 ? "tried once" : `tried ${tries} times in ${seconds(ms)}`;
  const line = `  ${often}${asked} (SLIPWAY_REGISTRY_PATIENCE sets the seconds of waiting)`;
  return new RegistryError(error.problem, `${error.message}\n${line}`, facts);
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}
