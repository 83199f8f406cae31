import { connect } from "node:net";
import { Kafka, logLevel } from "kafkajs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Reading, topics } from "../../../services/contracts/src/index.ts";
import {
  Batcher,
  ensureTopics,
  fetchApiVersions,
  listOutdatedApis,
  SerialProducer,
} from "../../../services/kafka/src/index.ts";
import { dropReplies } from "../../support/kafka-proxy.ts";
import { awaitThat, startService } from "../../support/kafka-services.ts";
import { compareWindows, expectWindows } from "./expected-windows.ts";
import { brokers, newKafka, newPrefix, readAll, readWindows, sendReadings } from "./product-topics.ts";

const product = suite("product on a real broker");

const [broker = ""] = brokers;

product("speaks no API that the broker has given up", async () => {
  assert.equal(listOutdatedApis(await fetchApiVersions(broker)), []);
});

product("stores each record once and in order when replies get lost", async () => {
  const topic = `${newPrefix()}lost-replies`;
  await ensureTopics(newKafka(), [{ name: topic, partitions: 2, config: {} }]);
  const proxy = await dropReplies(broker, (request) => request % 3 === 0);
  // Whatever address the broker advertises, all connections go through the proxy.
  const kafka = new Kafka({
    brokers,
    clientId: "slipway-test",
    logLevel: logLevel.NOTHING,
    socketFactory: ({ onConnect }) => connect({ host: "127.0.0.1", port: proxy.port }, onConnect),
  });
  const producer = new SerialProducer({ kafka, deliveryDeadlineMs: 30_000 });
  const batcher = new Batcher({
    topic,
    senders: [producer],
    maxQueuedRecords: 10_000,
    maxQueuedBytes: 10_000_000,
    lingerMs: 0,
    maxBatchRecords: 10,
    maxBatchBytes: 100_000,
    queueDeadlineMs: 30_000,
  });
  const sent = Array.from({ length: 200 }, (_, index) => ({ partition: index % 2, key: "k", value: String(index) }));
  const stored = await Promise.all(sent.map((record) => batcher.add(record)));
  await producer.close();
  await proxy.close();
  const inPartition = (partition: number) => sent.filter((record) => record.partition === partition);
  const values = await readAll(topic);
  for (const partition of [0, 1]) {
    const expected = inPartition(partition).map(({ value }) => value);
    assert.equal(
      values.filter((value) => Number(value) % 2 === partition),
      expected,
    );
  }
  assert.equal(
    stored.map(({ offset }) => offset),
    sent.map((_, index) => Math.floor(index / 2)),
  );
  assert.ok(proxy.dropped() >= 5, `only ${proxy.dropped()} replies were lost`);
});

product(
  "gives the right windows although the processor is killed in the middle, and buries what it cannot read",
  async () => {
    const prefix = newPrefix();
    const env = { TOPIC_PREFIX: prefix, WINDOW_MS: "60000", ALLOWED_LATENESS_MS: "60000" };
    const t0 = Date.UTC(2024, 0, 1);
    const readings = Array.from(
      { length: 6_000 },
      (_, index): Reading => ({
        id: `up-test#${index + 1}`,
        series: `s-${index % 7}`,
        ts: t0 + index * 1_000,
        value: ((index * 7_919) % 1_000) / 10,
      }),
    );
    const expected = expectWindows(readings, 60_000);
    const first = await startService("processor", env);
    const producer = new SerialProducer({ kafka: newKafka(), deliveryDeadlineMs: 30_000 });
    let second: Awaited<ReturnType<typeof startService>> | undefined;
    try {
      for (let at = 0; at < 3_000; at += 500) await sendReadings(producer, prefix, readings.slice(at, at + 500));
      await sendReadings(producer, prefix, ["{no json", '{"series":"a"}']);
      await awaitThat(
        "the first processor has written something",
        30_000,
        async () => (await readWindows(prefix)).length > 0,
      );
      assert.is(await first.end("SIGKILL"), undefined);
      for (let at = 3_000; at < 6_000; at += 500) await sendReadings(producer, prefix, readings.slice(at, at + 500));
      // Again, as after a repeated upload.
      await sendReadings(producer, prefix, readings.slice(100, 400));
      second = await startService("processor", env);
      await awaitThat("all windows are right", 60_000, async () => {
        const problems = compareWindows(expected, await readWindows(prefix));
        return problems.length === 0 || problems.slice(0, 3);
      });
      const letters = new Set(await readAll(`${prefix}${topics.deadLetters.name}`));
      assert.equal([...letters].sort(), ['{"series":"a"}', "{no json"]);
      assert.is(await second.end("SIGTERM"), 0);
      assert.equal(compareWindows(expected, await readWindows(prefix)), []);
    } finally {
      await first.end("SIGKILL");
      await second?.end("SIGKILL");
      await producer.close();
    }
  },
);

product("loses no acknowledged reading when ingest is asked to end under load", async () => {
  const prefix = newPrefix();
  const ingest = await startService("ingest", { TOPIC_PREFIX: prefix });
  const accepted: string[] = [];
  let refused = 0;
  const send = async (worker: number) => {
    for (let index = 0; refused === 0 && index < 10_000; index += 1) {
      const id = `w${worker}-${index}`;
      const body = JSON.stringify({ id, series: `s-${worker}`, ts: "2024-01-01T00:00:00Z", value: index });
      const headers = { "content-type": "application/json" };
      const status = await fetch(`${ingest.url}/v1/events`, { method: "POST", headers, body }).then(
        async (answer) => {
          await answer.arrayBuffer();
          return answer.status;
        },
        () => 0,
      );
      if (status === 202) accepted.push(id);
      else refused += 1;
    }
  };
  const workers = [1, 2, 3, 4].map(send);
  await awaitThat("200 readings are accepted", 30_000, async () => accepted.length >= 200 || accepted.length);
  assert.is(await ingest.end("SIGTERM"), 0, ingest.output());
  await Promise.all(workers);
  const stored = (await readAll(`${prefix}${topics.readings.name}`)).map((text) => (JSON.parse(text) as Reading).id);
  assert.equal(
    accepted.filter((id) => !stored.includes(id)),
    [],
  );
  assert.is(new Set(stored).size, stored.length);
});

product.run();
