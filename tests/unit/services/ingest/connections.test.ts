import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Limits } from "../../../../services/ingest/src/limits.ts";
import { closeServer, listen, type ServerBounds } from "../../../../services/runtime/src/lifecycle.ts";
import { createIngest, csvOf, HEADER, lineOf, T } from "../../../support/ingest-app.ts";
import { awaitThat } from "../../../support/kafka-services.ts";
import { chunkOf, headOf, openRaw } from "../../../support/raw-http.ts";

const connections = suite("connections to ingest");

interface Running extends ReturnType<typeof createIngest> {
  readonly url: string;
  readonly server: Server;
}

/** Runs ingest on a port for one test. Whatever the clients did, it must still take a reading afterwards. */
async function withServer(
  use: (ingest: Running) => Promise<void>,
  limits: Partial<Limits> = {},
  bounds: ServerBounds = {},
): Promise<void> {
  const ingest = createIngest({ limits, maxBodyBytes: 10_000_000 });
  const server = await listen(ingest.app, 0, bounds);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await use({ ...ingest, url, server });
    const headers = { "content-type": "application/json", connection: "close" };
    const after = await fetch(`${url}/v1/events`, { method: "POST", headers, body: lineOf("after") });
    assert.is(after.status, 202);
  } finally {
    await closeServer(server, 0);
  }
}

const json = { "content-type": "application/json" };
const csv = { "content-type": "text/csv", "transfer-encoding": "chunked" };
const lines = { "content-type": "application/x-ndjson", "transfer-encoding": "chunked" };

const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
const answered = (received: () => string, pattern: RegExp) => async () => pattern.test(received()) || received();

