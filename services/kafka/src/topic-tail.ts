import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Kafka, KafkaMessage } from "kafkajs";
import { ConsumerRunner } from "./consumer-runner.ts";
import { withAdmin } from "./topic-admin.ts";

export interface TailOptions {
  readonly kafka: Kafka;
  /** First part of the name of the group, which is new for each tail and never commits. */
  readonly name: string;
  readonly topic: string;
  /** Only these partitions, or all. */
  readonly partitions?: readonly number[];
  readonly onMessage: (message: KafkaMessage, partition: number) => void;
  readonly onRestart: (reason: Error) => void;
}

/**
 * Reads a topic from its beginning and stays at its end: for whoever keeps all of it in memory. After a failure it reads
 * everything again, so `onMessage` must bear repeats.
 */
export class TopicTail {
  readonly #options: TailOptions;
  readonly #runner: ConsumerRunner;
  readonly #position = new Map<number, number>();
  #targets: ReadonlyMap<number, number> | undefined;
  #caughtUp: () => void = () => undefined;
  /** Resolves when everything has been read that was there at the start. */
  readonly caughtUp = new Promise<void>((resolve) => {
    this.#caughtUp = resolve;
  });

  constructor(options: TailOptions) {
    this.#options = options;
    this.#runner = new ConsumerRunner({
      kafka: options.kafka,
      groupId: `${options.name}-${randomUUID()}`,
      topic: options.topic,
      sessionTimeoutMs: 10_000,
      maxBytesPerPartition: 2 * 1024 * 1024,
      onAssigned: () => this.#position.clear(),
      onRestart: options.onRestart,
      onBatch: async ({ batch, resolveOffset, heartbeat }) => {
        if (options.partitions === undefined || options.partitions.includes(batch.partition)) {
          for (const message of batch.messages) options.onMessage(message, batch.partition);
        }
        const last = batch.lastOffset();
        resolveOffset(last);
        this.#position.set(batch.partition, Number(last) + 1);
        this.#check();
        await heartbeat();
      },
    });
  }

  /** Time since the broker was last heard. */
  get silentMs(): number {
    return this.#runner.silentMs;
  }

  /** The member is in its group and has its partitions. */
  get attached(): boolean {
    return this.#runner.assigned !== undefined;
  }

  async start(): Promise<void> {
    this.#targets = await fetchEnds(this.#options.kafka, this.#options.topic, this.#options.partitions);
    this.#check();
    this.#runner.start();
  }

  async stop(): Promise<void> {
    await this.#runner.stop();
  }

  #check(): void {
    const targets = this.#targets;
    if (targets === undefined) return;
    for (const [partition, end] of targets) if ((this.#position.get(partition) ?? 0) < end) return;
    this.#caughtUp();
  }
}

/** End offset of each partition that holds something. */
async function fetchEnds(
  kafka: Kafka,
  topic: string,
  partitions: readonly number[] | undefined,
): Promise<ReadonlyMap<number, number>> {
  const offsets = await fetchOffsets(kafka, topic);
  return new Map(
    offsets
      .filter(({ partition, low, high }) => Number(high) > Number(low) && (partitions?.includes(partition) ?? true))
      .map(({ partition, high }) => [partition, Number(high)]),
  );
}

/** For a moment after a topic was made its brokers say that they do not lead it; kafkajs' admin gives up at once. */
const SETTLING_MS = 30_000;

async function fetchOffsets(kafka: Kafka, topic: string): Promise<{ partition: number; low: string; high: string }[]> {
  const endAt = Date.now() + SETTLING_MS;
  for (;;) {
    try {
      return await withAdmin(kafka, (admin) => admin.fetchTopicOffsets(topic));
    } catch (error) {
      const mayPass = (error as { retriable?: boolean }).retriable === true;
      if (!mayPass || Date.now() > endAt) throw error;
      await delay(200);
    }
  }
}

/** Reads what a topic holds now in the given partitions, then ends. */
export async function readTopic(options: TailOptions): Promise<void> {
  const ends = await fetchEnds(options.kafka, options.topic, options.partitions);
  if (ends.size === 0) return;
  const tail = new TopicTail(options);
  await tail.start();
  try {
    await tail.caughtUp;
  } finally {
    await tail.stop();
  }
}
