import { topics as allTopics, prefixTopic } from "@slipway/contracts";
import { ConsumerRunner, partitionOf, readTopic, type SerialProducer } from "@slipway/kafka";
import type { Log } from "@slipway/runtime";
import type { EachBatchPayload, Kafka, Message, TopicMessages } from "kafkajs";
import type { Metrics } from "./metrics.ts";
import { type DeadLetter, PartitionWork } from "./partition-work.ts";
import type { WindowSettings } from "./windows.ts";

export interface ProcessorOptions {
  readonly kafka: Kafka;
  readonly producer: SerialProducer;
  readonly topicPrefix: string;
  readonly settings: WindowSettings;
  readonly sessionTimeoutMs: number;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Names of the topics under a prefix. */
export function nameTopics(prefix: string) {
  const named = (topic: keyof typeof allTopics) => prefixTopic(allTopics[topic], prefix).name;
  return {
    readings: named("readings"),
    deadLetters: named("deadLetters"),
    windows: named("windows"),
    anomalies: named("anomalies"),
    state: named("state"),
  };
}

/**
 * Reads readings as a member of a group and writes what follows from them. It can be started and stopped again and again:
 * each time it is a new member, and remembers nothing of what it knew before.
 */
export class Processor {
  readonly #options: ProcessorOptions;
  readonly #topics: ReturnType<typeof nameTopics>;
  #runner: ConsumerRunner | undefined;
  #startedAt: number | undefined;
  readonly #work = new Map<number, PartitionWork>();
  /** Rises with every assignment: work that was begun under an earlier one must not write. */
  #assignment = 0;

  constructor(options: ProcessorOptions) {
    this.#options = options;
    this.#topics = nameTopics(options.topicPrefix);
  }

  get assigned(): readonly number[] | undefined {
    return this.#runner?.assigned;
  }

  /** Time since it was started; `undefined` for one that is stopped. */
  get startedMs(): number | undefined {
    return this.#startedAt === undefined ? undefined : Date.now() - this.#startedAt;
  }

  /** Time since the broker was last heard; 0 for one that does not listen. */
  get silentMs(): number {
    return this.#runner?.silentMs ?? 0;
  }

  get seriesCount(): number {
    return [...this.#work.values()].reduce((sum, work) => sum + work.seriesCount, 0);
  }

  start(): void {
    if (this.#runner !== undefined) return;
    this.#startedAt = Date.now();
    this.#runner = this.#createRunner();
    this.#runner.start();
    this.#options.metrics.role.set(1);
  }

  /** Resolves when the batch under way is written or dropped and the group is left. */
  async stop(): Promise<void> {
    this.#startedAt = undefined;
    await this.#runner?.stop();
    this.#runner = undefined;
    this.#assignment += 1;
    this.#work.clear();
    this.#options.metrics.role.set(0);
    // How much waits is for its next owner to say.
    this.#options.metrics.lag.reset();
  }

  #createRunner(): ConsumerRunner {
    const { kafka, topicPrefix, sessionTimeoutMs, log, metrics } = this.#options;
    return new ConsumerRunner({
      kafka,
      groupId: `${topicPrefix}processor`,
      topic: this.#topics.readings,
      sessionTimeoutMs,
      maxBytesPerPartition: 1024 * 1024,
      onAssigned: (partitions) => {
        this.#assignment += 1;
        this.#work.clear();
        log.info("partitions assigned", { partitions });
      },
      onRestart: (reason) => {
        this.#work.clear();
        metrics.restarts.inc();
        log.warn("consumer starts over", { reason });
      },
      onBatch: (payload) => this.#handle(payload),
    });
  }

  async #handle(payload: EachBatchPayload): Promise<void> {
    const { batch, resolveOffset, heartbeat, isRunning, isStale } = payload;
    const { partition } = batch;
    const assignment = this.#assignment;
    try {
      const work = this.#work.get(partition) ?? (await this.#restore(partition, heartbeat));
      this.#work.set(partition, work);
      const before = { ...work.counts };
      for (const message of batch.messages) {
        work.accept({ offset: Number(message.offset), key: message.key, value: message.value });
      }
      // A member that was put to sleep and lost its partitions hears of it here, before it writes.
      await heartbeat();
      if (!isRunning() || isStale() || assignment !== this.#assignment) {
        this.#work.delete(partition);
        return;
      }
      await this.#write(partition, work);
      const last = batch.lastOffset();
      resolveOffset(last);
      await payload.commitOffsetsIfNecessary({
        topics: [{ topic: batch.topic, partitions: [{ partition, offset: String(Number(last) + 1) }] }],
      });
      this.#options.metrics.count(before, work.counts);
      this.#options.metrics.lag.set({ partition: String(partition) }, Number(batch.highWatermark) - Number(last) - 1);
    } catch (error) {
      // What is in memory and what is written may differ now: the written counts.
      this.#work.delete(partition);
      throw error;
    }
  }

  async #write(partition: number, work: PartitionWork): Promise<void> {
    const { windows, anomalies, deadLetters, states } = work.collect();
    const here = ({ key, value }: { key: string; value: string }): Message => ({ key, value, partition });
    const results: TopicMessages[] = [
      { topic: this.#topics.windows, messages: windows.map(here) },
      { topic: this.#topics.anomalies, messages: anomalies.map(here) },
      { topic: this.#topics.deadLetters, messages: deadLetters.map((letter) => this.#buried(letter, partition)) },
    ].filter(({ messages }) => messages.length > 0);
    if (results.length > 0) await this.#options.producer.send(results);
    // After the results: a state says that everything up to its offset has been written.
    if (states.length > 0) {
      await this.#options.producer.send([{ topic: this.#topics.state, messages: states.map(here) }]);
    }
    this.#options.metrics.windows.inc(windows.length);
    this.#options.metrics.anomalies.inc(anomalies.length);
  }

  #buried({ record, reason, stage }: DeadLetter, partition: number): Message {
    const key = record.key?.toString("utf8") ?? `${partition}@${record.offset}`;
    return {
      key: record.key,
      value: record.value,
      partition: partitionOf(key, allTopics.deadLetters.partitions),
      headers: {
        reason,
        stage,
        "source-topic": this.#topics.readings,
        "source-partition": String(partition),
        "source-offset": String(record.offset),
      },
    };
  }

  async #restore(partition: number, heartbeat: () => Promise<void>): Promise<PartitionWork> {
    const startedAt = Date.now();
    const work = new PartitionWork(partition, this.#options.settings);
    let lost: Error | undefined;
    const beat = setInterval(() => {
      heartbeat().catch((error: unknown) => {
        lost = error as Error;
      });
    }, this.#options.sessionTimeoutMs / 5);
    try {
      await readTopic({
        kafka: this.#options.kafka,
        name: `${this.#options.topicPrefix}processor-restore`,
        topic: this.#topics.state,
        partitions: [partition],
        onRestart: (reason) => this.#options.log.warn("reading states starts over", { partition, reason }),
        onMessage: ({ key, value }) => {
          if (key !== null && value !== null) work.restore(key.toString("utf8"), value.toString("utf8"));
        },
      });
    } finally {
      clearInterval(beat);
    }
    if (lost !== undefined) throw lost;
    const durationMs = Date.now() - startedAt;
    this.#options.log.info("partition restored", { partition, series: work.seriesCount, durationMs });
    return work;
  }
}
