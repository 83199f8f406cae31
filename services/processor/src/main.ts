import { prefixTopic, topics } from "@slipway/contracts";
import { Broker, findBrokerProblem, SerialProducer } from "@slipway/kafka";
import { type Log, runService, type Service } from "@slipway/runtime";
import { createApp } from "./app.ts";
import { type Config, readConfig } from "./config.ts";
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

/** Takes readings from Kafka, and gives windows and anomalies back, when it is its turn. */
function open(config: Config, log: Log): Service {
  const metrics = createMetrics();
  const { turns } = config;
  const broker = new Broker({
    brokers: config.KAFKA_BROKERS,
    tls: config.KAFKA_TLS === "true",
    // So that whoever looks at the group sees which colour its members have.
    clientId: turns === undefined ? "slipway-processor" : `slipway-processor-${turns.colour}`,
    log,
  });
  const { kafka } = broker;
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
  return {
    metrics: metrics.registry,
    findDeath: () =>
      processor.silentMs > DEAD_AFTER_MS ? `nothing heard from the broker for ${processor.silentMs} ms` : undefined,
    findUnreadiness: async () => {
      const { assigned, startedMs } = processor;
      if (assigned === undefined && startedMs !== undefined && startedMs >= joiningGraceMs)
        return "not in its consumer group yet";
      return await findBrokerProblem(kafka, names);
    },
    start: async () => {
      const wanted = Object.values(topics).map((topic) => prefixTopic(topic, config.TOPIC_PREFIX));
      await broker.prepareTopics(wanted.filter(({ name }) => names.includes(name)));
      await producer.connect();
      watcher.start();
      const app = createApp({
        colour: turns?.colour,
        role: () => watcher.role,
        assigned: () => processor.assigned,
        seriesCount: () => processor.seriesCount,
        windowMs: config.WINDOW_MS,
        allowedLatenessMs: config.ALLOWED_LATENESS_MS,
      });
      return { app, facts: { windowMs: config.WINDOW_MS } };
    },
    end: (closePort) => [
      { step: "ask no more for the role", run: () => watcher.stop() },
      { step: "finish the batch under way and leave the group", run: () => processor.stop() },
      { step: "close the producer", run: () => producer.close() },
      { step: "close the port", run: () => closePort(5_000) },
    ],
    endLimitMs: config.DELIVERY_DEADLINE_MS + 10_000,
  };
}

await runService({ name: "processor", readConfig, open });
