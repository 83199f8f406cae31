import type { IHeaders, Message, RecordMetadata } from "kafkajs";
import { NotSent, QueueFull } from "./delivery-errors.ts";

/** What the batcher needs of a producer; `SerialProducer` is one. */
export interface Sender {
  send(topicMessages: { topic: string; messages: Message[] }[]): Promise<RecordMetadata[]>;
}

export interface Outgoing {
  readonly partition: number;
  readonly key: string;
  readonly value: string;
  readonly headers?: IHeaders;
}

/**
 * Ties records together whose order matters. After one of them has failed, none of the later ones is sent: what is stored
 * in each partition is always a beginning of what was added.
 */
export class Lane {
  /** The first failure. */
  failure: Error | undefined;
}

/** Where the broker has put a record. */
export interface Stored {
  readonly partition: number;
  readonly offset: number;
}

export interface BatcherOptions {
  readonly topic: string;
  /** One queue for each; a partition always goes to the same one, which keeps its order. */
  readonly senders: readonly Sender[];
  readonly maxQueuedRecords: number;
  readonly maxQueuedBytes: number;
  /** How long a record waits for company. */
  readonly lingerMs: number;
  readonly maxBatchRecords: number;
  readonly maxBatchBytes: number;
  /** A record that has waited this long in the queue is given back as NotSent. */
  readonly queueDeadlineMs: number;
  readonly onBatch?: (batch: { readonly records: number; readonly bytes: number; readonly durationMs: number }) => void;
}

interface Waiting {
  readonly outgoing: Outgoing;
  readonly lane: Lane | undefined;
  readonly bytes: number;
  readonly addedAt: number;
  readonly resolve: (stored: Stored) => void;
  readonly reject: (error: Error) => void;
}

interface Shard {
  readonly sender: Sender;
  queue: Waiting[];
  bytes: number;
  busy: boolean;
  timer: NodeJS.Timeout | undefined;
}

/** Bytes that a record costs beside key and value: an estimate of kafkajs' objects and of the record's frame. */
const RECORD_OVERHEAD_BYTES = 100;

/**
 * Collects records and sends them in batches, one batch at a time for each shard. The queue has an end: when the broker
 * is slower than the world, `add` refuses instead of filling the memory.
 */
export class Batcher {
  readonly #options: BatcherOptions;
  readonly #shards: Shard[];
  #records = 0;
  #bytes = 0;
  #closed = false;
  #roomWaiters: (() => void)[] = [];

  constructor(options: BatcherOptions) {
    this.#options = options;
    this.#shards = options.senders.map((sender) => ({ sender, queue: [], bytes: 0, busy: false, timer: undefined }));
  }

