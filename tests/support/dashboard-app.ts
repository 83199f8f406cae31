import { createApp } from "../../services/dashboard/src/app.ts";
import { createMetrics } from "../../services/dashboard/src/metrics.ts";
import { StreamHub } from "../../services/dashboard/src/stream-hub.ts";
import { View } from "../../services/dashboard/src/view.ts";

/** A hub that sends only when it is told to, of a view that holds nothing. */
export function createHub(options: { ringRecords?: number; clientBytes?: number } = {}): StreamHub {
  return new StreamHub({
    flushMs: 60_000,
    heartbeatMs: 60_000,
    ringRecords: 100,
    clientBytes: 100_000,
    overview: (changed, anomalies) => new View().overview(changed, anomalies),
    ...options,
  });
}

/** Counters of a dashboard that counts nothing. */
export function createCounters() {
  return createMetrics({ clients: () => 0, dropped: () => 0, windows: () => 0 });
}

/** A dashboard with a page of one line, without a broker. */
export function createDashboard({
  view = new View(),
  hub = createHub(),
  ingestUrl,
}: {
  readonly view?: View;
  readonly hub?: StreamHub;
  readonly ingestUrl?: string;
}) {
  const metrics = createCounters();
  const files = [
    { path: "/page.js", type: "text/javascript", text: "1", tag: '"t"' },
    { path: "/page.css", type: "text/css", text: "p {}", tag: '"u"' },
  ];
  return createApp({ view, hub, page: { html: "<!doctype html>", files }, metrics, ingestUrl });
}
