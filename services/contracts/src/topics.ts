/** A topic as it has to exist. Retention and clean-up follow from what the topic is for. */
export interface Topic {
  readonly name: string;
  readonly partitions: number;
  readonly config: Readonly<Record<string, string>>;
}

const DAY_MS = 86_400_000;

/** Partitions of `readings.v1` and of everything that is partitioned with it. Never change: it moves every series. */
export const READING_PARTITIONS = 6;

/** Name and version of the algorithm. A new one writes its own state, and its records say who wrote them. */
export const ALGO = "ewma-likelihood/1";

export const topics = {
  /** Every event ever: key series, value `reading`. Kept for ever, so that a new algorithm can read it all again. */
  readings: {
    name: "readings.v1",
    partitions: READING_PARTITIONS,
    config: { "cleanup.policy": "delete", "retention.ms": "-1" },
  },
  /** What could not be processed: the bytes as they came, headers say why and from where. */
  deadLetters: {
    name: "readings.dlq.v1",
    partitions: 3,
    config: { "cleanup.policy": "delete", "retention.ms": String(14 * DAY_MS) },
  },
  /** The ledger of uploads: key upload id, value `uploadRecord`. */
  uploads: { name: "uploads.v1", partitions: 1, config: { "cleanup.policy": "compact" } },
  /** Key `series|start`, value `windowRecord`; partitioned by series. */
  windows: { name: "windows.v1", partitions: READING_PARTITIONS, config: { "cleanup.policy": "compact" } },
  /** Key `series|ts`, value `anomalyRecord`; partitioned by series. */
  anomalies: {
    name: "anomalies.v1",
    partitions: READING_PARTITIONS,
    config: { "cleanup.policy": "compact,delete", "retention.ms": String(90 * DAY_MS) },
  },
  /** What the processor remembers of each series, with the input offset up to which it holds. Key series. */
  state: { name: "state.ewma.v1", partitions: READING_PARTITIONS, config: { "cleanup.policy": "compact" } },
} as const satisfies Record<string, Topic>;

/** Name of `topic` under a prefix, which keeps tests on one broker apart. */
export function prefixTopic(topic: Topic, prefix: string): Topic {
  return { ...topic, name: `${prefix}${topic.name}` };
}
