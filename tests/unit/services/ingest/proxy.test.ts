import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createApp } from "../../../../services/dashboard/src/app.ts";
import { createMetrics } from "../../../../services/dashboard/src/metrics.ts";
import { StreamHub } from "../../../../services/dashboard/src/stream-hub.ts";
import { View } from "../../../../services/dashboard/src/view.ts";
import { uploadIdOf } from "../../../../services/ingest/src/upload.ts";
import { closeServer, listen } from "../../../../services/runtime/src/lifecycle.ts";
import { createIngest, csvOf, HEADER, lineOf, T } from "../../../support/ingest-app.ts";
import { awaitThat } from "../../../support/kafka-services.ts";
import { chunkOf, headOf, openRaw } from "../../../support/raw-http.ts";

const proxy = suite("ingest behind the dashboard");

interface Running extends ReturnType<typeof createIngest> {
  readonly url: string;
  readonly post: (
    path: string,
    type: string,
    body: string | Uint8Array,
    headers?: Record<string, string>,
  ) => Promise<Response>;
  /** What is known of the upload with a key. */
  readonly recordOf: (key: string) => Promise<{ readonly state?: string; readonly problem?: string }>;
}

async function withProxy(use: (running: Running) => Promise<void>): Promise<void> {
  const ingest = createIngest({ limits: { bodyIdleMs: 500 } });
  const behind = await listen(ingest.app, 0);
  const addressOf = (server: typeof behind) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const hub = new StreamHub({
    flushMs: 60_000,
    heartbeatMs: 60_000,
    ringRecords: 1,
    clientBytes: 1,
    overview: (changed, anomalies) => new View().overview(changed, anomalies),
  });
  const front = await listen(
    createApp({
      view: new View(),
      hub,
      page: { html: "", files: [] },
      metrics: createMetrics({ clients: () => 0, dropped: () => 0, windows: () => 0 }),
      ingestUrl: addressOf(behind),
    }),
    0,
  );
  const url = addressOf(front);
  const post: Running["post"] = (path, type, body, headers = {}) =>
    fetch(`${url}${path}`, { method: "POST", headers: { "content-type": type, ...headers }, body: Buffer.from(body) });
  const recordOf: Running["recordOf"] = async (key) =>
    JSON.parse(await (await ingest.app.request(`/v1/uploads/${uploadIdOf(key)}`)).text());
  try {
    await use({ ...ingest, url, post, recordOf });
    assert.is((await post("/v1/events", "application/json", lineOf("after"))).status, 202);
  } finally {
    hub.close();
    await closeServer(front, 0);
    await closeServer(behind, 0);
  }
}

proxy("is told how a body is packed, and tells what is understood", async () => {
  await withProxy(async ({ post, stored }) => {
    assert.is(
      (await post("/v1/uploads", "text/csv", gzipSync(csvOf("a")), { "content-encoding": "gzip" })).status,
      201,
    );
    assert.equal(
      stored.map(({ series }) => series),
      ["a"],
    );
    const refused = await post("/v1/uploads", "text/csv", csvOf("a"), { "content-encoding": "compress" });
    assert.equal([refused.status, refused.headers.get("accept-encoding")?.includes("gzip")], [415, true]);
  });
});

proxy("is told the charset of a file and of a query as it is", async () => {
  await withProxy(async ({ post, stored }) => {
    const latin1 = Buffer.from(csvOf("Köln"), "latin1");
    assert.is((await post("/v1/uploads", "text/csv; charset=iso-8859-1", latin1)).status, 201);
    assert.is((await post("/v1/uploads", "text/csv", latin1)).status, 422);
    assert.is((await post("/v1/uploads?fixedSeries=K%F6ln", "text/csv", `ts,value\n${T},1\n`)).status, 422);
    assert.equal(
      stored.map(({ series }) => series),
      ["Köln"],
    );
  });
});

proxy("refuses before it has read everything, and the client hears it", async () => {
  await withProxy(async ({ post }) => {
    const large = `${"x".repeat(1_000)}\n`.repeat(20_000);
    assert.is((await post("/v1/events", "application/json", large)).status, 413);
    assert.is((await post("/v1/uploads", "text/csv", large)).status, 422);
    assert.is((await post("/v1/uploads", "text/plain", large)).status, 415);
  });
});

proxy("does not take a body that breaks off for a whole one", async () => {
  await withProxy(async ({ url, stored, recordOf }) => {
    for (const [key, headers, body] of [
      ["cut", { "transfer-encoding": "chunked" }, chunkOf(`${csvOf("a")}b,${T},12`)],
      ["short", { "content-length": "1000" }, Buffer.from(`${csvOf("a")}b,${T},12`)],
    ] as const) {
      const before = stored.length;
      const client = await openRaw(url);
      const head = headOf("/v1/uploads", { "content-type": "text/csv", "idempotency-key": key, ...headers });
      await client.send(Buffer.concat([Buffer.from(head), body]));
      await awaitThat("the whole row is stored", 5_000, async () => stored.length > before);
      client.socket.end();
      client.socket.destroy();
      await awaitThat("the upload has failed", 5_000, async () => {
        const record = await recordOf(key);
        return record.state === "failed" || record;
      });
      assert.is((await recordOf(key)).problem, "the connection broke before the end of the body");
    }
    assert.equal(
      stored.map(({ value }) => value),
      [1, 1],
    );
  });
});

proxy("passes on that a client is too slow", async () => {
  await withProxy(async ({ url }) => {
    const client = await openRaw(url);
    await client.send(headOf("/v1/uploads", { "content-type": "text/csv", "transfer-encoding": "chunked" }));
    await client.send(chunkOf(HEADER));
    await awaitThat(
      "the answer is there",
      10_000,
      async () => /^HTTP\/1\.1 408[\s\S]*too-slow/.test(client.received()) || client.received(),
    );
    client.socket.destroy();
  });
});

proxy.run();
