import { createRequestDurations } from "@slipway/runtime";
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";

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
    requests: createRequestDurations(registry),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
