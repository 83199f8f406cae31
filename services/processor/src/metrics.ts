import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { Counts } from "./partition-work.ts";

/** What the processor counts, for /metrics. */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const readings = new Counter({
    name: "processor_readings_total",
    help: "Readings taken from Kafka, by what became of them.",
    labelNames: ["outcome"] as const,
    registers,
  });
  return {
    registry,
    windows: new Counter({ name: "processor_windows_written_total", help: "Window records written.", registers }),
    anomalies: new Counter({ name: "processor_anomalies_written_total", help: "Anomalies written.", registers }),
    restarts: new Counter({ name: "processor_consumer_restarts_total", help: "Consumers recreated.", registers }),
    role: new Gauge({ name: "processor_role", help: "1 when live, 0 on standby.", registers }),
    lag: new Gauge({
      name: "processor_consumer_lag",
      help: "Readings that wait in Kafka.",
      labelNames: ["partition"] as const,
      registers,
    }),
    count(before: Counts, after: Counts) {
      for (const outcome of ["counted", "repeated", "tooLate", "refused"] as const) {
        readings.inc({ outcome }, after[outcome] - before[outcome]);
      }
    },
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