for (const [name, path, headers, body, limits, status] of [
  ["a head that is not finished in time", "", {}, "POST / HTTP/1.1\r\nHost: x\r\nX-A: ", {}, 408],
  ["a body of JSON that stops", "/v1/events", { ...json, "content-length": "100" }, "[", { bodyIdleMs: 200 }, 408],
  [
    "a form that stops",
    "/entry/reading",
    { "content-type": "application/x-www-form-urlencoded", "content-length": "9" },
    "a",
    { bodyIdleMs: 200 },
    408,
  ],
  ["a file that stops", "/v1/uploads", csv, chunkOf(csvOf("a")), { bodyIdleMs: 200 }, 408],
] as const) {
  connections(`are ended with ${status} for ${name}`, async () => {
    await withServer(
      async ({ url }) => {
        const client = await openRaw(url);
        await client.send(path === "" ? body : Buffer.concat([Buffer.from(headOf(path, headers)), Buffer.from(body)]));
        await awaitThat("the answer is there", 20_000, answered(client.received, /\r\n\r\n\{/));
        assert.is(statusOf(client.received()), status);
        assert.match(client.received(), /content-type: application\/problem\+json/i);
        // The connection does not stay either, though the client never ends its request.
        await client.closed;
      },
      limits,
      { headMs: 1_000, lingerMs: 200 },
    );
  });
}

connections("are ended for a client that sends a byte now and then for ever", async () => {
  await withServer(
    async ({ url }) => {
      const client = await openRaw(url);
      await client.send(headOf("/v1/uploads", csv));
      const drip = setInterval(() => client.socket.write(chunkOf("s")), 50);
      await awaitThat("the answer is there", 10_000, answered(client.received, /took longer than 1000 ms/));
      clearInterval(drip);
      assert.is(statusOf(client.received()), 408);
    },
    { bodyIdleMs: 5_000, uploadTotalMs: 1_000 },
  );
});

connections("tell a stream of lines that stops what is stored", async () => {
  await withServer(
    async ({ url, stored }) => {
      const client = await openRaw(url);
      await client.send(headOf("/v1/events:stream", lines));
      await client.send(chunkOf(`${lineOf("a")}{"ser`));
      await awaitThat("the last report is there", 10_000, answered(client.received, /too-slow/));
      assert.match(client.received(), /"kind":"too-slow","detail":"nothing came for 200 ms/);
      assert.not.match(client.received(), /"done":true/);
      assert.equal(
        stored.map(({ series }) => series),
        ["a"],
      );
    },
    { bodyIdleMs: 200 },
  );
});

connections("that break in the middle of a body store no half row, and call nothing done", async () => {
  await withServer(async ({ url, app, stored }) => {
    for (const [path, headers, body] of [
      ["/v1/uploads", { ...csv, "idempotency-key": "cut" }, `${csvOf("a")}b,${T},12`],
      ["/v1/events:stream", lines, `${lineOf("a")}${lineOf("b").slice(0, -3)}`],
      ["/v1/events", { ...json, "transfer-encoding": "chunked" }, lineOf("b")],
    ] as const) {
      const client = await openRaw(url);
      await client.send(headOf(path, headers));
      await client.send(chunkOf(body));
      await awaitThat(
        "the first row is stored",
        5_000,
        async () => path === "/v1/events" || stored.length > 0 || stored,
      );
      client.socket.destroy();
    }
    const { uploadIdOf } = await import("../../../../services/ingest/src/upload.ts");
    await awaitThat("the upload is known to have failed", 5_000, async () => {
      const record = await (await app.request(`/v1/uploads/${uploadIdOf("cut")}`)).text();
      return (JSON.parse(record) as { state?: string }).state === "failed" || record;
    });
    assert.equal(
      stored.map(({ series }) => series),
      ["a", "a"],
    );
  });
});

connections("that end before the announced length count as broken", async () => {
  await withServer(async ({ url, stored }) => {
    const client = await openRaw(url);
    await client.send(headOf("/v1/uploads", { "content-type": "text/csv", "content-length": "1000" }));
    await client.send(csvOf("a"));
    client.socket.end();
    await client.closed;
    await awaitThat("what came whole is stored", 5_000, async () => stored.length === 1 || stored);
    assert.not.match(client.received(), /HTTP\/1.1 201/);
  });
});

connections("are refused while the client still sends, and the answer arrives", async () => {
  const body = `${"x".repeat(1_000)}\n`.repeat(20_000);
  await withServer(async ({ url }) => {
    for (const [path, type, status] of [
      ["/v1/uploads", "text/csv", 422],
      ["/v1/uploads", "text/plain", 415],
      ["/v1/events", "application/json", 413],
      ["/v1/nothing", "text/csv", 404],
    ] as const) {
      const client = await openRaw(url);
      await client.send(headOf(path, { "content-type": type, "content-length": String(body.length) }));
      await client.send(body);
      await awaitThat("the answer is there", 10_000, answered(client.received, /^HTTP\/1\.1 \d+[\s\S]*\}$/));
      assert.is(statusOf(client.received()), status, path);
      // The rest was read and thrown away, so the connection is good for another request.
      await client.send(
        `${headOf("/v1/events", { ...json, "content-length": String(lineOf("b").length) })}${lineOf("b")}`,
      );
      await awaitThat("the second answer is there", 10_000, answered(client.received, /HTTP\/1\.1 202/));
      client.socket.destroy();
    }
  });
});

connections("take requests behind a refused one in the same breath", async () => {
  await withServer(async ({ url, stored }) => {
    const client = await openRaw(url);
    const of = (body: string) => `${headOf("/v1/events", { ...json, "content-length": String(body.length) })}${body}`;
    await client.send(of("{bad") + of(lineOf("a")) + of("[".repeat(100)) + of(lineOf("b")));
    await awaitThat(
      "all four are answered",
      5_000,
      async () => (client.received().match(/HTTP\/1\.1 \d+/g) ?? []).length === 4 || client.received(),
    );
    assert.equal(client.received().match(/HTTP\/1\.1 \d+/g), [
      "HTTP/1.1 400",
      "HTTP/1.1 202",
      "HTTP/1.1 422",
      "HTTP/1.1 202",
    ]);
    assert.equal(
      stored.map(({ series }) => series),
      ["a", "b"],
    );
    client.socket.destroy();
  });
});

connections("answer Expect: 100-continue, and a body that then comes", async () => {
  await withServer(async ({ url }) => {
    const client = await openRaw(url);
    const body = lineOf("a");
    await client.send(headOf("/v1/events", { ...json, "content-length": String(body.length), expect: "100-continue" }));
    await awaitThat("it may go on", 5_000, answered(client.received, /HTTP\/1\.1 100/));
    await client.send(body);
    await awaitThat("it is stored", 5_000, answered(client.received, /HTTP\/1\.1 202/));
    client.socket.destroy();
  });
});

for (const [name, text, status] of [
  ["a head of 20 KiB", `GET / HTTP/1.1\r\nHost: x\r\nX-A: ${"a".repeat(20_000)}\r\n\r\n`, 431],
  ["what is not HTTP", "HELLO\r\n\r\n", 400],
  ["two lengths", "POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400],
  [
    "length and chunks",
    "POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    400,
  ],
  ["a length that is no number", "POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400],
] as const) {
  connections(`are refused with ${status} in the form of all refusals for ${name}`, async () => {
    await withServer(async ({ url }) => {
      const client = await openRaw(url);
      await client.send(text);
      const answer = await client.closed;
      assert.is(statusOf(answer), status);
      const body = JSON.parse(answer.slice(answer.indexOf("\r\n\r\n") + 4)) as { status: number; type: string };
      assert.equal([body.status, body.type], [status, "urn:slipway:problem:malformed"]);
    });
  });
}

connections("survive broken chunks, wrong paths and hosts, and methods that nobody serves", async () => {
  await withServer(async ({ url }) => {
    for (const text of [
      `${headOf("/v1/uploads", csv)}zz\r\nabc\r\n`,
      `${headOf("/v1/uploads", csv)}${chunkOf(HEADER)}ffffffffffffffffffff\r\n`,
      "GET /%E0%A4%A HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
      "GET //x/../%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
      "GET http://[::1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a b c\r\nConnection: close\r\n\r\n",
      "GET / HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n",
      "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
      "TRACE / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
      "CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
      "GET /v1/uploads/%ff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    ]) {
      const client = await openRaw(url);
      await client.send(text);
      await awaitThat(
        `an answer or an end for ${text.slice(0, 40)}`,
        10_000,
        async () => client.socket.destroyed || client.received() !== "",
      );
      client.socket.destroy();
    }
  });
});

connections("answer 405 with what an address takes, also to HEAD and OPTIONS", async () => {
  await withServer(async ({ url }) => {
    for (const method of ["GET", "HEAD", "PUT", "OPTIONS", "DELETE"]) {
      const answer = await fetch(`${url}/v1/uploads`, { method });
      assert.equal([answer.status, answer.headers.get("allow")], [405, "POST"], method);
    }
    assert.is((await fetch(`${url}/`, { method: "HEAD" })).status, 200);
  });
});

connections("beyond the number of files that may be open get 429, and a place again when one ends", async () => {
  await withServer(
    async ({ url }) => {
      const open = await Promise.all([openRaw(url), openRaw(url)]);
      await open[0].send(Buffer.concat([Buffer.from(headOf("/v1/uploads", csv)), chunkOf(HEADER)]));
      await open[1].send(Buffer.concat([Buffer.from(headOf("/v1/events:stream", lines)), chunkOf(lineOf("a"))]));
      const upload = () =>
        fetch(`${url}/v1/uploads`, { method: "POST", headers: { "content-type": "text/csv" }, body: csvOf("b") });
      await awaitThat("there is no place left", 5_000, async () => (await upload()).status === 429);
      const refused = await upload();
      assert.equal([refused.status, refused.headers.get("retry-after")], [429, "5"]);
      assert.match(await refused.text(), "2 files and streams are under way, the most at once");
      for (const client of open) {
        client.socket.destroy();
        await awaitThat("there is a place again", 5_000, async () => (await upload()).status === 201);
      }
    },
    { maxOpenUploads: 2 },
  );
});

connections("whose bodies are too much together get 429, and the small ones pass", async () => {
  await withServer(
    async ({ url, admission }) => {
      const client = await openRaw(url);
      await client.send(headOf("/v1/events", { ...json, "content-length": "5000000" }));
      await client.send(" ".repeat(1_700_000));
      await awaitThat("its bytes are counted", 10_000, async () => admission.bytes >= 6_800_000 || admission.bytes);
      const send = (body: string) => fetch(`${url}/v1/events`, { method: "POST", headers: json, body });
      await awaitThat(
        "a large body is refused",
        10_000,
        async () => (await send(" ".repeat(1_000_000))).status === 429,
      );
      assert.is((await send(lineOf("a"))).status, 202);
      client.socket.destroy();
      await awaitThat(
        "the large body has room again",
        5_000,
        async () => (await send(" ".repeat(1_000_000))).status === 400,
      );
    },
    { maxRequestMemoryBytes: 8_388_608 },
  );
});

connections("of a client that does not read its reports are closed", async () => {
  await withServer(
    async ({ url, server }) => {
      const client = await openRaw(url);
      client.socket.pause();
      await client.send(headOf("/v1/events:stream", lines));
      const bad = chunkOf("x\n".repeat(20_000));
      const push = setInterval(() => client.socket.writable && client.socket.write(bad), 5);
      await awaitThat("the server has closed it", 30_000, async () => {
        const open = await new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));
        return open === 0 || open;
      });
      clearInterval(push);
      client.socket.destroy();
    },
    {},
    { silenceMs: 1_000 },
  );
});

connections("that go away while reports are written end nothing but themselves", async () => {
  await withServer(async ({ url, app }) => {
    for (let round = 0; round < 20; round += 1) {
      const client = await openRaw(url);
      await client.send(headOf("/v1/events:stream", lines));
      await client.send(chunkOf("x\n".repeat(1_000 * (round + 1))));
      client.socket.destroy();
    }
    assert.is((await app.request("/")).status, 200);
  });
});

connections.run();
