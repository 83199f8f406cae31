import { FunctionProcess } from "./function-process.ts";
import type { ModuleHost } from "./host.ts";
import type { LoadedModule } from "./loaded-module.ts";

/**
 * Processes that were started before somebody knew what to call: their modules are loaded by the time the call is known.
 * Each is used for one call only, so calls share no state, as on the real engine.
 */
export class ProcessPool {
  readonly #waiting = new Map<string, Promise<FunctionProcess>[]>();
  /** Of those that have ended: done when nothing is left. */
  readonly #leaving = new Set<Promise<unknown>>();
  #closed = false;

  constructor(readonly host: ModuleHost) {}

  /** Starts one more process for a call that is likely to come. Its failure is that of the call. */
  prepare(module: LoadedModule): void {
    if (this.#closed) return;
    const starting = this.#start(module);
    starting.catch(() => undefined);
    this.#waiting.set(module.digest, [...(this.#waiting.get(module.digest) ?? []), starting]);
  }

  async take(module: LoadedModule): Promise<FunctionProcess> {
    return await (this.#waiting.get(module.digest)?.shift() ?? this.#start(module));
  }

  async #start(module: LoadedModule): Promise<FunctionProcess> {
    const process = await FunctionProcess.start(module, this.host);
    const { ended, gone } = process;
    const begin = () => this.#leaving.add(gone);
    const finish = () => this.#leaving.delete(gone);
    ended.then(begin, begin);
    gone.then(finish, finish);
    return process;
  }

  /** Ends what nobody used, and waits until nothing is left of the others that have ended. */
  async close(): Promise<void> {
    this.#closed = true;
    const unused = [...this.#waiting.values()].flat();
    this.#waiting.clear();
    await Promise.allSettled(
      unused.map(async (starting) => {
        const process = await starting;
        process.kill();
        await process.gone;
      }),
    );
    await Promise.allSettled([...this.#leaving]);
  }
}
