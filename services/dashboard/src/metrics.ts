import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** What the dashboard counts, for /metrics. */
export function createMetrics(look: {
  readonly clients: () => number;
  readonly dropped: () => number;
  readonly windows: () => number;
}) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const watch = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  watch("dashboard_stream_clients", "Pages that are connected.", look.clients);
  watch("dashboard_stream_clients_dropped", "Pages disconnected because they did not keep up.", look.dropped);
  watch("dashboard_windows", "Windows in memory.", look.windows);
  return {
    registry,
    records: new Counter({
      name: "dashboard_records_total",
      help: "Records read from Kafka, by whether they changed something.",
      labelNames: ["topic", "effect"] as const,
      registers,
    }),
    requests: new Histogram({
      name: "http_request_duration_seconds",
      help: "Duration of requests until the answer begins.",
      labelNames: ["method", "route", "status"] as const,
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
      registers,
    }),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
