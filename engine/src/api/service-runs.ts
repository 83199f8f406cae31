import type { Obj } from "./graph.ts";
import type { ServiceRun } from "./service-run.ts";
import type { ServiceValue } from "./service-value.ts";
import type { RunningServices, Session } from "./session.ts";
import { startService } from "./start-service.ts";

/** How long a service goes on after the last one who used it. */
const GRACE_MS = 10_000;

interface Entry {
  readonly starting: Promise<ServiceRun>;
  /** From when its container runs: it cannot be used yet, but stopped. */
  run: ServiceRun | undefined;
  users: number;
  timer: NodeJS.Timeout | undefined;
}

/** The services of one session: each runs once, for all who use it. */
export class ServiceRuns implements RunningServices {
  readonly #entries = new Map<string, Entry>();
  readonly #named = new Map<string, ServiceRun>();
  readonly #watchers = new Set<() => void>();

  names(): ReadonlyMap<string, string> {
    const names = new Map<string, string>();
    for (const [hostname, run] of this.#named) {
      if (run.lease !== undefined) names.set(hostname, run.lease.address);
    }
    return names;
  }

  watch(changed: () => void): () => void {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  }

  async use(session: Session, service: Obj): Promise<{ run: ServiceRun; release: () => void }> {
    const key = await service.key();
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      const begun = (run: ServiceRun) => {
        made.run = run;
      };
      const made: Entry = {
        starting: this.#start(session, service, key, begun),
        run: undefined,
        users: 0,
        timer: undefined,
      };
      entry = made;
      this.#entries.set(key, entry);
    }
    const mine = entry;
    mine.users += 1;
    clearTimeout(mine.timer);
    const release = () => {
      mine.users -= 1;
      if (mine.users > 0) return;
      mine.timer = setTimeout(() => void this.#stop(key, mine, "SIGTERM"), GRACE_MS);
      mine.timer.unref();
    };
    try {
      return { run: await mine.starting, release };
    } catch (error) {
      mine.users -= 1;
      if (this.#entries.get(key) === mine) this.#entries.delete(key);
      throw error;
    }
  }

  async stop(service: Obj, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const key = await service.key();
    const entry = this.#entries.get(key);
    if (entry !== undefined) await this.#stop(key, entry, signal);
  }

  /** Ends all of them, at once. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#entries].map(([key, entry]) => this.#stop(key, entry, "SIGKILL")));
  }

  async #stop(key: string, entry: Entry, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
    clearTimeout(entry.timer);
    await (entry.run ?? (await entry.starting)).stop(signal);
  }

  async #start(session: Session, service: Obj, key: string, begun: (run: ServiceRun) => void): Promise<ServiceRun> {
    const value = await service.value<ServiceValue>();
    const hostname = hostnameOf(value, key);
    const run = await startService(session, value, hostname, begun);
    this.#named.set(hostname, run);
    this.#changed();
    void run.ended.then(() => {
      if (this.#named.get(hostname) === run) this.#named.delete(hostname);
      const entry = this.#entries.get(key);
      if (entry !== undefined) this.#entries.delete(key);
      this.#changed();
    });
    return run;
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher();
  }
}

/** The name that was given, or one that only depends on what the service is. */
export function hostnameOf(value: ServiceValue, key: string): string {
  return (
    value.hostname ??
    BigInt(`0x${key.replace(/[^0-9a-f]/g, "").slice(0, 17)}`)
      .toString(36)
      .slice(0, 13)
  );
}
