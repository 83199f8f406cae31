import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ServiceSettings } from "../../../../ci/src/config/settings.ts";
import { patienceOf } from "../../../../ci/src/product/readiness.ts";
import { planGateway } from "../../../../ci/src/product/stack.ts";

const stack = suite("a stack");

function one(kind: ServiceSettings["kind"], port?: number): ServiceSettings {
  const settings = { path: ".", kind, probe: "/", build: { image: "x" }, needs: [], env: {}, tell: {} };
  return port === undefined ? settings : { ...settings, port };
}

stack("leads each port to its service, and says what else runs", () => {
  const services = { api: one("service", 3000), mails: one("worker"), migrate: one("job") };
  assert.equal(planGateway({ services, front: { api: 8080 } }), {
    targets: { 8080: { host: "api", port: 3000 } },
    notes: ["worker mails runs", "job migrate has succeeded"],
  });
});

stack("has a page of its own when no service has a port", () => {
  assert.equal(planGateway({ services: { mails: one("worker") }, front: {} }), {
    targets: {},
    notes: ["worker mails runs", "no service has a port: this is all that the stack says at port 8080"],
    page: 8080,
  });
});

for (const [startPeriod, interval, retries, seconds] of [
  ["0s", "0s", 0, 90],
  ["5s", "30s", 3, 95],
  ["1m30s", "10s", 1, 100],
  ["0s", "500ms", 4, 2],
  ["1h0m0.5s", "1s", 1, 3601.5],
] as const) {
  stack(
    `waits ${seconds} s for a check with ${startPeriod}, ${interval} and ${retries} retries, as Docker does`,
    () => {
      assert.is(patienceOf({ startPeriod, interval, retries }), seconds);
    },
  );
}

stack.run();
