/** slipway.yaml says which counters the product's services have: that it is so, by what they tell at /metrics. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { countRequests } from "../../../ci/src/rollout/traffic.ts";
import * as dashboard from "../../../services/dashboard/src/app.ts";
import { createMetrics as createDashboardMetrics } from "../../../services/dashboard/src/metrics.ts";
import * as ingest from "../../../services/ingest/src/app.ts";
import { createMetrics as createIngestMetrics } from "../../../services/ingest/src/metrics.ts";
import { readOwnSettings } from "../../support/own-settings.ts";

const { services } = readOwnSettings();

/** What a service counts of these requests: the probe, one that is answered well, one that is not known, one that breaks. */
function ruleOf(service: string) {
  const { metrics, probe } = services[service] ?? {};
  if (metrics === undefined || probe === undefined) throw new Error(`slipway.yaml has no metrics of ${service}`);
  return { metrics, probe };
}

const counters = suite("the counters in slipway.yaml");

counters("are those of ingest, and the probe is excepted", async () => {
  const { metrics: rule, probe } = ruleOf("ingest");
  const metrics = createIngestMetrics({ load: () => 0, bytes: () => 0 });
  const app = ingest.createApp({ metrics, maxBodyBytes: 1000 } as Parameters<typeof ingest.createApp>[0]);
  assert.is((await app.request(probe)).status, 200);
  assert.equal(countRequests(await metrics.registry.metrics(), rule), { requests: 0, failures: 0, known: true });
  assert.is((await app.request("/form.css")).status, 200);
  assert.is((await app.request("/nowhere")).status, 404);
  const headers = { "content-type": "application/json" };
  assert.is((await app.request("/v1/events", { method: "POST", headers, body: "[1]" })).status, 500);
  assert.equal(countRequests(await metrics.registry.metrics(), rule), { requests: 3, failures: 1, known: true });
});

counters("are those of dashboard, and the probe is excepted", async () => {
  const { metrics: rule, probe } = ruleOf("dashboard");
  const metrics = createDashboardMetrics({ clients: () => 0, dropped: () => Number.NaN, windows: () => 0 });
  const deps = { metrics, page: { html: "<p>", files: [] }, view: { totals: {} }, ingestUrl: undefined };
  const app = dashboard.createApp(deps as unknown as Parameters<typeof dashboard.createApp>[0]);
  assert.is((await app.request(probe)).status, 200);
  assert.equal(countRequests(await metrics.registry.metrics(), rule), { requests: 0, failures: 0, known: true });
  assert.is((await app.request("/v1/about")).status, 200);
  assert.is((await app.request("/nowhere")).status, 404);
  assert.is((await app.request("/v1/series")).status, 500);
  assert.equal(countRequests(await metrics.registry.metrics(), rule), { requests: 3, failures: 1, known: true });
});

counters.run();
