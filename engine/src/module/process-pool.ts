import { FunctionProcess } from "./function-process.ts";
import type { ModuleHost } from "./host.ts";
import type { LoadedModule } from "./loaded-module.ts";

/**
 * Processes that were started before somebody knew what to call: their modules are loaded by the time the call is known.
 * Each is used for one call only, so calls share no state, as on the real engine.
 */
export class ProcessPool {
  readonly #waiting = new Map<string, Promise<FunctionProcess>[]>();
  #closed = false;

  constructor(readonly host: ModuleHost) {}

  /** Starts one more process for a call that is likely to come. Its failure is that of the call. */
  prepare(module: LoadedModule): void {
    if (this.#closed) return;
    const starting = FunctionProcess.start(module, this.host);
    starting.catch(() => undefined);
    this.#waiting.set(module.digest, [...(this.#waiting.get(module.digest) ?? []), starting]);
  }

  async take(module: LoadedModule): Promise<FunctionProcess> {
    return await (this.#waiting.get(module.digest)?.shift() ?? FunctionProcess.start(module, this.host));
  }

  /** Ends what nobody used. */
  async close(): Promise<void> {
    this.#closed = true;
    const unused = [...this.#waiting.values()].flat();
    this.#waiting.clear();
    await Promise.allSettled(
      unused.map(async (starting) => {
        const process = await starting;
        process.kill();
        await process.ended;
      }),
    );
  }
}
