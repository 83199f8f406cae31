import type { Obj } from "./graph.ts";
import type { ServiceRun } from "./service-run.ts";
import type { ServiceValue } from "./service-value.ts";
import type { RunningServices, Session } from "./session.ts";
import { startService } from "./start-service.ts";

/** How long a service goes on after the last one who used it. */
const GRACE_MS = 10_000;

interface Entry {
  readonly key: string;
  readonly starting: Promise<ServiceRun>;
  /** As soon as its container runs: it cannot be used yet, but stopped. Never, when it has none or cannot be started. */
  readonly begun: Promise<ServiceRun>;
  users: number;
  timer: NodeJS.Timeout | undefined;
}

/** The services of one session: each runs once, for all who use it. */
export class ServiceRuns implements RunningServices {
  /** What one more user gets. */
  readonly #entries = new Map<string, Entry>();
  /** Those that have not ended: also what is being stopped, which nobody gets any more. */
  readonly #alive = new Set<Entry>();
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
    const entry = this.#entries.get(key) ?? this.#begin(session, service, key);
    entry.users += 1;
    clearTimeout(entry.timer);
    const release = () => {
      entry.users -= 1;
      if (entry.users > 0) return;
      // What cannot be stopped now is tried again at the session's end.
      entry.timer = setTimeout(() => void this.#stop(entry, "SIGTERM").catch(() => undefined), GRACE_MS);
      entry.timer.unref();
    };
    return { run: await entry.starting, release };
  }

  async stop(service: Obj, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const key = await service.key();
    const entry = this.#entries.get(key);
    if (entry !== undefined) await this.#stop(entry, signal);
  }

  /** Ends all of them, at once. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#alive].map((entry) => this.#stop(entry, "SIGKILL")));
  }

  #begin(session: Session, service: Obj, key: string): Entry {
    let tell: (run: ServiceRun) => void = () => undefined;
    const begun = new Promise<ServiceRun>((resolve) => {
      tell = resolve;
    });
    const starting = this.#start(session, service, key, tell);
    const entry: Entry = { key, starting, begun, users: 0, timer: undefined };
    this.#entries.set(key, entry);
    this.#alive.add(entry);
    const forget = () => this.#forget(entry);
    void starting.then((run) => run.ended.then(forget), forget);
    return entry;
  }

  async #stop(entry: Entry, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    this.#withdraw(entry);
    clearTimeout(entry.timer);
    const run = await Promise.race([entry.begun, entry.starting]);
    await run.stop(signal);
    this.#forget(entry);
  }

  /** Who uses the service from now on, starts it anew. */
  #withdraw(entry: Entry): void {
    if (this.#entries.get(entry.key) === entry) this.#entries.delete(entry.key);
  }

  #forget(entry: Entry): void {
    this.#withdraw(entry);
    this.#alive.delete(entry);
  }

  async #start(session: Session, service: Obj, key: string, begun: (run: ServiceRun) => void): Promise<ServiceRun> {
    const value = await service.value<ServiceValue>();
    const hostname = hostnameOf(value, key);
    const run = await startService(session, value, hostname, begun);
    this.#named.set(hostname, run);
    this.#changed();
    void run.ended.then(() => {
      if (this.#named.get(hostname) === run) this.#named.delete(hostname);
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
