import { setTimeout as delay } from "node:timers/promises";
import type { Consumer, EachBatchPayload, Kafka } from "kafkajs";

export interface RunnerOptions {
  readonly kafka: Kafka;
  readonly groupId: string;
  readonly topic: string;
  /** Called on each (re)assignment, before the first batch. What was remembered of earlier assignments is void. */
  readonly onAssigned: (partitions: readonly number[]) => void;
  /**
   * Handles a batch to its end. It resolves offsets, commits and sends heartbeats itself. When it throws, the consumer is
   * made anew and everything after the last commit comes again.
   */
  readonly onBatch: (payload: EachBatchPayload) => Promise<void>;
  /** Called with the reason each time the consumer has to be made anew. */
  readonly onRestart: (reason: Error) => void;
  readonly sessionTimeoutMs: number;
  readonly maxBytesPerPartition: number;
}

const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 5_000;

/**
 * A member of a consumer group that heals by starting over: kafkajs' own ways of carrying on after a failure are where
 * its known hangs are, and a new consumer costs a second. Offsets move by `onBatch` alone.
 */
export class ConsumerRunner {
  readonly #options: RunnerOptions;
  #stopping = false;
  #loop: Promise<void> | undefined;
  #wake = new AbortController();
  #assigned: readonly number[] | undefined;
  #lastSignAt = Date.now();
  #restarts = 0;

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** Partitions of this member; `undefined` while it is not in the group. */
  get assigned(): readonly number[] | undefined {
    return this.#assigned;
  }

  get restarts(): number {
    return this.#restarts;
  }

  /** Time since the consumer last heard from the broker. A watchdog calls it dead when this grows. */
  get silentMs(): number {
    return Date.now() - this.#lastSignAt;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Ends after the batch under way, leaves the group at once (so that others take over without a timeout). */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    let backoffMs = FIRST_BACKOFF_MS;
    while (!this.#stopping) {
      const startedAt = Date.now();
      // Trying counts as life: while the broker is away, a restart of the process would not help.
      this.#lastSignAt = startedAt;
      try {
        await this.#runOnce();
      } catch (error) {
        this.#restarts += 1;
        this.#options.onRestart(error as Error);
      }
      this.#assigned = undefined;
      if (this.#stopping) return;
      // Whoever ran for a while has earned a quick start.
      if (Date.now() - startedAt > 30_000) backoffMs = FIRST_BACKOFF_MS;
      await delay(backoffMs, undefined, { signal: this.#wake.signal }).catch(() => undefined);
      backoffMs = Math.min(backoffMs * 2, LONGEST_BACKOFF_MS);
    }
  }

  /** Runs one consumer until `stop` or until it crashes, which throws. */
  async #runOnce(): Promise<void> {
    const { kafka, groupId, topic, sessionTimeoutMs, maxBytesPerPartition } = this.#options;
    const consumer = kafka.consumer({
      groupId,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: sessionTimeoutMs * 2,
      heartbeatInterval: Math.floor(sessionTimeoutMs / 5),
      maxWaitTimeInMs: 50,
      minBytes: 1,
      maxBytesPerPartition,
      allowAutoTopicCreation: false,
      retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 1_000, restartOnFailure: async () => false },
    });
    const ended = this.#watch(consumer);
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [topic], fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: 1,
        eachBatch: (payload) => this.#options.onBatch(payload),
      });
      const reason = await ended;
      if (reason !== undefined) throw reason;
    } finally {
      ended.catch(() => undefined);
      await consumer.disconnect().catch(() => undefined);
    }
  }

  #watch(consumer: Consumer): Promise<Error | undefined> {
    const { events } = consumer;
    const sign = () => {
      this.#lastSignAt = Date.now();
    };
    consumer.on(events.FETCH, sign);
    consumer.on(events.HEARTBEAT, sign);
    consumer.on(events.END_BATCH_PROCESS, sign);
    consumer.on(events.GROUP_JOIN, ({ payload }) => {
      sign();
      this.#assigned = payload.memberAssignment[this.#options.topic] ?? [];
      this.#options.onAssigned(this.#assigned);
    });
    return new Promise((resolve) => {
      consumer.on(events.CRASH, ({ payload }) => resolve(payload.error));
      const onStop = () => resolve(undefined);
      if (this.#wake.signal.aborted) onStop();
      else this.#wake.signal.addEventListener("abort", onStop, { once: true });
    });
  }
}
