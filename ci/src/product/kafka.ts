import { dag, type Service } from "@dagger.io/dagger";
import { KAFKA } from "../config/names.ts";
import { images } from "../tool-images.ts";

/** For whoever is bound to the broker as `kafka`. */
const INSIDE_PORT = 9092;
/** For whoever reaches the broker through a forwarded port, as `localhost`. */
const LAPTOP_PORT = 9094;

/** Where containers bound to the broker find it, as `KAFKA_BROKERS`. */
export const BROKERS = `${KAFKA}:${INSIDE_PORT}`;

/**
 * Settings of one broker that is its own controller (KRaft), as the image's environment variables.
 *
 * A client must be able to resolve the address that the broker advertises, hence one listener for each way to reach it.
 * The broker also connects to itself (transaction markers), where no alias of it resolves: the listener `BROKER`.
 */
const settings: Record<string, string> = {
  KAFKA_NODE_ID: "1",
  KAFKA_PROCESS_ROLES: "broker,controller",
  KAFKA_CONTROLLER_QUORUM_VOTERS: "1@localhost:9093",
  KAFKA_LISTENERS: `CLIENT://:${INSIDE_PORT},LAPTOP://:${LAPTOP_PORT},BROKER://localhost:19092,CONTROLLER://localhost:9093`,
  KAFKA_ADVERTISED_LISTENERS: `CLIENT://${BROKERS},LAPTOP://localhost:${LAPTOP_PORT},BROKER://localhost:19092`,
  KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: "CLIENT:PLAINTEXT,LAPTOP:PLAINTEXT,BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT",
  KAFKA_INTER_BROKER_LISTENER_NAME: "BROKER",
  KAFKA_CONTROLLER_LISTENER_NAMES: "CONTROLLER",
  // One broker: every internal topic has one replica, and few partitions so that it starts fast.
  KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: "1",
  KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: "4",
  KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: "1",
  KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: "1",
  KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS: "4",
  KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR: "1",
  KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR: "1",
  KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: "0",
  // A misspelt topic is an error, not a new topic.
  KAFKA_AUTO_CREATE_TOPICS_ENABLE: "false",
  KAFKA_HEAP_OPTS: "-Xms256m -Xmx512m",
  // A start says 2,000 things at level INFO, in front of what a person looks for.
  KAFKA_LOG4J_ROOT_LOGLEVEL: "WARN",
  KAFKA_LOG4J_LOGGERS:
    "kafka=WARN,kafka.controller=WARN,kafka.log.LogCleaner=WARN,state.change.logger=WARN,org.apache.kafka=WARN",
};

/**
 * A Kafka broker, empty at every start.
 *
 * Bound as `kafka` it answers at `kafka:9092`; through `up` at `localhost:9094`. All who use the same definition in one
 * session share one broker.
 */
export function startKafka(): Service {
  let container = dag.container().from(images.kafka);
  for (const [name, value] of Object.entries(settings)) container = container.withEnvVariable(name, value);
  return container.withExposedPort(INSIDE_PORT).withExposedPort(LAPTOP_PORT).asService({ useEntrypoint: true });
}
