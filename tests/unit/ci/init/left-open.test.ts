import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { planInit } from "../../../../ci/src/init/plan.ts";
import { reportInit } from "../../../../ci/src/init/report.ts";
import { outlineOf } from "../../../../ci/src/repository/outline.ts";
import { detect } from "../config/found.ts";

const open = suite("what init leaves open");

function propose(manifest: object, files: Readonly<Record<string, string>> = {}) {
  const plan = planInit(outlineOf({ "package.json": JSON.stringify(manifest), ...files }), detect, "1.2.3");
  return { text: plan.writes["slipway.yaml"] ?? "", report: reportInit(plan).split("\n") };
}

/** What stands after a heading of the report. */
function told(report: readonly string[], heading: string): readonly string[] {
  const after = report.slice(report.indexOf(heading) + 1);
  return report.includes(heading) ? after.slice(0, Math.max(0, [...after, ""].indexOf(""))) : [];
}

const worker = { name: "orders", scripts: { start: "node consume.js" } };

open("is the port of what was not found to listen: a line to fill in, and a sentence", () => {
  const { text, report } = propose(worker);
  assert.match(
    text,
    "    kind: worker\n    # No port was found. If it listens, write its port instead of kind: worker\n    # port: 8080\n",
  );
  assert.equal(told(report, "Left open"), [
    "  orders: nothing in the repository says at which port it listens, so it is a worker; if it listens, give port in slipway.yaml",
  ]);
  const filled = text.replace("    kind: worker\n", "").replace("    # port", "    port");
  assert.is(parse(filled).services.orders.port, 8080);
});

open("are the variables of an example of .env that nothing else says", () => {
  const example =
    'PORT=9999\nNODE_ENV=dev\n# a comment\nLOG_LEVEL=debug # or info\nexport KEY="a b#c"\nEMPTY=\nREDIS_URL=x\n';
  const files = { ".env.example": example };
  const { text, report } = propose({ ...worker, port: 80, dependencies: { ioredis: "5" } }, files);
  assert.equal(told(report, "Left open"), [
    "  orders: .env.example names LOG_LEVEL, KEY, EMPTY: slipway.yaml has them as comments, for env",
  ]);
  const filled = text.replaceAll(/^ {4}# (?=env:| {2})/gm, "    ");
  assert.equal(parse(filled).services.orders.env, { LOG_LEVEL: "debug", KEY: "a b#c", EMPTY: "" });
});

open("is no variable that another service tells", () => {
  const files = {
    "compose.yaml": "services: { web: { build: web, depends_on: [orders] }, orders: { build: orders } }\n",
    "web/package.json": '{ "name": "web", "port": 80 }',
    "web/.env.example": "ORDERS_URL=http://localhost:81\nLEVEL=info\n",
    "orders/package.json": '{ "name": "orders", "port": 81 }',
  };
  const { report } = propose({}, files);
  assert.equal(told(report, "Left open"), [
    "  web: web/.env.example names LEVEL: slipway.yaml has them as comments, for env",
  ]);
});

open("is nothing where everything is said", () => {
  const { text, report } = propose({ ...worker, port: 80 });
  assert.not.match(text.split("\n").slice(2).join("\n"), "#");
  assert.equal(told(report, "Left open"), []);
});

open.run();
