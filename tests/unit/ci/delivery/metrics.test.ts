import { suite } from "uvu";
import * as assert from "uvu/assert";
import { metrics } from "../../../../ci/src/delivery/metrics.ts";
import { tellMetrics } from "../../../../ci/src/delivery/metrics-report.ts";
import { writeJson, writeOpenMetrics } from "../../../../ci/src/delivery/metrics-text.ts";
import { measureDelivery } from "../../../../ci/src/rollout/delivery-metrics.ts";
import { readSamples } from "../../../../ci/src/rollout/exposition.ts";
import { releaseOf } from "../rollout/fixtures.ts";
import { BEGIN_MS, DAY_MS, failing, ledgerOf, passing } from "../rollout/ledgers.ts";
import { refusalOf, World } from "./two-rings.ts";

const LEDGER = ledgerOf(
  ...passing(1, 1, 2, 3),
  ...passing(4, 4, 5, 6),
  ...failing(7, 8, 9, 9.001, 9.002),
  ["started", 8, 9.5],
  ["failed", 8, 9.6],
  ...passing(9, 10, 11, 12).slice(0, 2),
);

const measured = measureDelivery(LEDGER, { untilMs: BEGIN_MS + 21 * DAY_MS });
const nothing = measureDelivery([], { untilMs: BEGIN_MS });

const figures = suite("call metrics");

figures("tells a person the four metrics, what they are counted from, and what they leave out", () => {
  assert.is(
    tellMetrics(measured, "production"),
    `ring production: 20 d, from 2025-01-02T00:00:00Z to 2025-01-22T00:00:00Z

METRIC                           VALUE          90TH PERCENTILE  COUNTED FROM
change lead time                 2 d (median)   3 d              4 releases
deployment frequency             1.4 per week                    4 deployments, 3 d apart (median)
change fail rate                 33 %                            1 of 3 deployments
failed deployment recovery time  86 s (median)  86 s             1 recovery

1 deployment still in the bake: not in the change fail rate
1 attempt ended before the switch: not counted as deployments
`,
  );
});

figures("makes nothing up for a ring in which nothing has happened", () => {
  assert.is(
    tellMetrics(nothing, "canary"),
    `ring canary: 0 s, from 2025-01-01T00:00:00Z to 2025-01-01T00:00:00Z

METRIC                           VALUE  90TH PERCENTILE  COUNTED FROM
change lead time                 -                       0 releases
deployment frequency             -                       0 deployments
change fail rate                 -                       0 of 0 deployments
failed deployment recovery time  -                       0 recoveries
`,
  );
});

figures("writes OpenMetrics, without a line for what is not known", () => {
  const text = writeOpenMetrics(measured, "production");
  const read = readSamples(text);
  assert.ok("samples" in read, text);
  const values = "samples" in read ? read.samples : [];
  const sampleOf = (name: string, label?: [string, string]) =>
    values.find((one) => one.name === name && (label === undefined || one.labels.get(label[0]) === label[1]))?.value;
  assert.is(sampleOf("slipway_change_lead_time_seconds", ["quantile", "0.5"]), 2 * 86_400);
  assert.is(sampleOf("slipway_change_lead_time_seconds_count"), 4);
  assert.is(sampleOf("slipway_deployments", ["outcome", "failed"]), 1);
  assert.is(sampleOf("slipway_change_fail_ratio"), 1 / 3);
  assert.is(sampleOf("slipway_stopped_attempts"), 1);
  assert.ok(values.every(({ labels }) => labels.get("ring") === "production"));
  assert.match(
    text,
    /^# TYPE slipway_change_lead_time_seconds summary\n# UNIT slipway_change_lead_time_seconds seconds\n/,
  );
  assert.ok(text.endsWith("\n# EOF\n"));
  assert.not.match(writeOpenMetrics(nothing, "canary"), /fail_ratio|per_day|quantile|undefined|NaN/);
});

figures("writes JSON, with null for what is not known", () => {
  const value = JSON.parse(writeJson(measured, "production"));
  assert.equal(value.changeLeadTime, { count: 4, medianSeconds: 2 * 86_400, p90Seconds: 3 * 86_400 });
  assert.equal(value.deployments, { baking: 1, verified: 2, failed: 1, replaced: 0 });
  assert.is(value.since, "2025-01-02T00:00:00.000Z");
  assert.equal(value.deletedEvents, { count: 0, first: null });
  const { changeFailRate, changeLeadTime } = JSON.parse(writeJson(nothing, "canary"));
  assert.equal([changeFailRate, changeLeadTime], [null, { count: 0, medianSeconds: null, p90Seconds: null }]);
});

figures("reads the ledger of the ring, and nothing else", async () => {
  const world = new World();
  await world.deploy(releaseOf(1));
  world.calls.length = 0;
  assert.match(await metrics(world.delivery(), "canary", {}), /1 deployment\b/);
  assert.is(world.calls.length, 1);
  assert.match(world.calls[0] ?? "", /^get configmaps --namespace=canary --selector=/);
});

figures("takes a day, a time and a number of hours, days or weeks", async () => {
  const world = new World();
  await world.deploy(releaseOf(1));
  const delivery = world.delivery();
  const now = delivery.now();
  const sinceOf = async (since: string) => {
    const value = JSON.parse(await metrics(delivery, "canary", { since, format: "json" }));
    return (now - Date.parse(value.since)) / DAY_MS;
  };
  assert.is(await sinceOf("12h"), 0.5);
  assert.is(await sinceOf("30d"), 30);
  assert.is(await sinceOf("2w"), 14);
  assert.is(await sinceOf("2020-01-31"), (now - Date.UTC(2020, 0, 31)) / DAY_MS);
  assert.is(await sinceOf("2020-01-31T12:00:00Z"), (now - Date.UTC(2020, 0, 31, 12)) / DAY_MS);
});

figures("refuses wrong arguments before the cluster is asked, all of them at once", async () => {
  const world = new World();
  const { code, message } = await refusalOf(
    metrics(world.delivery(), "canary", { since: "2026-02-30", format: "openmetric" }),
  );
  assert.is(code, "bad-arguments");
  assert.is(
    message,
    [
      "openmetric is not a format: expected one of table, openmetrics, json; perhaps openmetrics was meant [bad-arguments]",
      "2026-02-30 is not a time: expected one such as 30d, 12h, 2026-01-31 or 2026-01-31T12:00:00Z",
      "  where: the arguments --format and --since of metrics",
      "  to do: correct them, or leave them out: the table, since the first event of the ledger",
    ].join("\n"),
  );
  assert.match(
    (await refusalOf(metrics(world.delivery(), "canary", { since: "2999-01-01" }))).message,
    /is not in the past/,
  );
  assert.match(
    (await refusalOf(metrics(world.delivery(), "canary", { format: "constructor" }))).message,
    /not a format/,
  );
  assert.equal(world.calls, []);
});

figures.run();
