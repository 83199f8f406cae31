import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ConfigError, readConfig } from "../../../ci/src/config.ts";

const good = `
product: flights
services:
  ingest: { port: 8080, needs: [kafka] }
  dashboard: { port: 8081, needs: [kafka, ingest] }
front: { dashboard: 8080 }
checks:
  lint: [a]
  unit: [b, c]
  integration: [d]
`;

function problemsIn(text: string): string {
  try {
    readConfig(text);
  } catch (error) {
    assert.instance(error, ConfigError);
    return error instanceof ConfigError ? error.message : "";
  }
  return "no problem";
}

const config = suite("readConfig");

config("reads this repository's own file", () => {
  const read = readConfig(readFileSync("slipway.yaml", "utf8"));
  assert.equal(Object.keys(read.services), ["ingest", "processor", "dashboard"]);
});

config("fills in what may be left out", () => {
  const read = readConfig(good.replace(", needs: [kafka] }", " }"));
  assert.equal(read.services["ingest"], { port: 8080, needs: [], env: {}, probe: "/" });
  assert.equal(read.checks.unit, ["b", "c"]);
});

config("reads how a service counts its requests, and says what is wrong with it", () => {
  const withMetrics = (rule: string) => good.replace("needs: [kafka] }", `needs: [kafka], metrics: ${rule} }`);
  const read = readConfig(withMetrics('{ port: 9090, requests: http_requests_total, failed: { code: "5.." } }'));
  assert.equal(read.services["ingest"]?.metrics, {
    port: 9090,
    path: "/metrics",
    requests: "http_requests_total",
    failed: { code: "5.." },
  });
  assert.is(
    problemsIn(
      withMetrics('{ port: 0, requests: a b, failed: { status: "[" }, except: { "5..": status }, errors: x }'),
    ),
    [
      "slipway.yaml cannot be used:",
      "  services.ingest.metrics.port: Too small: expected number to be >=1",
      "  services.ingest.metrics.requests: expected the name of a counter",
      "  services.ingest.metrics.failed.status: expected a regular expression, for example 5..",
      "  services.ingest.metrics.except.5..: expected the name of a label",
      '  services.ingest.metrics: Unrecognized key: "errors"',
    ].join("\n"),
  );
});

config("lists every problem, each with the path of the value", () => {
  const text = good
    .replace("product: flights", "product: My Flights")
    .replace("port: 8080", "port: 80800")
    .replace("lint: [a]", "lint: []\n  extra: [x]");
  assert.is(
    problemsIn(text),
    [
      "slipway.yaml cannot be used:",
      "  product: expected lower case letters, digits and dashes, beginning with a letter",
      "  services.ingest.port: Too big: expected number to be <=65535",
      "  checks.lint: expected a program and its arguments",
      '  checks: Unrecognized key: "extra"',
    ].join("\n"),
  );
});

config("says which services there are when a name is wrong", () => {
  const text = good.replace("front: { dashboard:", "front: { dashbord:").replace("[kafka, ingest]", "[kafka, injest]");
  assert.is(
    problemsIn(text),
    [
      "slipway.yaml cannot be used:",
      "  front.dashbord: there is no service dashbord; expected one of ingest, dashboard",
      "  services.dashboard.needs.1: there is no service injest; expected one of kafka, ingest",
    ].join("\n"),
  );
});

config("refuses two services at one port of the laptop", () => {
  const text = good.replace("{ dashboard: 8080 }", "{ dashboard: 8080, ingest: 8080 }");
  assert.is(problemsIn(text), "slipway.yaml cannot be used:\n  front: expected another port for each service");
});

config("refuses services that need each other in a circle", () => {
  const text = good.replace("needs: [kafka] }", "needs: [dashboard] }");
  assert.is(
    problemsIn(text),
    "slipway.yaml cannot be used:\n  services: these need each other in a circle: ingest -> dashboard -> ingest",
  );
});

config("keeps the name kafka for the broker", () => {
  const text = good.replace("  ingest:", "  kafka: { port: 1 }\n  ingest:");
  assert.match(problemsIn(text), "services.kafka: this name belongs to the broker");
});

config("says where the YAML itself is broken", () => {
  assert.match(problemsIn("product: [a\n"), "at line 2, column 1");
  assert.match(problemsIn("product: a\nproduct: b\n"), "Map keys must be unique at line 2");
});

config.run();
