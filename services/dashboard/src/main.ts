import type { Server } from "node:http";
import { anomalyRecord, prefixTopic, topics, windowRecord } from "@slipway/contracts";
import { createKafka, prepareTopics, TopicTail } from "@slipway/kafka";
import { closeServer, createLog, createManagementApp, endOnSignal, listen, runMain } from "@slipway/runtime";
import { createApp } from "./app.ts";
import { readConfig } from "./config.ts";
import { createMetrics } from "./metrics.ts";
import { loadPage } from "./page-files.ts";
import { readRecord } from "./record.ts";
import { StreamHub } from "./stream-hub.ts";
import { View } from "./view.ts";

/** Without a word from the broker for this long, what the page shows may be old. */
const STALE_AFTER_MS = 30_000;
const DEAD_AFTER_MS = 120_000;

await runMain(async () => {
  const config = readConfig(process.env);
  const log = createLog("dashboard", config.LOG_LEVEL);
  const tls = config.KAFKA_TLS === "true";
  const kafka = createKafka({
    brokers: config.KAFKA_BROKERS,
    clientId: "slipway-dashboard",
    tls,
    log: (level, message, fields) => log[level](message, fields),
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
  const count = (topic: string, effect: "changed" | "known" | "refused") => metrics.records.inc({ topic, effect });
  const onRestart = (reason: Error) => log.warn("reading starts over", { reason });
  const name = `${config.TOPIC_PREFIX}dashboard`;
  const tails = [
    new TopicTail({
      kafka,
      name,
      topic: windowsTopic,
      onRestart,
      onMessage: ({ value }) => {
        const record = readRecord(windowRecord, value);
        if (record === undefined) return count(windowsTopic, "refused");
        if (!view.applyWindow(record)) return count(windowsTopic, "known");
        hub.noteWindow(record);
        count(windowsTopic, "changed");
      },
    }),
    new TopicTail({
      kafka,
      name,
      topic: anomaliesTopic,
      onRestart,
      onMessage: ({ value }) => {
        const record = readRecord(anomalyRecord, value);
        if (record === undefined) return count(anomaliesTopic, "refused");
        if (!view.applyAnomaly(record)) return count(anomaliesTopic, "known");
        hub.noteAnomaly(record);
        count(anomaliesTopic, "changed");
      },
    }),
  ];
  let state: "starting" | "running" | "ending" = "starting";
  let server: Server | undefined;
  const silentMs = () => Math.max(...tails.map((tail) => tail.silentMs));

  const management = await listen(
    createManagementApp({
      metrics: metrics.registry,
      findDeath: () =>
        state === "running" && silentMs() > DEAD_AFTER_MS
          ? `nothing heard from the broker for ${silentMs()} ms`
          : undefined,
      findUnreadiness: () => {
        if (state !== "running") return `the service is ${state}`;
        if (!tails.every((tail) => tail.attached)) return "reading from the broker is interrupted";
        return silentMs() > STALE_AFTER_MS ? `nothing heard from the broker for ${silentMs()} ms` : undefined;
      },
    }),
    config.MANAGEMENT_PORT,
  );
  endOnSignal({
    log,
    announce: () => {
      state = "ending";
    },
    drainDelayMs: config.DRAIN_DELAY_MS,
    limitMs: 20_000,
    end: [
      { step: "end the streams", run: async () => hub.close() },
      { step: "finish the requests under way", run: async () => server && closeServer(server, 5_000) },
      { step: "stop reading", run: () => Promise.all(tails.map((tail) => tail.stop())) },
      { step: "close the management port", run: () => closeServer(management, 1_000) },
    ],
  });
  const page = await loadPage(config.TITLE);
  await prepareTopics({
    kafka,
    brokers: config.KAFKA_BROKERS,
    tls,
    topics: wanted,
    onWait: (reason) => log.warn("waiting for the broker", { reason }),
  });
  await Promise.all(tails.map((tail) => tail.start()));
  // A page that shows half of the past would be believed.
  await Promise.all(tails.map((tail) => tail.caughtUp));
  server = await listen(createApp({ view, hub, page, metrics, ingestUrl: config.INGEST_URL }), config.PORT);
  state = "running";
  log.info("running", { port: config.PORT, managementPort: config.MANAGEMENT_PORT, ...view.totals });
});
