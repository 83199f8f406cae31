import { prefixTopic, type RowError, topics, type UploadRecord, uploadRecord } from "@slipway/contracts";
import { Batcher, type Sender, TopicTail } from "@slipway/kafka";
import type { Log } from "@slipway/runtime";
import type { Kafka } from "kafkajs";
import { KnownUploads } from "./known-uploads.ts";

/** Row errors that the topic keeps, and their bytes: a record has to stay well below Kafka's limit of 1 MB. */
const ERRORS_IN_TOPIC = 1_000;
const ERROR_BYTES_IN_TOPIC = 500_000;
/** Records in one request to the broker, and their bytes. */
const MAX_BATCH_RECORDS = 200;
const MAX_BATCH_BYTES = 200_000;

/** Uploads by id. What one process writes, all others read; a new process knows it all from the topic. */
export class UploadLedger {
  readonly #known = new KnownUploads();
  /** One request after the other, each with all that has gathered meanwhile: many small files end at once. */
  readonly #batcher: Batcher;
  readonly #tail: TopicTail;
  /** Uploads that run in this process: nobody else's record of them counts. */
  readonly #running = new Set<string>();
  /** Uploads whose end this process has written and not read back yet. Its own memory holds more errors than the topic. */
  readonly #written = new Set<string>();

  constructor(options: { kafka: Kafka; producer: Sender; topicPrefix: string; log: Log }) {
    const topic = prefixTopic(topics.uploads, options.topicPrefix).name;
    this.#batcher = new Batcher({
      topic,
      senders: [options.producer],
      // How many uploads can wait here, admission bounds; and how long, the deadline of the producer.
      maxQueuedRecords: Number.POSITIVE_INFINITY,
      maxQueuedBytes: Number.POSITIVE_INFINITY,
      queueDeadlineMs: Number.POSITIVE_INFINITY,
      lingerMs: 0,
      maxBatchRecords: MAX_BATCH_RECORDS,
      maxBatchBytes: MAX_BATCH_BYTES,
    });
    this.#tail = new TopicTail({
      kafka: options.kafka,
      name: `${options.topicPrefix}ingest-ledger`,
      topic,
      onRestart: (reason) => options.log.warn("reading the ledger starts over", { reason }),
      onMessage: ({ value }) => {
        const parsed = readUpload(value);
        if (!parsed.success) options.log.warn("a record of the ledger is not valid", { topic });
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
      await this.#batcher.add({ partition: 0, key: id, value });
    } catch (error) {
      this.#written.delete(id);
      throw error;
    }
  }
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
