import { createRequestDurations } from "@slipway/runtime";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** What ingest counts, for /metrics. */
export function createMetrics(
  queue: { readonly load: () => number; readonly bytes: () => number },
  requests: { readonly uploads: () => number; readonly bytes: () => number } = { uploads: () => 0, bytes: () => 0 },
) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: "ingest_queue_load",
    help: "How full the queue to the broker is, 0 to 1.",
    registers,
    collect() {
      this.set(queue.load());
    },
  });
  new Gauge({
    name: "ingest_queue_bytes",
    help: "Bytes that wait for the broker.",
    registers,
    collect() {
      this.set(queue.bytes());
    },
  });
  new Gauge({
    name: "ingest_open_uploads",
    help: "Files and streams of lines under way.",
    registers,
    collect() {
      this.set(requests.uploads());
    },
  });
  new Gauge({
    name: "ingest_request_memory_bytes",
    help: "Bytes set aside for the requests under way.",
    registers,
    collect() {
      this.set(requests.bytes());
    },
  });
  return {
    registry,
    events: new Counter({
      name: "ingest_events_total",
      help: "Readings by what became of them.",
      labelNames: ["result"] as const,
      registers,
    }),
    requests: createRequestDurations(registry),
    batchSize: new Histogram({
      name: "kafka_produce_batch_size",
      help: "Readings in one request to the broker.",
      buckets: [1, 10, 50, 100, 250, 500, 1_000],
      registers,
    }),
    delivery: new Histogram({
      name: "kafka_delivery_seconds",
      help: "Duration of one request to the broker.",
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2, 10, 30],
      registers,
    }),
    producersReplaced: new Counter({
      name: "kafka_producers_replaced_total",
      help: "Producers thrown away after a failure.",
      registers,
    }),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