  /** How full the queue is, 0 to 1. Records under way count. */
  get load(): number {
    return Math.max(this.#records / this.#options.maxQueuedRecords, this.#bytes / this.#options.maxQueuedBytes);
  }

  /** Bytes that wait or are under way. */
  get queuedBytes(): number {
    return this.#bytes;
  }

  /**
   * Resolves when the broker has stored the record.
   *
   * @throws QueueFull (as a rejection) when there is no room. Certainly not stored.
   * @throws NotSent when it waited too long. Certainly not stored.
   * @throws FateUnknown when it was sent and no answer came.
   * @throws NotSent when an earlier record of the same lane has failed.
   */
  add(outgoing: Outgoing, lane?: Lane): Promise<Stored> {
    if (lane?.failure !== undefined) return Promise.reject(afterFailure(lane.failure));
    if (this.#closed) return Promise.reject(new NotSent("the service is ending"));
    const bytes = Buffer.byteLength(outgoing.value) + outgoing.key.length + RECORD_OVERHEAD_BYTES;
    const full =
      this.#records >= this.#options.maxQueuedRecords ||
      (this.#records > 0 && this.#bytes + bytes > this.#options.maxQueuedBytes);
    if (full) return Promise.reject(new QueueFull(this.#records));
    const shard = this.#shards[outgoing.partition % this.#shards.length];
    if (shard === undefined) return Promise.reject(new NotSent("there is no producer"));
    return new Promise((resolve, reject) => {
      shard.queue.push({ outgoing, lane, bytes, addedAt: Date.now(), resolve, reject });
      shard.bytes += bytes;
      this.#records += 1;
      this.#bytes += bytes;
      this.#schedule(shard);
    });
  }

  /** Waits until half of the queue is free: back-pressure for a reader that can wait. */
  async awaitRoom(): Promise<void> {
    while (this.load > 0.5 && !this.#closed) await new Promise<void>((resolve) => this.#roomWaiters.push(resolve));
  }

  /** Takes nothing more and waits until everything has been answered, by the broker or by a deadline. */
  async drain(): Promise<void> {
    this.#closed = true;
    for (const shard of this.#shards) this.#flush(shard);
    while (this.#records > 0) await new Promise<void>((resolve) => this.#roomWaiters.push(resolve));
  }

  #schedule(shard: Shard): void {
    if (shard.busy) return;
    if (shard.queue.length >= this.#options.maxBatchRecords || shard.bytes >= this.#options.maxBatchBytes) {
      this.#flush(shard);
      return;
    }
    shard.timer ??= setTimeout(() => this.#flush(shard), this.#options.lingerMs);
  }

  #flush(shard: Shard): void {
    clearTimeout(shard.timer);
    shard.timer = undefined;
    if (shard.busy || shard.queue.length === 0) return;
    const batch = this.#takeBatch(shard);
    shard.busy = true;
    void this.#deliver(shard.sender, batch).finally(() => {
      shard.busy = false;
      for (const wake of this.#roomWaiters.splice(0)) wake();
      // What has gathered meanwhile has waited long enough.
      this.#flush(shard);
    });
  }

  #takeBatch(shard: Shard): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const waiting of shard.queue) {
      if (
        count > 0 &&
        (count >= this.#options.maxBatchRecords || bytes + waiting.bytes > this.#options.maxBatchBytes)
      ) {
        break;
      }
      bytes += waiting.bytes;
      count += 1;
    }
    shard.bytes -= bytes;
    const batch = shard.queue.slice(0, count);
    shard.queue = shard.queue.slice(count);
    return batch;
  }

  /** Gives back what must not be sent any more. */
  #maySend(waiting: Waiting, now: number): boolean {
    if (waiting.lane?.failure !== undefined) {
      waiting.reject(afterFailure(waiting.lane.failure));
      return false;
    }
    if (now - waiting.addedAt <= this.#options.queueDeadlineMs) return true;
    fail(waiting, new NotSent("waited too long for the broker; nothing of this was stored"));
    return false;
  }

  async #deliver(sender: Sender, batch: readonly Waiting[]): Promise<void> {
    const startedAt = Date.now();
    const fresh = batch.filter((waiting) => this.#maySend(waiting, startedAt));
    const bytes = batch.reduce((sum, waiting) => sum + waiting.bytes, 0);
    try {
      if (fresh.length > 0) {
        const messages = fresh.map(({ outgoing }) => ({ ...outgoing }));
        const metadata = await sender.send([{ topic: this.#options.topic, messages }]);
        settle(fresh, metadata);
        this.#options.onBatch?.({ records: fresh.length, bytes, durationMs: Date.now() - startedAt });
      }
    } catch (error) {
      for (const waiting of fresh) fail(waiting, error as Error);
    } finally {
      this.#records -= batch.length;
      this.#bytes -= bytes;
    }
  }
}

function fail({ lane, reject }: Waiting, error: Error): void {
  // Before anybody hears of it, so that nobody can add to the lane in between.
  if (lane !== undefined) lane.failure ??= error;
  reject(error);
}

function afterFailure(failure: Error): NotSent {
  return new NotSent(`not sent, because an earlier record of the same file failed: ${failure.message}`);
}

/** Gives each record its offset: the broker names that of the first one in each partition. */
function settle(batch: readonly Waiting[], metadata: readonly RecordMetadata[]): void {
  const next = new Map(metadata.map(({ partition, baseOffset }) => [partition, Number(baseOffset ?? -1)]));
  for (const { outgoing, resolve } of batch) {
    const offset = next.get(outgoing.partition) ?? -1;
    next.set(outgoing.partition, offset + 1);
    resolve({ partition: outgoing.partition, offset });
  }
}
