import { randomUUID } from "node:crypto";
import { type Reading, topics } from "../../../services/contracts/src/index.ts";
import { createKafka, partitionOf, readTopic, type SerialProducer } from "../../../services/kafka/src/index.ts";
import type { ExpectedWindow } from "./expected-windows.ts";

/** The broker of the tests (probe.ts). */
export const brokers = (process.env["KAFKA_BROKERS"] ?? "").split(",");

export const newKafka = () => createKafka({ brokers, clientId: "slipway-test", log: () => undefined });

/** Topics and groups of a test of its own. */
export const newPrefix = () => `t-${randomUUID().slice(0, 8)}-`;

/** Values of all records of a topic, partition by partition in their order. */
export async function readAll(topic: string): Promise<string[]> {
  const values: string[] = [];
  await readTopic({
    kafka: newKafka(),
    name: `${topic}-reader`,
    topic,
    onMessage: ({ value }) => values.push(value?.toString("utf8") ?? ""),
    onRestart: () => undefined,
  });
  return values;
}

/** Sends readings as ingest would, into the partition of each series. */
export async function sendReadings(
  producer: SerialProducer,
  prefix: string,
  readings: readonly (Reading | string)[],
): Promise<void> {
  const messages = readings.map((reading) => {
    const key = typeof reading === "string" ? "poison" : reading.series;
    const value = typeof reading === "string" ? reading : JSON.stringify(reading);
    return { key, value, partition: partitionOf(key, topics.readings.partitions) };
  });
  await producer.send([{ topic: `${prefix}${topics.readings.name}`, messages }]);
}

/** The newest record of each window, as a reader of the topic would know them. */
export async function readWindows(prefix: string): Promise<ExpectedWindow[]> {
  const newest = new Map<string, ExpectedWindow>();
  for (const text of await readAll(`${prefix}${topics.windows.name}`)) {
    const window = JSON.parse(text) as ExpectedWindow;
    newest.set(`${window.series}|${window.startTs}`, window);
  }
  return [...newest.values()];
}
