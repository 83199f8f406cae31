import type { Server } from "node:http";
import { prefixTopic, topics } from "@slipway/contracts";
import { Batcher, createKafka, findBrokerProblem, prepareTopics, SerialProducer } from "@slipway/kafka";
import { closeServer, createLog, createManagementApp, endOnSignal, listen, runMain } from "@slipway/runtime";
import { Admission } from "./admission.ts";
import { createApp } from "./app.ts";
import { limitsOf, readConfig } from "./config.ts";
import { UploadLedger } from "./ledger.ts";
import { createMetrics } from "./metrics.ts";
import { toRecord } from "./reading-record.ts";

await runMain(async () => {
  const config = readConfig(process.env);
  const log = createLog("ingest", config.LOG_LEVEL);
  const tls = config.KAFKA_TLS === "true";
  const kafka = createKafka({
    brokers: config.KAFKA_BROKERS,
    clientId: "slipway-ingest",
    tls,
    log: (level, message, fields) => log[level](message, fields),
  });
  const newProducer = () =>
    new SerialProducer({
      kafka,
      deliveryDeadlineMs: config.DELIVERY_DEADLINE_MS,
      onReplaced: (reason) => {
        metrics.producersReplaced.inc();
        log.warn("producer replaced", { reason });
      },
    });
  const producer = newProducer();
  const ledgerProducer = newProducer();
  const readings = prefixTopic(topics.readings, config.TOPIC_PREFIX);
  const uploads = prefixTopic(topics.uploads, config.TOPIC_PREFIX);
  const batcher = new Batcher({
    topic: readings.name,
    senders: [producer],
    maxQueuedRecords: config.MAX_QUEUED_RECORDS,
    maxQueuedBytes: config.MAX_QUEUED_BYTES,
    lingerMs: config.LINGER_MS,
    maxBatchRecords: 500,
    maxBatchBytes: 256 * 1024,
    queueDeadlineMs: config.DELIVERY_DEADLINE_MS,
    onBatch: ({ records, durationMs }) => {
      metrics.batchSize.observe(records);
      metrics.delivery.observe(durationMs / 1_000);
    },
  });
  const limits = limitsOf(config);
  const admission = new Admission(limits);
  const metrics = createMetrics(
    { load: () => batcher.load, bytes: () => batcher.queuedBytes },
    { uploads: () => admission.uploads, bytes: () => admission.bytes },
  );
  const ledger = new UploadLedger({ kafka, producer: ledgerProducer, topicPrefix: config.TOPIC_PREFIX, log });
  let state: "starting" | "running" | "ending" = "starting";
  let server: Server | undefined;

  const management = await listen(
    createManagementApp({
      metrics: metrics.registry,
      findDeath: () => undefined,
      findUnreadiness: async () => {
        if (state !== "running") return `the service is ${state}`;
        if (batcher.load >= 0.8) return `the queue to the broker is ${Math.round(batcher.load * 100)} percent full`;
        return await findBrokerProblem(kafka, [readings.name, uploads.name]);
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
    limitMs: config.DELIVERY_DEADLINE_MS + 15_000,
    end: [
      {
        step: "finish the requests under way",
        run: async () => server && closeServer(server, config.DELIVERY_DEADLINE_MS),
      },
      { step: "deliver what is queued", run: () => batcher.drain() },
      { step: "close the ledger", run: () => ledger.close() },
      { step: "close the producers", run: () => Promise.all([producer.close(), ledgerProducer.close()]) },
      { step: "close the management port", run: () => closeServer(management, 1_000) },
    ],
  });
  await prepareTopics({
    kafka,
    brokers: config.KAFKA_BROKERS,
    tls,
    topics: [readings, uploads],
    onWait: (reason) => log.warn("waiting for the broker", { reason }),
  });
  await Promise.all([producer.connect(), ledgerProducer.connect(), ledger.open()]);
  const app = createApp({
    store: (reading, source, { lane, traceparent } = {}) => batcher.add(toRecord(reading, source, traceparent), lane),
    awaitRoom: () => batcher.awaitRoom(),
    ledger,
    metrics,
    now: Date.now,
    futureToleranceMs: config.FUTURE_TOLERANCE_MS,
    maxBodyBytes: config.MAX_BODY_BYTES,
    limits,
    admission,
  });
  server = await listen(app, config.PORT, {
    maxConnections: config.MAX_CONNECTIONS,
    // A connection on which nothing moves at all: neither the client sends, nor does it read.
    silenceMs: config.BODY_IDLE_MS + 4 * config.DELIVERY_DEADLINE_MS,
  });
  state = "running";
  log.info("running", { port: config.PORT, managementPort: config.MANAGEMENT_PORT });
});
