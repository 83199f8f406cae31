import type { Server } from "node:http";
import { prefixTopic, topics } from "@slipway/contracts";
import { createKafka, findBrokerProblem, prepareTopics, SerialProducer } from "@slipway/kafka";
import { closeServer, createLog, createManagementApp, endOnSignal, listen, runMain } from "@slipway/runtime";
import { createApp } from "./app.ts";
import { readConfig } from "./config.ts";
import { defaultSettings } from "./detector.ts";
import { askLiveService } from "./live-service.ts";
import { createMetrics } from "./metrics.ts";
import { nameTopics, Processor } from "./processor.ts";
import { RoleWatcher } from "./role-watcher.ts";

/** Without a word from the broker or a new try for this long, the consumer hangs. */
const DEAD_AFTER_MS = 120_000;
/**
 * How long a processor whose turn it is stays ready without being in its group. Pods that all went unready while they join
 * would leave the live Service without anybody who answers, and the release would be taken back.
 */
const JOINING_GRACE_MS = 60_000;

await runMain(async () => {
  const config = readConfig(process.env);
  const log = createLog("processor", config.LOG_LEVEL);
  const metrics = createMetrics();
  const tls = config.KAFKA_TLS === "true";
  const { turns } = config;
  const kafka = createKafka({
    brokers: config.KAFKA_BROKERS,
    // So that whoever looks at the group sees which colour its members have.
    clientId: turns === undefined ? "slipway-processor" : `slipway-processor-${turns.colour}`,
    tls,
    log: (level, message, fields) => log[level](message, fields),
  });
  const producer = new SerialProducer({
    kafka,
    deliveryDeadlineMs: config.DELIVERY_DEADLINE_MS,
    onReplaced: (reason) => log.warn("producer replaced", { reason }),
  });
  const settings = {
    windowMs: config.WINDOW_MS,
    allowedLatenessMs: config.ALLOWED_LATENESS_MS,
    rememberedIds: config.REMEMBERED_IDS,
    detector: defaultSettings,
  };
  const processor = new Processor({
    kafka,
    producer,
    topicPrefix: config.TOPIC_PREFIX,
    settings,
    sessionTimeoutMs: config.SESSION_TIMEOUT_MS,
    log,
    metrics,
  });
  const watcher = new RoleWatcher({
    turns: turns && { colour: turns.colour, ask: (signal) => askLiveService(turns.liveUrl, signal) },
    enter: async (role) => (role === "live" ? processor.start() : await processor.stop()),
    log,
  });
  const joiningGraceMs = turns === undefined ? 0 : JOINING_GRACE_MS;
  const names = Object.values(nameTopics(config.TOPIC_PREFIX));
  let server: Server | undefined;
  let state: "starting" | "running" | "ending" = "starting";

  const management = await listen(
    createManagementApp({
      metrics: metrics.registry,
      findDeath: () =>
        state === "running" && processor.silentMs > DEAD_AFTER_MS
          ? `nothing heard from the broker for ${processor.silentMs} ms`
          : undefined,
      findUnreadiness: async () => {
        if (state !== "running") return `the service is ${state}`;
        const { assigned, startedMs } = processor;
        if (assigned === undefined && startedMs !== undefined && startedMs >= joiningGraceMs)
          return "not in its consumer group yet";
        return await findBrokerProblem(kafka, names);
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
    limitMs: config.DELIVERY_DEADLINE_MS + 10_000,
    end: [
      { step: "ask no more for the role", run: () => watcher.stop() },
      { step: "finish the batch under way and leave the group", run: () => processor.stop() },
      { step: "close the producer", run: () => producer.close() },
      { step: "close the port", run: async () => server && closeServer(server, 5_000) },
      { step: "close the management port", run: () => closeServer(management, 1_000) },
    ],
  });
  const wanted = Object.values(topics)
    .map((topic) => prefixTopic(topic, config.TOPIC_PREFIX))
    .filter(({ name }) => names.includes(name));
  await prepareTopics({
    kafka,
    brokers: config.KAFKA_BROKERS,
    tls,
    topics: wanted,
    onWait: (reason) => log.warn("waiting for the broker", { reason }),
  });
  await producer.connect();
  const app = createApp({
    colour: turns?.colour,
    role: () => watcher.role,
    assigned: () => processor.assigned,
    seriesCount: () => processor.seriesCount,
    windowMs: config.WINDOW_MS,
    allowedLatenessMs: config.ALLOWED_LATENESS_MS,
  });
  server = await listen(app, config.PORT);
  watcher.start();
  state = "running";
  log.info("running", { port: config.PORT, managementPort: config.MANAGEMENT_PORT, windowMs: config.WINDOW_MS });
});
