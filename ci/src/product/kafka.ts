import { dag, type Service } from "@dagger.io/dagger";

/** For whoever is bound to the broker as `kafka`. */
const INSIDE_PORT = 9092;
/** For whoever reaches the broker through a forwarded port, as `localhost`. */
const LAPTOP_PORT = 9094;

/**
 * Settings of one broker that is its own controller (KRaft), as the image's environment variables.
 *
 * A client must be able to resolve the address that the broker advertises, hence one listener for each way to reach it.
 * The broker also connects to itself (transaction markers), where no alias of it resolves: the listener `BROKER`.
 */
const settingsOf = (host: string): Record<string, string> => ({
  KAFKA_NODE_ID: "1",
  KAFKA_PROCESS_ROLES: "broker,controller",
  KAFKA_CONTROLLER_QUORUM_VOTERS: "1@localhost:9093",
  KAFKA_LISTENERS: `CLIENT://:${INSIDE_PORT},LAPTOP://:${LAPTOP_PORT},BROKER://localhost:19092,CONTROLLER://localhost:9093`,
  KAFKA_ADVERTISED_LISTENERS: `CLIENT://${host}:${INSIDE_PORT},LAPTOP://localhost:${LAPTOP_PORT},BROKER://localhost:19092`,
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
});

/** Where the broker reaches itself. */
const OWN_LISTENERS = {
  KAFKA_LISTENERS: "BROKER://localhost:19092,CONTROLLER://localhost:9093",
  KAFKA_ADVERTISED_LISTENERS: "BROKER://localhost:19092",
};

/**
 * Starts the broker for itself alone, makes the topics (`NAME PARTITIONS` …), and starts it again for everybody: who
 * finds it up finds its topics.
 */
const WITH_TOPICS = `
set -eu
env ${Object.entries(OWN_LISTENERS)
  .map(([name, value]) => `${name}=${value}`)
  .join(" ")} /etc/kafka/docker/run &
broker=$!
topics() { /opt/kafka/bin/kafka-topics.sh --bootstrap-server localhost:19092 "$@"; }
until topics --list >/dev/null 2>&1; do
  kill -0 "$broker" || exit 1
  sleep 0.2
done
while [ $# -gt 0 ]; do
  topics --create --topic "$1" --partitions "$2" --replication-factor 1
  shift 2
done
kill "$broker"
wait "$broker" || true
exec /etc/kafka/docker/run
`;

/** What differs from one broker to another. */
export interface Broker {
  /** The name by which containers are bound to it. */
  readonly host: string;
  readonly image: string;
  readonly env: Readonly<Record<string, string>>;
  /** The topics that it starts with. */
  readonly topics: Readonly<Record<string, { readonly partitions: number }>>;
}

/**
 * A Kafka broker, with no events at every start.
 *
 * Bound as its host it answers there at port 9092; through `up` at `localhost:9094`. All who use the same definition in
 * one session share one broker.
 */
export function startKafka({ host, image, env, topics }: Broker): Service {
  let container = dag.container().from(image);
  for (const [name, value] of Object.entries({ ...settingsOf(host), ...env }))
    container = container.withEnvVariable(name, value);
  const open = container.withExposedPort(INSIDE_PORT).withExposedPort(LAPTOP_PORT);
  const wanted = Object.entries(topics).flatMap(([name, { partitions }]) => [name, String(partitions)]);
  if (wanted.length === 0) return open.asService({ useEntrypoint: true });
  return open.asService({ args: ["sh", "-c", WITH_TOPICS, "sh", ...wanted] });
}
