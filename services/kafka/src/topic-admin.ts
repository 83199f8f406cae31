import { setTimeout as delay } from "node:timers/promises";
import type { Admin, Kafka } from "kafkajs";
import { fetchApiVersions, listOutdatedApis } from "./api-versions.ts";

/** A topic as it has to exist. */
export interface WantedTopic {
  readonly name: string;
  readonly partitions: number;
  readonly config: Readonly<Record<string, string>>;
}

/** Runs `work` with a connected admin client and closes it. */
export async function withAdmin<T>(kafka: Kafka, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin({ retry: { retries: 4, initialRetryTime: 100, maxRetryTime: 1_000 } });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

/**
 * Makes the topics that are missing. Can be repeated, also by several services at once. Replication is the broker's default.
 *
 * @throws Error when one exists with another number of partitions: keys would lie elsewhere than everybody thinks.
 */
export async function ensureTopics(kafka: Kafka, wanted: readonly WantedTopic[]): Promise<void> {
  await withAdmin(kafka, async (admin) => {
    const existing = new Set(await admin.listTopics());
    const missing = wanted.filter(({ name }) => !existing.has(name));
    if (missing.length > 0) {
      await admin.createTopics({
        waitForLeaders: true,
        timeout: 10_000,
        topics: missing.map(({ name, partitions, config }) => ({
          topic: name,
          numPartitions: partitions,
          replicationFactor: -1,
          configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
        })),
      });
    }
    const problems = (await admin.fetchTopicMetadata({ topics: wanted.map(({ name }) => name) })).topics.flatMap(
      ({ name, partitions }) => {
        const expected = wanted.find((topic) => topic.name === name)?.partitions;
        return partitions.length === expected
          ? []
          : [`topic ${name} has ${partitions.length} partitions instead of ${expected}`];
      },
    );
    if (problems.length > 0)
      throw new Error(`${problems.join("; ")}. Use another prefix, or move the data to a new topic`);
  });
}

/**
 * Why the broker cannot be worked with now; `undefined` when it can: it answers, knows every topic, and each of their
 * partitions has a leader. Answers within `limitMs` in any case: whoever asks for readiness does not wait.
 */
export async function findBrokerProblem(
  kafka: Kafka,
  topicNames: readonly string[],
  limitMs = 2_000,
): Promise<string | undefined> {
  const look = withAdmin(kafka, async (admin) => {
    const { brokers } = await admin.describeCluster();
    if (brokers.length === 0) return "the cluster has no broker";
    const { topics } = await admin.fetchTopicMetadata({ topics: [...topicNames] });
    const headless = topics.flatMap(({ name, partitions }) =>
      partitions.filter(({ leader }) => leader < 0).map(({ partitionId }) => `${name}/${partitionId}`),
    );
    return headless.length > 0 ? `no leader for ${headless.join(", ")}` : undefined;
  }).catch((error: Error) => `the broker does not answer: ${error.message}`);
  const limit = delay(limitMs, `the broker does not answer within ${limitMs} ms`, { ref: false });
  return await Promise.race([look, limit]);
}

export interface Preparation {
  readonly kafka: Kafka;
  readonly brokers: readonly string[];
  /** The brokers speak TLS, so that their versions cannot be asked for over a plain connection. */
  readonly tls: boolean;
  readonly topics: readonly WantedTopic[];
  /** Called with the reason each time it has to wait. */
  readonly onWait: (reason: Error) => void;
}

/**
 * Waits for a broker as long as it takes, and makes the topics. A service that started before its broker must not die of it.
 *
 * @throws Error when waiting cannot help: the broker has given up versions that kafkajs needs.
 */
export async function prepareTopics({ kafka, brokers, tls, topics, onWait }: Preparation): Promise<void> {
  for (let waitMs = 250; ; waitMs = Math.min(waitMs * 2, 5_000)) {
    let outdated: readonly string[] = [];
    try {
      if (!tls) outdated = listOutdatedApis(await fetchApiVersions(brokers[0] ?? ""));
      if (outdated.length === 0) {
        await ensureTopics(kafka, topics);
        return;
      }
    } catch (error) {
      onWait(error as Error);
      await delay(waitMs);
      continue;
    }
    throw new Error(`kafkajs 2.2.4 is too old for this broker:\n  ${outdated.join("\n  ")}`);
  }
}
