import type { Kafka } from "kafkajs";
import { createKafka, type LogLine } from "./connection.ts";
import { prepareTopics, type WantedTopic } from "./topic-admin.ts";

export interface BrokerOptions {
  /** `host:port` each. */
  readonly brokers: readonly string[];
  readonly tls: boolean;
  readonly clientId: string;
  /** The log of the service. */
  readonly log: Record<Parameters<LogLine>[0], (message: string, fields: object) => void>;
}

/** The broker of a service, as its environment names it. Asks for nothing before it is used. */
export class Broker {
  readonly kafka: Kafka;
  readonly #options: BrokerOptions;

  constructor(options: BrokerOptions) {
    const { brokers, tls, clientId, log } = options;
    this.#options = options;
    this.kafka = createKafka({ brokers, tls, clientId, log: (level, message, fields) => log[level](message, fields) });
  }

  /**
   * Waits until the broker answers, as long as it takes, and makes the topics.
   *
   * @throws Error when waiting cannot help
   */
  async prepareTopics(topics: readonly WantedTopic[]): Promise<void> {
    const { brokers, tls, log } = this.#options;
    const onWait = (reason: Error) => log.warn("waiting for the broker", { reason });
    await prepareTopics({ kafka: this.kafka, brokers, tls, topics, onWait });
  }
}
