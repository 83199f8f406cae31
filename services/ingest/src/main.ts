import { prefixTopic, topics } from "@slipway/contracts";
import { Batcher, Broker, findBrokerProblem, SerialProducer } from "@slipway/kafka";
import { type Log, runService, type Service } from "@slipway/runtime";
import { Admission } from "./admission.ts";
import { createApp } from "./app.ts";
import { type Config, limitsOf, readConfig } from "./config.ts";
import { UploadLedger } from "./ledger.ts";
import { createMetrics } from "./metrics.ts";
import { toRecord } from "./reading-record.ts";

/** Takes readings over HTTP, and gives them to Kafka. */
function open(config: Config, log: Log): Service {
  const broker = new Broker({
    brokers: config.KAFKA_BROKERS,
    tls: config.KAFKA_TLS === "true",
    clientId: "slipway-ingest",
    log,
  });
  const { kafka } = broker;
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
  return {
    metrics: metrics.registry,
    findUnreadiness: async () => {
      if (batcher.load >= 0.8) return `the queue to the broker is ${Math.round(batcher.load * 100)} percent full`;
      return await findBrokerProblem(kafka, [readings.name, uploads.name]);
    },
    start: async () => {
      await broker.prepareTopics([readings, uploads]);
      await Promise.all([producer.connect(), ledgerProducer.connect(), ledger.open()]);
      // A connection on which nothing moves at all: neither the client sends, nor does it read.
      const silenceMs = config.BODY_IDLE_MS + 4 * config.DELIVERY_DEADLINE_MS;
      return { app, bounds: { maxConnections: config.MAX_CONNECTIONS, silenceMs } };
    },
    end: (closePort) => [
      { step: "finish the requests under way", run: () => closePort(config.DELIVERY_DEADLINE_MS) },
      { step: "deliver what is queued", run: () => batcher.drain() },
      { step: "close the ledger", run: () => ledger.close() },
      { step: "close the producers", run: () => Promise.all([producer.close(), ledgerProducer.close()]) },
    ],
    endLimitMs: config.DELIVERY_DEADLINE_MS + 15_000,
  };
}

await runService({ name: "ingest", readConfig, open });
