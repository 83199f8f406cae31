import { type Kafka, Partitioners, type Producer, type RecordMetadata, type TopicMessages } from "kafkajs";
import { FateUnknown, NotSent } from "./delivery-errors.ts";

export interface SerialProducerOptions {
  readonly kafka: Kafka;
  /** Wall clock from the call of `send` to the broker's answer. */
  readonly deliveryDeadlineMs: number;
  /** Called with the reason each time the producer underneath is thrown away. */
  readonly onReplaced?: (reason: Error) => void;
}

/**
 * A producer that has one request under way, ever.
 *
 * With two sends at once, kafkajs' idempotent producer hands the sequence number of a failed one to the other: on one
 * lost reply a record is lost and another is stored twice, and both promises resolve. In sequence, and with the partition
 * named, its retries are exact. After any failure its sequence numbers cannot be trusted, so the instance is replaced.
 */
export class SerialProducer {
  readonly #options: SerialProducerOptions;
  #producer: Promise<Producer> | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  #closed = false;
  #replaced = 0;
  #healthy = false;

  constructor(options: SerialProducerOptions) {
    this.#options = options;
  }

  /** How often the producer underneath has been replaced. */
  get replaced(): number {
    return this.#replaced;
  }

  /** The last thing that was asked of the broker worked. */
  get healthy(): boolean {
    return this.#healthy;
  }

  /** Connects now, and not only with the first send. */
  async connect(): Promise<void> {
    await this.#current();
    this.#healthy = true;
  }

  /**
   * Sends everything in one request to each broker, after all earlier calls have ended. `acks` is all.
   *
   * Each message must name its partition.
   *
   * @throws NotSent when no connection could be had in time: nothing was stored.
   * @throws FateUnknown when no answer came in time, or an answer that says nothing about what was stored.
   */
  send(topicMessages: TopicMessages[]): Promise<RecordMetadata[]> {
    const mine = this.#tail.then(() => this.#sendNow(topicMessages));
    this.#tail = mine.catch(() => undefined);
    return mine;
  }

  /** Waits for what is under way, then closes. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#tail;
    const producer = await this.#producer?.catch(() => undefined);
    await producer?.disconnect().catch(() => undefined);
  }

  async #sendNow(topicMessages: TopicMessages[]): Promise<RecordMetadata[]> {
    if (this.#closed) throw new NotSent("this producer is closed");
    for (const { topic, messages } of topicMessages) {
      const unnamed = messages.findIndex((message) => message.partition === undefined);
      if (unnamed !== -1) throw new NotSent(`message ${unnamed} for ${topic} names no partition`);
    }
    const startedAt = Date.now();
    const { deliveryDeadlineMs } = this.#options;
    let producer: Producer;
    try {
      producer = await withDeadline(this.#current(), deliveryDeadlineMs);
    } catch (error) {
      this.#replace(asError(error));
      throw new NotSent(`no connection to the broker: ${asError(error).message}`, { cause: error });
    }
    try {
      const leftMs = Math.max(1, deliveryDeadlineMs - (Date.now() - startedAt));
      const metadata = await withDeadline(producer.sendBatch({ topicMessages, acks: -1 }), leftMs);
      this.#healthy = true;
      return metadata;
    } catch (error) {
      this.#replace(asError(error));
      throw new FateUnknown(`no answer from the broker: ${asError(error).message}`, { cause: error });
    }
  }

  #current(): Promise<Producer> {
    this.#producer ??= this.#open();
    return this.#producer;
  }

  async #open(): Promise<Producer> {
    const { kafka, deliveryDeadlineMs } = this.#options;
    const producer = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      // Never used, every message names its partition. Saying so keeps kafkajs from warning at each start.
      createPartitioner: Partitioners.DefaultPartitioner,
      // Waits of at most a second each: so many that the deadline ends the trying, and not for ever behind its back.
      retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: Math.ceil(deliveryDeadlineMs / 1_000) + 4 },
    });
    await producer.connect();
    return producer;
  }

  #replace(reason: Error): void {
    const old = this.#producer;
    this.#producer = undefined;
    this.#healthy = false;
    this.#replaced += 1;
    this.#options.onReplaced?.(reason);
    // In the background: a broken connection may take its time to say so.
    void old?.then((producer) => producer.disconnect()).catch(() => undefined);
  }
}

async function withDeadline<T>(work: Promise<T>, deadlineMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${deadlineMs} ms`)), deadlineMs);
  });
  // Both may still fail after the race is decided; that must not end the process.
  work.catch(() => undefined);
  late.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
