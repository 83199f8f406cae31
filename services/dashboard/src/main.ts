import { anomalyRecord, prefixTopic, topics, windowRecord } from "@slipway/contracts";
import { Broker, TopicTail } from "@slipway/kafka";
import { type Log, runService, type Service } from "@slipway/runtime";
import type { z } from "zod";
import { createApp } from "./app.ts";
import { type Config, readConfig } from "./config.ts";
import { createMetrics } from "./metrics.ts";
import { loadPage } from "./page-files.ts";
import { readRecord } from "./record.ts";
import { StreamHub } from "./stream-hub.ts";
import { View } from "./view.ts";

/** Without a word from the broker for this long, what the page shows may be old. */
const STALE_AFTER_MS = 30_000;
const DEAD_AFTER_MS = 120_000;

/** Reads windows and anomalies from their beginnings, and shows them. */
function open(config: Config, log: Log): Service {
  const broker = new Broker({
    brokers: config.KAFKA_BROKERS,
    tls: config.KAFKA_TLS === "true",
    clientId: "slipway-dashboard",
    log,
  });
  const view = new View();
  const hub = new StreamHub({
    flushMs: config.FLUSH_MS,
    heartbeatMs: config.HEARTBEAT_MS,
    ringRecords: 50_000,
    clientBytes: 1024 * 1024,
    overview: (changed, anomalies) => view.overview(changed, anomalies),
  });
  const metrics = createMetrics({
    clients: () => hub.clients,
    dropped: () => hub.dropped,
    windows: () => view.totals.windows,
  });
  const wanted = [topics.windows, topics.anomalies].map((topic) => prefixTopic(topic, config.TOPIC_PREFIX));
  const [windowsTopic = "", anomaliesTopic = ""] = wanted.map(({ name }) => name);
  const follow = <T>(topic: string, schema: z.ZodType<T>, take: (record: T) => boolean) =>
    new TopicTail({
      kafka: broker.kafka,
      name: `${config.TOPIC_PREFIX}dashboard`,
      topic,
      onRestart: (reason) => log.warn("reading starts over", { reason }),
      onMessage: ({ value }) => {
        const record = readRecord(schema, value);
        const effect = record === undefined ? "refused" : take(record) ? "changed" : "known";
        metrics.records.inc({ topic, effect });
      },
    });
  const tails = [
    follow(windowsTopic, windowRecord, (record) => {
      const isNew = view.applyWindow(record);
      if (isNew) hub.noteWindow(record);
      return isNew;
    }),
    follow(anomaliesTopic, anomalyRecord, (record) => {
      const isNew = view.applyAnomaly(record);
      if (isNew) hub.noteAnomaly(record);
      return isNew;
    }),
  ];
  const silentMs = () => Math.max(...tails.map((tail) => tail.silentMs));

  return {
    metrics: metrics.registry,
    findDeath: () => (silentMs() > DEAD_AFTER_MS ? `nothing heard from the broker for ${silentMs()} ms` : undefined),
    findUnreadiness: () => {
      if (!tails.every((tail) => tail.attached)) return "reading from the broker is interrupted";
      return silentMs() > STALE_AFTER_MS ? `nothing heard from the broker for ${silentMs()} ms` : undefined;
    },
    start: async () => {
      const page = await loadPage(config.TITLE);
      await broker.prepareTopics(wanted);
      await Promise.all(tails.map((tail) => tail.start()));
      // A page that shows half of the past would be believed.
      await Promise.all(tails.map((tail) => tail.caughtUp));
      const app = createApp({ view, hub, page, metrics, ingestUrl: config.INGEST_URL });
      return { app, facts: view.totals };
    },
    end: (closePort) => [
      { step: "end the streams", run: async () => hub.close() },
      { step: "finish the requests under way", run: () => closePort(5_000) },
      { step: "stop reading", run: () => Promise.all(tails.map((tail) => tail.stop())) },
    ],
    endLimitMs: 20_000,
  };
}

await runService({ name: "dashboard", readConfig, open });
