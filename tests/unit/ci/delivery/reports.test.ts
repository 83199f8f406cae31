import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findRing } from "../../../../ci/src/config/find-ring.ts";
import { tellHistory, tellStatus } from "../../../../ci/src/delivery/reports.ts";
import { observe } from "../../../../ci/src/rollout/observe.ts";
import { settingsOf } from "../config/found.ts";
import { deployOf, POLICY, RING, releaseOf } from "../rollout/fixtures.ts";
import { eventsOf, Watcher } from "../rollout/invariants.ts";
import { ModelCluster } from "../rollout/model-cluster.ts";
import { ModelDeployer, runDeployer, type World } from "../rollout/model-deployer.ts";

const reports = suite("reports");

function ringWith(releases: readonly number[]): World {
  const world: World = { cluster: new ModelCluster(), watcher: new Watcher(POLICY), manners: new Map() };
  for (const one of releases) runDeployer(world, new ModelDeployer(deployOf(releaseOf(one)), { id: `run-${one}` }));
  return world;
}

reports("status shows all rings in one table, and below it what is wrong", () => {
  const { cluster } = ringWith([1, 2]);
  const seen = observe(cluster.items());
  const table = tellStatus(
    [
      { ring: RING, namespace: RING, policy: POLICY, seen },
      { ring: "early", namespace: "acme-early", policy: POLICY, seen: observe([]) },
      { ring: "production", namespace: "production", policy: POLICY, seen: { problem: "the cluster does not answer" } },
    ],
    cluster.nowMs,
  );
  const [header, ...rows] = table.trimEnd().split("\n");
  assert.match(header ?? "", /^RING +LIVE +COLOUR +COMMIT +AGE +HEALTH +IDLE$/);
  assert.match(rows[0] ?? "", /^canary +r-1da8a0d4 +green +0000000 +\d+ s +ok +blue with 0 pods, can go back to r-/);
  assert.match(rows[1] ?? "", /^early \(acme-early\) +nothing$/);
  assert.match(rows[2] ?? "", /^production +\? +not read$/);
  assert.is(rows.at(-1), "production: the cluster does not answer");
});

reports("status says what a live release lacks", () => {
  const { cluster } = ringWith([1]);
  cluster.meddle("Deployment", "ingest-blue", (object) => Object.assign(object["spec"] as object, { replicas: 1 }));
  cluster.tick();
  const table = tellStatus(
    [{ ring: RING, namespace: RING, policy: POLICY, seen: observe(cluster.items()) }],
    cluster.nowMs,
  );
  assert.match(table, /unhealthy/, table);
  assert.match(table, /\ncanary: Deployment ingest-blue: /);
});

reports("history tells the ledger, oldest first", () => {
  const { cluster } = ringWith([1]);
  const lines = tellHistory(eventsOf(cluster), RING).trimEnd().split("\n");
  assert.equal(
    lines.slice(1).map((line) =>
      line
        .split(/ +/)
        .filter((_, column) => column === 0 || column === 2 || column === 5)
        .join(" "),
    ),
    ["1 started tester", "2 switched tester", "3 committed tester"],
  );
  assert.is(tellHistory([], "early"), "nothing has happened in ring early yet\n");
});

reports("history tells of a reason of several lines what came first, not only that something did", () => {
  const { cluster } = ringWith([1]);
  const reason =
    "the candidate cannot come up:\n    pod ingest-green-1: ImagePullBackOff\n    pod ingest-green-2: the same";
  const [event] = eventsOf(cluster);
  assert.ok(event);
  const line =
    tellHistory([{ ...event, reason }], RING)
      .trimEnd()
      .split("\n")
      .at(-1) ?? "";
  assert.match(line, /the candidate cannot come up: pod ingest-green-1: ImagePullBackOff/);
  assert.not.match(line, /green-2/);
});

const sample = "product: p\nservices: { a: { port: 1, build: { image: registry.example.org/a:1 } } }\n";
const readConfig = (text: string) => settingsOf({}, text);

reports("a ring that there is not is answered with the rings", () => {
  const config = readConfig(`${sample}rings: { canary: {}, production: { after: canary } }\n`);
  assert.is(findRing(config, "production").policy.after, "canary");
  assert.throws(
    () => findRing(config, "prod"),
    /^there is no ring "prod"; the rings are canary, production; perhaps production was meant \[no-such-ring\]\n/,
  );
  assert.throws(() => findRing(readConfig(sample), "prod"), /slipway.yaml names none/);
});

reports("rings after nothing or in a circle, and rules that there are not, are refused with their place", () => {
  assert.throws(
    () => readConfig(`${sample}rings: { a: { after: b, bakeSecond: 1 }, b: { replicas: 0 } }\n`),
    /rings\.a\.bakeSecond: unknown.*bakeSeconds was meant\n.*rings\.b\.replicas/s,
  );
  assert.throws(() => readConfig(`${sample}rings: { a: { after: c } }\n`), /rings\.a\.after: there is no ring c/);
  assert.throws(
    () => readConfig(`${sample}rings: { a: { after: b }, b: { after: a } }\n`),
    /rings: these come after each other in a circle: a -> b -> a/,
  );
});

reports.run();
