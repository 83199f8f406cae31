/** What verbs say to a ring that somebody changed by hand. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { observe } from "../../../../ci/src/rollout/observe.ts";
import type { Release } from "../../../../ci/src/rollout/release.ts";
import { deployOf, releaseOf } from "./fixtures.ts";
import type { ModelCluster } from "./model-cluster.ts";
import { expectDone } from "./scenarios.ts";
import { BLIND, ringWith, run } from "./verb-runs.ts";

const drifts = suite("a ring that somebody changed");

/** What a deploy of the live release, and of a newer one, say to a change by hand. */
const changes: [string, (cluster: ModelCluster) => void, string, string][] = [
  [
    "a selector to the other colour",
    (c) =>
      c.meddle("Service", "ingest", (o) =>
        Object.assign(o["spec"] as object, {
          selector: { "app.kubernetes.io/name": "ingest", "slipway.dev/colour": "green" },
        }),
      ),
    "drift",
    "drift",
  ],
  [
    "an image of the live colour",
    (c) =>
      c.meddle("Deployment", "ingest-blue", (o) =>
        Object.assign(
          (o["spec"] as { template: { spec: { containers: object[] } } }).template.spec.containers[0] ?? {},
          { image: "x" },
        ),
      ),
    "drift",
    "live",
  ],
  [
    "the live colour scaled to 0",
    (c) => c.meddle("Deployment", "ingest-blue", (o) => Object.assign(o["spec"] as object, { replicas: 0 })),
    "drift",
    "live",
  ],
  ["the live Deployment deleted", (c) => c.remove("Deployment", "ingest-blue"), "drift", "live"],
  ["the live Service deleted", (c) => c.remove("Service", "ingest"), "drift", "live"],
  ["a coloured Service deleted", (c) => c.remove("Service", "ingest-green"), "live", "live"],
  ["an event deleted in the middle", (c) => c.remove("ConfigMap", "slipway-evt-000002"), "bad-record", "bad-record"],
  ["the lease deleted", (c) => c.remove("Lease", "slipway-deploy"), "live", "live"],
  [
    "an event added",
    (c) =>
      c.meddle("ConfigMap", "slipway-head", (o) => {
        const data = o["data"] as { head: string };
        data.head = JSON.stringify({ ...JSON.parse(data.head), seq: 2, event: null });
      }),
    "bad-record",
    "bad-record",
  ],
  [
    "an event changed",
    (c) =>
      c.meddle("ConfigMap", "slipway-evt-000003", (o) => {
        const data = o["data"] as { event: string };
        data.event = JSON.stringify({ ...JSON.parse(data.event), actor: "somebody else" });
      }),
    "bad-record",
    "bad-record",
  ],
];

for (const [name, change, same, newer] of changes) {
  drifts(`${name}: the live release says ${same}, a newer one ${newer}`, () => {
    const said = (which: Release) => {
      const world = ringWith([1]);
      change(world.cluster);
      world.cluster.tick();
      // The watcher would complain about what was done by hand.
      const ended = run({ ...world, watcher: BLIND }, deployOf(which));
      if (ended.kind === "blocked") assert.equal(world.cluster.writes, []);
      return ended.kind === "done" ? ended.outcome : ended.code;
    };
    assert.is(said(releaseOf(1)), same);
    assert.is(said(releaseOf(2)), newer);
  });
}

drifts("a foreign change of the manifests' own fields stops the deploy with the API's refusal, not by force", () => {
  const world = ringWith([1]);
  const stored = world.cluster.ownersOf("Service", "ingest", ["spec", "selector"].join("\u0000"));
  assert.equal(stored, ["slipway-switch/Update"]);
  assert.equal(world.cluster.ownersOf("Deployment", "ingest-blue", ["spec", "replicas"].join("\u0000")), [
    "slipway-scale/Update",
  ]);
  expectDone(run(world, deployOf(releaseOf(2))), "live");
  assert.equal(world.cluster.ownersOf("Service", "ingest", ["spec", "selector"].join("\u0000")), [
    "slipway-switch/Update",
  ]);
});

drifts("an epoch that is no number is refused with the way to remove it", () => {
  const world = ringWith([1]);
  world.cluster.meddle("Service", "ingest", (object) => {
    Object.assign(object["metadata"] as object, { annotations: { "slipway.dev/epoch": "many" } });
  });
  assert.throws(
    () => observe(world.cluster.items()),
    /is "many", not a positive number \[bad-record\]\n {2}where: Service ingest\n {2}to do: remove it with kubectl annotate Service\/ingest slipway.dev\/epoch-/,
  );
});
drifts.run();
