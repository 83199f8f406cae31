import { prefixTopic, type RowError, topics, type UploadRecord, uploadRecord } from "@slipway/contracts";
import { type SerialProducer, TopicTail } from "@slipway/kafka";
import type { Log } from "@slipway/runtime";
import type { Kafka } from "kafkajs";
import { KnownUploads } from "./known-uploads.ts";

/** Row errors that the topic keeps, and their bytes: a record has to stay well below Kafka's limit of 1 MB. */
const ERRORS_IN_TOPIC = 1_000;
const ERROR_BYTES_IN_TOPIC = 500_000;
/** Records in one request to the broker. */
const MAX_BATCH_RECORDS = 200;
const MAX_BATCH_CHARS = 200_000;

interface Waiting {
  readonly message: { readonly key: string; readonly value: string; readonly partition: number };
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Uploads by id. What one process writes, all others read; a new process knows it all from the topic. */
export class UploadLedger {
  readonly #known = new KnownUploads();
  readonly #producer: SerialProducer;
  readonly #topic: string;
  readonly #tail: TopicTail;
  /** Uploads that run in this process: nobody else's record of them counts. */
  readonly #running = new Set<string>();
  /** Uploads whose end this process has written and not read back yet. Its own memory holds more errors than the topic. */
  readonly #written = new Set<string>();
  readonly #waiting: Waiting[] = [];
  #sending = false;

  constructor(options: { kafka: Kafka; producer: SerialProducer; topicPrefix: string; log: Log }) {
    this.#producer = options.producer;
    this.#topic = prefixTopic(topics.uploads, options.topicPrefix).name;
    this.#tail = new TopicTail({
      kafka: options.kafka,
      name: `${options.topicPrefix}ingest-ledger`,
      topic: this.#topic,
      onRestart: (reason) => options.log.warn("reading the ledger starts over", { reason }),
      onMessage: ({ value }) => {
        const parsed = readUpload(value);
        if (!parsed.success) options.log.warn("a record of the ledger is not valid", { topic: this.#topic });
        else if (!this.#running.has(parsed.data.id) && !this.#written.delete(parsed.data.id))
          this.#known.set(parsed.data);
      },
    });
  }

  /** Starts reading; resolves when everything older than this process is known. */
  async open(): Promise<void> {
    await this.#tail.start();
    await this.#tail.caughtUp;
  }

  async close(): Promise<void> {
    await this.#tail.stop();
  }

  get(id: string): UploadRecord | undefined {
    return this.#known.get(id);
  }

  /** Keeps how far an upload is, in this process only. */
  note(record: UploadRecord): void {
    this.#running.add(record.id);
    this.#known.set(record);
  }

  /** Writes the state of an upload for everybody. */
  async save(record: UploadRecord): Promise<void> {
    const { id } = record;
    this.#known.set(record);
    this.#written.add(id);
    this.#running.delete(id);
    const value = JSON.stringify({ ...record, errors: fitErrors(record.errors) });
    try {
      await new Promise<void>((resolve, reject) => {
        this.#waiting.push({ message: { key: id, value, partition: 0 }, resolve, reject });
        if (!this.#sending) void this.#sendWaiting();
      });
    } catch (error) {
      this.#written.delete(id);
      throw error;
    }
  }

  /** One request after the other, each with all that has gathered meanwhile: many small files end at once. */
  async #sendWaiting(): Promise<void> {
    this.#sending = true;
    while (this.#waiting.length > 0) {
      const batch = takeBatch(this.#waiting);
      try {
        await this.#producer.send([{ topic: this.#topic, messages: batch.map(({ message }) => message) }]);
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error as Error);
      }
    }
    this.#sending = false;
  }
}

/** Removes from the front as many as may go in one request: a record of any size, or several small ones. */
function takeBatch(waiting: Waiting[]): Waiting[] {
  let chars = 0;
  const end = waiting.findIndex(({ message }, at) => {
    chars += message.value.length;
    return at > 0 && (at >= MAX_BATCH_RECORDS || chars > MAX_BATCH_CHARS);
  });
  return waiting.splice(0, end === -1 ? waiting.length : end);
}

/** The first errors, as many as fit into one record. */
function fitErrors(errors: readonly RowError[]): RowError[] {
  const fitting: RowError[] = [];
  let bytes = 0;
  for (const error of errors.slice(0, ERRORS_IN_TOPIC)) {
    bytes += Buffer.byteLength(JSON.stringify(error));
    if (bytes > ERROR_BYTES_IN_TOPIC) break;
    fitting.push(error);
  }
  return fitting;
}

function readUpload(value: Buffer | null) {
  try {
    return uploadRecord.safeParse(JSON.parse(value?.toString("utf8") ?? ""));
  } catch {
    return { success: false as const };
  }
}
