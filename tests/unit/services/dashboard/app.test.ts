import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { AnomalyRecord, WindowRecord } from "../../../../services/contracts/src/index.ts";
import { View } from "../../../../services/dashboard/src/view.ts";
import { dashboard as described } from "../../../reference/http/others.ts";
import { holdToDocument } from "../../../support/api-answers.ts";
import { createDashboard, createHub } from "../../../support/dashboard-app.ts";

const dashboard = suite("dashboard");

const HOUR = 3_600_000;
const T0 = Date.UTC(2024, 0, 1);

function windowOf(series: string, hour: number, offset: number, more: Partial<WindowRecord> = {}): WindowRecord {
  return {
    series,
    startTs: T0 + hour * HOUR,
    endTs: T0 + (hour + 1) * HOUR,
    count: 2,
    mean: hour,
    sd: 0,
    min: hour,
    max: hour,
    rev: 0,
    state: "open",
    algo: "x/1",
    source: { partition: 0, offset },
    ...more,
  };
}

const anomalyOf = (series: string, hour: number, offset: number): AnomalyRecord => ({
  series,
  ts: T0 + hour * HOUR,
  endTs: T0 + (hour + 1) * HOUR,
  value: 9,
  expected: { low: 0, high: 1 },
  score: 1,
  direction: "high",
  reason: "because",
  algo: "x/1",
  source: { partition: 0, offset },
});

/** What lies ready in a stream, event by event. */
async function takeEvents(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  count: number,
): Promise<Record<string, string>[]> {
  const decoder = new TextDecoder();
  const events: Record<string, string>[] = [];
  while (events.length < count) {
    const { value, done } = await reader.read();
    if (done) break;
    for (const block of decoder
      .decode(value)
      .split("\n\n")
      .filter((text) => text !== "")) {
      events.push(Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s).slice(0, 2))));
    }
  }
  return events;
}

/** A dashboard whose answers are held to its document of OpenAPI. */
function create(view = new View()) {
  const app = createDashboard({ view });
  return { request: holdToDocument(described, (request) => app.fetch(request)) };
}

dashboard("keeps the newest record of each window, and ignores repeats and records that come late", () => {
  const view = new View();
  assert.is(view.applyWindow(windowOf("a", 0, 5)), true);
  assert.is(view.applyWindow(windowOf("a", 0, 5)), false);
  assert.is(view.applyWindow(windowOf("a", 0, 4, { count: 1 })), false);
  assert.is(view.applyWindow(windowOf("a", 0, 7, { count: 3, state: "final" })), true);
  assert.is(view.applyWindow(windowOf("a", 0, 7, { count: 3, state: "open" })), false);
  assert.equal(view.totals, { series: 1, windows: 1, readings: 3, anomalies: 0 });
});

dashboard("takes the word of another algorithm whatever its offset", () => {
  const view = new View();
  view.applyWindow(windowOf("a", 0, 50));
  assert.is(view.applyWindow(windowOf("a", 0, 1, { algo: "x/2", count: 9 })), true);
  assert.is(view.totals.readings, 9);
});

dashboard("gives the windows of a range in order of time, whatever the order in which they came", () => {
  const view = new View();
  for (const hour of [3, 1, 2, 0]) view.applyWindow(windowOf("a", hour, hour));
  view.applyAnomaly(anomalyOf("a", 2, 9));
  const hours = (slice: ReturnType<View["readSeries"]>) => slice?.windows.map(({ mean }) => mean);
  const all = { fromTs: 0, toTs: Number.MAX_SAFE_INTEGER };
  assert.equal(hours(view.readSeries("a", all, 10)), [0, 1, 2, 3]);
  view.applyWindow(windowOf("a", 5, 5));
  view.applyWindow(windowOf("a", 4, 4));
  assert.equal(hours(view.readSeries("a", all, 10)), [0, 1, 2, 3, 4, 5]);
  const part = view.readSeries("a", { fromTs: T0 + HOUR, toTs: T0 + 3 * HOUR }, 10);
  assert.equal([hours(part), part?.anomalies.length, part?.truncated], [[1, 2], 1, false]);
  const newest = view.readSeries("a", all, 2);
  assert.equal([hours(newest), newest?.anomalies.length, newest?.truncated], [[4, 5], 0, true]);
});

dashboard("lists series by name, numbers in their natural order, and searches in any case", async () => {
  const view = new View();
  for (const name of ["pump-10", "pump-9", "Fan"]) view.applyWindow(windowOf(name, 0, 0));
  const app = create(view);
  const list = async (query: string) => {
    const answer = await app.request(`/v1/series${query}`);
    const body = (await answer.json()) as { total: number; series: { id: string }[] };
    return [body.total, body.series.map(({ id }) => id)];
  };
  assert.equal(await list(""), [3, ["Fan", "pump-9", "pump-10"]]);
  assert.equal(await list("?q=PUMP&limit=1"), [2, ["pump-9"]]);
});

