import { Kafka, logLevel, type SASLOptions } from "kafkajs";
import { lookOnlyWhileRequestsWait } from "./request-queue.ts";

/** Where a line of kafkajs goes. `level` as in the service's own log. */
export type LogLine = (level: "debug" | "info" | "warn" | "error", message: string, fields: object) => void;

export interface ConnectionOptions {
  /** `host:port` each. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly log: LogLine;
  readonly tls?: boolean;
  readonly sasl?: SASLOptions;
}

/** A kafkajs client whose log lines become the service's own. It opens no connection yet. */
export function createKafka({ brokers, clientId, log, tls, sasl }: ConnectionOptions): Kafka {
  lookOnlyWhileRequestsWait();
  return new Kafka({
    brokers: [...brokers],
    clientId,
    connectionTimeout: 3_000,
    requestTimeout: 10_000,
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => {
      // The deadline of SerialProducer is what bounds its tries, and it answers for what that means.
      if (entry.log.message.startsWith("Limiting retries for the idempotent producer")) return;
      const { message, timestamp: _timestamp, logger: _logger, ...fields } = entry.log;
      // kafkajs calls every lost connection an error. The caller decides what is one, so nothing here is above "warn".
      log(entry.level <= logLevel.WARN ? "warn" : "info", `kafkajs: ${message}`, fields);
    },
    ...(tls === true ? { ssl: true } : {}),
    ...(sasl === undefined ? {} : { sasl }),
  });
}
