import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { logsOf, sendLogs, sendSpans, spansOf } from "../../../../engine/src/trace/otlp.ts";
import { readOtlpSettings } from "../../../../engine/src/trace/otlp-settings.ts";
import { end, log, start, traceOf } from "./runs.ts";

const otlp = suite("a run for an OpenTelemetry collector");

const E = "OTEL_EXPORTER_OTLP_ENDPOINT";
const url = "http://127.0.0.1:4318";

const settings: readonly [name: string, env: Readonly<Record<string, string>>, wanted: unknown][] = [
  ["no endpoint", {}, { kind: "off" }],
  ["an empty one", { [E]: " " }, { kind: "off" }],
  ["another variable alone", { OTEL_SERVICE_NAME: "x" }, { kind: "off" }],
  ["an endpoint", { [E]: url }, { kind: "on", protocol: "http/protobuf" }],
  ["one for traces", { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url }, { kind: "on", protocol: "http/protobuf" }],
  ["JSON", { [E]: url, OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" }, { kind: "on", protocol: "http/json" }],
  [
    "a protocol for traces, which goes before",
    { [E]: url, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc", OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "http/json" },
    { kind: "on", protocol: "http/json" },
  ],
  ["an SDK that is disabled", { [E]: url, OTEL_SDK_DISABLED: "TRUE" }, { kind: "off" }],
  ["an SDK that is not", { [E]: url, OTEL_SDK_DISABLED: "false" }, { kind: "on", protocol: "http/protobuf" }],
  ["no exporter of traces", { [E]: url, OTEL_TRACES_EXPORTER: "none" }, { kind: "off" }],
  ["two exporters", { [E]: url, OTEL_TRACES_EXPORTER: "console, otlp" }, { kind: "on", protocol: "http/protobuf" }],
  [
    "a protocol that there is not",
    { [E]: url, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" },
    { kind: "refused", reason: 'OTEL_EXPORTER_OTLP_PROTOCOL is "grpc": use http/protobuf or http/json' },
  ],
  [
    "what is not an address",
    { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "collector" },
    { kind: "refused", reason: "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is not an address" },
  ],
];

for (const [name, env, wanted] of settings) {
  otlp(`the environment: ${name}`, () => {
    assert.equal(readOtlpSettings(env, "traces"), wanted);
  });
}

const L = "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT";

const logSettings: typeof settings = [
  ["an endpoint for all, which may take no logs", { [E]: url }, { kind: "off" }],
  ["one for logs", { [L]: url }, { kind: "on", protocol: "http/protobuf" }],
  [
    "a protocol for logs",
    { [L]: url, OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: "http/json" },
    { kind: "on", protocol: "http/json" },
  ],
  ["no exporter of logs", { [L]: url, OTEL_LOGS_EXPORTER: "none" }, { kind: "off" }],
  [
    "a protocol that there is not",
    { [L]: url, OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: "grpc" },
    { kind: "refused", reason: 'OTEL_EXPORTER_OTLP_LOGS_PROTOCOL is "grpc": use http/protobuf or http/json' },
  ],
];

for (const [name, env, wanted] of logSettings) {
  otlp(`the environment, for logs: ${name}`, () => {
    assert.equal(readOtlpSettings(env, "logs"), wanted);
  });
}

const RUN = traceOf(
  [
    [5, start("a", "Shop.test", { key: "k1" })],
    [10, start("b", "withExec npm test", { parent: "a", key: "k2" })],
    [20, log("b", "one\n\u001b[31mnot ok\u001b[0m\n")],
    [1000, end("b", "failed")],
    [1, start("c", "withExec lint", { parent: "a", key: "k3" })],
    [0, end("c", "cached")],
    [1, end("a", "failed")],
    [1, start("d", "service db")],
  ],
  { outcome: "failed", exitCode: 3, error: "exit code: 3" },
);

otlp("the command is a span, and each step one in it or in the step that it is a part of", () => {
  const spans = spansOf(RUN, {});
  const ids = new Map(spans.map((span) => [span.spanContext().spanId, span.name]));
  assert.equal(
    spans.map((span) => [span.name, ids.get(span.parentSpanContext?.spanId ?? ""), span.status.code]),
    [
      ["slipway call test", undefined, 2],
      ["Shop.test", "slipway call test", 2],
      ["withExec npm test", "Shop.test", 2],
      ["withExec lint", "Shop.test", 0],
      ["service db", "slipway call test", 0],
    ],
  );
  assert.is(new Set(spans.map((span) => span.spanContext().traceId)).size, 1);
  assert.is(ids.size, spans.length);
});

otlp("a span has the times, the key, and what was known, canceled or failed", () => {
  const [root, , failed, cached, canceled] = spansOf(RUN, {});
  const begun = Date.parse("2026-11-28T11:17:09.000Z") / 1000;
  assert.equal(
    [failed?.startTime, failed?.endTime],
    [
      [begun, 15e6],
      [begun + 1, 35e6],
    ],
  );
  assert.equal(failed?.attributes, { "dagger.io/dag.digest": "k2" });
  assert.equal(failed?.status.message, "not ok");
  assert.equal(failed?.events[0]?.attributes, { "exception.message": "one\nnot ok" });
  assert.equal(cached?.attributes, { "dagger.io/dag.digest": "k3", "dagger.io/dag.cached": true });
  assert.equal(canceled?.attributes, { "dagger.io/dag.canceled": true });
  assert.equal(root?.attributes, {
    "process.command_args": ["slipway", "call", "test"],
    "process.working_directory": "/shop",
    "process.exit.code": 3,
  });
});

otlp("TRACEPARENT makes it a part of another trace, when it is one", () => {
  const [trace, span] = ["0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"];
  const within = spansOf(RUN, { TRACEPARENT: `00-${trace}-${span}-01` });
  assert.equal([within[0]?.spanContext().traceId, within[0]?.parentSpanContext?.spanId], [trace, span]);
  for (const wrong of [
    "",
    "x",
    `00-${"0".repeat(32)}-${span}-01`,
    `00-${trace}-${"0".repeat(16)}-01`,
    `00-${trace}-01`,
  ]) {
    assert.is(spansOf(RUN, { TRACEPARENT: wrong })[0]?.parentSpanContext, undefined, wrong);
  }
});

interface Request {
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Sends the run to a server on loopback that answers with the status; the variables are for that time this process's own. */
async function send(
  protocol: "http/protobuf" | "http/json",
  status: number,
  more: Readonly<Record<string, string>> = {},
  signal: "spans" | "logs" = "spans",
) {
  const requests: Request[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      requests.push({ url: request.url, headers: request.headers, body: Buffer.concat(parts) });
      response.writeHead(status, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  const env = { [E]: `http://127.0.0.1:${port}`, ...more };
  const saved = { ...process.env };
  Object.assign(process.env, env);
  let error = "";
  try {
    const spans = spansOf(RUN, env);
    if (signal === "logs") await sendLogs(logsOf(RUN, spans), protocol, env);
    else await sendSpans(spans, protocol, env);
  } catch (caught) {
    error = (caught as Error).message;
  } finally {
    for (const name of Object.keys(env)) delete process.env[name];
    Object.assign(process.env, saved);
    server.closeAllConnections();
    server.close();
  }
  return { requests, error };
}

otlp("it is sent with the headers and the resource that the environment names", async () => {
  const { requests, error } = await send("http/json", 200, {
    OTEL_EXPORTER_OTLP_HEADERS: "x-key=abc,x-other=d%20e",
    OTEL_SERVICE_NAME: "shop",
    OTEL_RESOURCE_ATTRIBUTES: "team=a,service.name=not-this",
  });
  assert.equal([error, requests.length], ["", 1]);
  const [request] = requests;
  assert.equal([request?.url, request?.headers["x-key"], request?.headers["x-other"]], ["/v1/traces", "abc", "d e"]);
  const body = JSON.parse(request?.body.toString() ?? "") as {
    resourceSpans: { resource: { attributes: { key: string; value: { stringValue: string } }[] } }[];
  };
  const attributes = new Map(
    body.resourceSpans[0]?.resource.attributes.map(({ key, value }) => [key, value.stringValue]),
  );
  assert.equal(
    ["service.name", "service.version", "team"].map((key) => attributes.get(key)),
    ["shop", "v1.2.3", "a"],
  );
});

otlp("as protobuf it has the same names", async () => {
  const { requests, error } = await send("http/protobuf", 200);
  assert.is(error, "");
  assert.is(requests[0]?.headers["content-type"], "application/x-protobuf");
  for (const name of ["withExec npm test", "slipway call test", "dagger.io/dag.digest"]) {
    assert.ok(requests[0]?.body.includes(name), name);
  }
});

otlp(
  "each line is a log of the step's span, with its time and its stream, and what the engine said one of the command's",
  () => {
    const run = traceOf([
      [5, start("a", "withExec make")],
      [10, log("a", "\u001b[31mone\u001b[0m\nt")],
      [10, log("a", "oops\n", "stderr")],
      [10, log("a", "wo\n")],
      [5, { kind: "note", text: "made by a recipe" }],
      [1, end("a")],
    ]);
    const spans = spansOf(run, {});
    const begun = Date.parse(run.startedAt) / 1000;
    assert.equal(
      logsOf(run, spans).map(({ body, hrTime, attributes, spanContext }) => [
        body,
        hrTime,
        attributes["stdio.stream"],
        spans.findIndex((span) => span.spanContext().spanId === spanContext?.spanId),
      ]),
      [
        ["made by a recipe", [begun, 40e6], undefined, 0],
        ["one", [begun, 15e6], 1, 1],
        ["oops", [begun, 25e6], 2, 1],
        ["two", [begun, 35e6], 1, 1],
      ],
    );
  },
);

otlp("logs are sent to their own address, in batches", async () => {
  const { requests, error } = await send("http/json", 200, {}, "logs");
  assert.is(error, "");
  assert.equal(
    requests.map((request) => request.url),
    ["/v1/logs"],
  );
  const body = JSON.parse(requests[0]?.body.toString() ?? "") as {
    resourceLogs: { scopeLogs: { logRecords: { body: { stringValue: string } }[] }[] }[];
  };
  assert.equal(
    body.resourceLogs[0]?.scopeLogs[0]?.logRecords.map((record) => record.body.stringValue),
    ["one", "not ok"],
  );
});

otlp("what a collector refuses is an error with its answer", async () => {
  const { requests, error } = await send("http/json", 401);
  assert.equal([requests.length, error], [1, "Unauthorized"]);
});

otlp.run();
