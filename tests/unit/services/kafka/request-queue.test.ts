import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import RequestQueue from "kafkajs/src/network/requestQueue/index.js";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { lookOnlyWhileRequestsWait } from "../../../../services/kafka/src/request-queue.ts";

/** What is used of a connection's queue in kafkajs. */
interface Queue {
  readonly inflight: ReadonlyMap<number, unknown>;
  push(request: object): void;
  fulfillRequest(response: { correlationId: number; payload: Buffer; size: number }): void;
  maybeThrottle(ms: number): void;
  checkPendingRequests(): void;
  waitForPendingRequests(): Promise<void>;
}

const requests = suite<{ queue: Queue; sent: number[] }>("the requests of a connection");

requests.before(() => lookOnlyWhileRequestsWait());

requests.before.each((state) => {
  const options = {
    maxInFlightRequests: 1,
    requestTimeout: 10_000,
    enforceRequestTimeout: false,
    clientId: "test",
    broker: "broker:9092",
    logger: { debug: () => undefined },
    isConnected: () => true,
  };
  state.queue = Reflect.construct(RequestQueue as unknown as new (all: object) => Queue, [options]);
  state.sent = [];
});

/** Sends a request, or has it wait. @returns when it has been sent */
function push({ queue, sent }: { queue: Queue; sent: number[] }, correlationId: number): Promise<void> {
  return new Promise((resolve) => {
    queue.push({
      entry: {
        correlationId,
        apiKey: 0,
        apiName: "Test",
        apiVersion: 0,
        resolve: () => undefined,
        reject: () => undefined,
      },
      expectResponse: true,
      requestTimeout: 10_000,
      sendRequest: () => {
        sent.push(correlationId);
        resolve();
      },
    });
  });
}

const answer = (queue: Queue, correlationId: number) =>
  queue.fulfillRequest({ correlationId, payload: Buffer.alloc(0), size: 0 });

const countTimers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;

requests("are not looked for while none waits", async (state) => {
  const before = countTimers();
  await push(state, 1);
  answer(state.queue, 1);
  state.queue.checkPendingRequests();
  assert.is(countTimers(), before);
});

requests("follow each other when they have to wait", async (state) => {
  const all = [1, 2, 3].map((id) => push(state, id));
  assert.equal(state.sent, [1]);
  answer(state.queue, 1);
  answer(state.queue, 2);
  await Promise.all(all);
  answer(state.queue, 3);
  await state.queue.waitForPendingRequests();
  assert.equal(state.sent, [1, 2, 3]);
  assert.is(state.queue.inflight.size, 0);
});

requests("are sent when the broker no longer slows the client down", async (state) => {
  state.queue.maybeThrottle(30);
  const isSent = push(state, 1);
  assert.equal(state.sent, []);
  await isSent;
  assert.equal(state.sent, [1]);
});

requests("are those of the version that was read", () => {
  const path = createRequire(import.meta.url).resolve("kafkajs/package.json");
  const { version } = JSON.parse(readFileSync(path, "utf8")) as { version: string };
  assert.is(version, "2.2.4", "look whether services/kafka/src/request-queue.ts is still needed, and right");
});

requests.run();
