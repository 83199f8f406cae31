import { prefixTopic, topics, type UploadRecord, uploadRecord } from "@slipway/contracts";
import { type SerialProducer, TopicTail } from "@slipway/kafka";
import type { Log } from "@slipway/runtime";
import type { Kafka } from "kafkajs";

/** Row errors that the topic keeps: a record has to stay well below Kafka's limit of 1 MB. */
const ERRORS_IN_TOPIC = 1_000;

/** Uploads by id. What one process writes, all others read; a new process knows it all from the topic. */
export class UploadLedger {
  readonly #known = new Map<string, UploadRecord>();
  readonly #producer: SerialProducer;
  readonly #topic: string;
  readonly #tail: TopicTail;
  /** Uploads that this process runs: nobody else's record of them counts. */
  readonly #own = new Set<string>();

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
        else if (!this.#own.has(parsed.data.id)) this.#known.set(parsed.data.id, parsed.data);
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
    this.#own.add(record.id);
    this.#known.set(record.id, record);
  }

  /** Writes the state of an upload for everybody. */
  async save(record: UploadRecord): Promise<void> {
    this.note(record);
    const value = JSON.stringify({ ...record, errors: record.errors.slice(0, ERRORS_IN_TOPIC) });
    await this.#producer.send([{ topic: this.#topic, messages: [{ key: record.id, value, partition: 0 }] }]);
  }
}

function readUpload(value: Buffer | null) {
  try {
    return uploadRecord.safeParse(JSON.parse(value?.toString("utf8") ?? ""));
  } catch {
    return { success: false as const };
  }
}