dashboard("answers a series with a tag, and nothing when it has not changed", async () => {
  const view = new View();
  view.applyWindow(windowOf("a/b ü", 0, 0));
  const app = create(view);
  const path = `/v1/series/${encodeURIComponent("a/b ü")}`;
  const first = await app.request(path);
  assert.is(((await first.json()) as { windows: unknown[] }).windows.length, 1);
  const headers = { "if-none-match": first.headers.get("etag") ?? "" };
  assert.is((await app.request(path, { headers })).status, 304);
  view.applyWindow(windowOf("a/b ü", 1, 1));
  assert.is((await app.request(path, { headers })).status, 200);
});

for (const [path, status] of [
  ["/v1/series/none", 404],
  ["/v1/series/a?from=yesterday", 422],
  ["/v1/series?limit=0", 422],
  ["/v1/anomalies?to=5", 422],
  ["/nowhere", 404],
] as const) {
  dashboard(`refuses ${path} with ${status}, as a problem document`, async () => {
    const answer = await create().request(path);
    assert.is(answer.status, status);
    assert.is(answer.headers.get("content-type"), "application/problem+json");
  });
}

dashboard("lets the page load nothing from anywhere else", async () => {
  const answer = await create().request("/");
  const policy = answer.headers.get("content-security-policy") ?? "";
  assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'/);
  assert.not.match(policy, /unsafe|https?:|\*/);
});

dashboard("sends changes of a series to those who look at it, and an overview to all", async () => {
  const hub = createHub();
  const a = hub.subscribe(["a"], undefined).getReader();
  const b = hub.subscribe(["b"], undefined).getReader();
  hub.noteWindow(windowOf("a", 0, 0));
  hub.noteWindow(windowOf("a", 0, 1, { count: 7 }));
  hub.flush();
  const events = await takeEvents(a, 4);
  assert.equal(
    events.map(({ event }) => event),
    [undefined, "reset", "change", "overview"],
  );
  assert.is(JSON.parse(events[2]?.["data"] ?? "").windows[0].count, 7);
  assert.equal(
    (await takeEvents(b, 3)).map(({ event }) => event),
    [undefined, "reset", "overview"],
  );
  hub.close();
});

dashboard("continues after the last event that a page has seen, without a gap and without a repeat", async () => {
  const hub = createHub();
  const first = hub.subscribe(["a"], undefined).getReader();
  hub.noteWindow(windowOf("a", 0, 0));
  hub.flush();
  const seen = (await takeEvents(first, 4)).at(-1)?.["id"];
  await first.cancel();
  for (const hour of [1, 2]) {
    hub.noteWindow(windowOf("a", hour, hour));
    hub.flush();
  }
  const events = await takeEvents(hub.subscribe(["a"], seen).getReader(), 5);
  const means = events
    .filter(({ event }) => event === "change")
    .map(({ data = "" }) => JSON.parse(data).windows[0].mean);
  assert.equal(means, [1, 2]);
  assert.is(
    events.some(({ event }) => event === "reset"),
    false,
  );
  hub.close();
});

dashboard(
  "asks a page to load everything anew when the ring does not reach back, or the id is another process's",
  async () => {
    const hub = createHub({ ringRecords: 1 });
    const first = hub.subscribe(["a"], undefined).getReader();
    hub.noteWindow(windowOf("a", 0, 0));
    hub.flush();
    const seen = (await takeEvents(first, 4)).at(-1)?.["id"];
    for (const hour of [1, 2, 3]) {
      hub.noteWindow(windowOf("a", hour, hour));
      hub.flush();
    }
    for (const id of [seen, "other.1", "nonsense"]) {
      const events = await takeEvents(hub.subscribe(["a"], id).getReader(), 2);
      assert.is(events[1]?.["event"], "reset", id);
    }
    hub.close();
  },
);

dashboard("disconnects a page that does not keep up, and no other", async () => {
  const hub = createHub({ clientBytes: 2_000 });
  const slow = hub.subscribe(["a"], undefined).getReader();
  const quick = hub.subscribe(["a"], undefined).getReader();
  for (let hour = 0; hour < 30; hour += 1) {
    hub.noteWindow(windowOf("a", hour, hour));
    hub.flush();
    await takeEvents(quick, hour === 0 ? 4 : 2);
  }
  assert.equal([hub.clients, hub.dropped], [1, 1]);
  const rest = await takeEvents(slow, Number.POSITIVE_INFINITY);
  assert.ok(rest.length < 30, `${rest.length} events`);
  hub.close();
});

dashboard.run();
