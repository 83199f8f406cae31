import { randomUUID } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { awaitThat, type RunningService, startService } from "../../support/kafka-services.ts";

const together = suite("services that start together");

together("become ready on a broker without their topics, and show a reading soon after it came in", async () => {
  const env = { TOPIC_PREFIX: `t-${randomUUID().slice(0, 8)}-` };
  // All at once, and two of one kind: each tries to make the topics.
  const started = await Promise.allSettled(
    ["ingest", "processor", "processor", "dashboard"].map((name) => startService(name, env)),
  );
  const services = started.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  try {
    assert.equal(
      started.flatMap((one) => (one.status === "rejected" ? [String(one.reason)] : [])),
      [],
    );
    const [ingest, , , dashboard] = services as [RunningService, RunningService, RunningService, RunningService];
    const body = JSON.stringify({ series: "pump", ts: "2024-01-01T00:00:00Z", value: 2, unit: "bar" });
    const headers = { "content-type": "application/json" };
    assert.is((await fetch(`${ingest.url}/v1/events`, { method: "POST", headers, body })).status, 202);
    await awaitThat("the dashboard shows the reading", 30_000, async () => {
      const answer = await fetch(`${dashboard.url}/v1/series/pump`);
      const text = await answer.text();
      return (answer.ok && (JSON.parse(text) as { summary: { lastMean: number } }).summary.lastMean === 2) || text;
    });
    assert.equal(await Promise.all(services.map((service) => service.end("SIGTERM"))), [0, 0, 0, 0]);
  } finally {
    await Promise.all(services.map((service) => service.end("SIGKILL")));
  }
});

together.run();
