import { setTimeout as delay } from "node:timers/promises";
import type { Log } from "@slipway/runtime";
import { type Colour, decideRole, type Role, type RoleAnswer } from "./role.ts";

export interface RoleWatcherOptions {
  /** `undefined` for one that is alone, and so always live. */
  readonly turns:
    | {
        /** Of this processor. */
        readonly colour: Colour;
        /** Asks who answers at the live Service. @throws when nobody does, or nobody that can be understood */
        readonly ask: (signal: AbortSignal) => Promise<RoleAnswer>;
      }
    | undefined;
  /** Takes up a role; resolves when what the other one did has ended. Never called while an earlier call is under way. */
  readonly enter: (role: Role) => Promise<void>;
  readonly log: Log;
  /** Between an answer and the next question. */
  readonly intervalMs?: number;
}

/** So many questions without an answer in a row are worth a line in the log: before the first switch some are usual. */
const SILENCES_TO_TELL = 10;

/**
 * Keeps a processor on standby until the traffic is switched to its colour, and again from then on when it is switched away.
 *
 * The selector of the live Service is the only switch, so whoever answers there is the truth, seconds before any file that
 * Kubernetes could mount. Whatever is not an answer changes nothing: a network that is broken must not stop the work.
 */
export class RoleWatcher {
  readonly #options: RoleWatcherOptions;
  readonly #end = new AbortController();
  #role: Role = "standby";
  #loop: Promise<void> | undefined;
  #silences = 0;

  constructor(options: RoleWatcherOptions) {
    this.#options = options;
  }

  get role(): Role {
    return this.#role;
  }

  start(): void {
    this.#loop ??= this.#watch();
  }

  /** Asks no more; resolves when a change of role that is under way is done. The role stays. */
  async stop(): Promise<void> {
    this.#end.abort();
    await this.#loop;
  }

  async #watch(): Promise<void> {
    const { turns, intervalMs = 1_000 } = this.#options;
    const { signal } = this.#end;
    if (turns === undefined) return await this.#become("live", "it is alone");
    while (!signal.aborted) {
      const answer = await turns.ask(signal).catch((error: unknown) => this.#noteSilence(error));
      if (signal.aborted) return;
      if (answer !== undefined) await this.#follow(decideRole(turns.colour, this.#role, answer), answer);
      await delay(intervalMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #follow(role: Role, { colour }: RoleAnswer): Promise<void> {
    if (this.#silences >= SILENCES_TO_TELL) this.#options.log.info("the live Service answers again");
    this.#silences = 0;
    if (role !== this.#role) await this.#become(role, `${colour} answers at the live Service`);
  }

  async #become(role: Role, reason: string): Promise<void> {
    this.#role = role;
    this.#options.log.info("role changed", { role, reason });
    await this.#options.enter(role);
  }

  #noteSilence(reason: unknown): undefined {
    this.#silences += 1;
    if (this.#silences !== SILENCES_TO_TELL) return;
    this.#options.log.warn("nobody says at the live Service which colour is live", { role: this.#role, reason });
  }
}
