/** What each verb does, writes and says: the cases a person meets. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ringPolicySchema } from "../../../../ci/src/rollout/policy.ts";
import { nameRelease, type Release } from "../../../../ci/src/rollout/release.ts";
import { commitOf, deployOf, type Manners, POLICY, ROLLBACK, releaseOf } from "./fixtures.ts";
import { endState, eventsOf, headOf, Watcher } from "./invariants.ts";
import { ModelCluster } from "./model-cluster.ts";
import { ModelDeployer, runDeployer, type World } from "./model-deployer.ts";
import { collectStops, expectDone, makeWorld } from "./scenarios.ts";
import { BLIND, good, ringWith, run } from "./verb-runs.ts";

const verbs = suite("deploy, rollback, freeze");

verbs("a deploy says which pods failed, and leaves the live colour as it was", () => {
  const world = makeWorld({ name: "bad", image: "pull-fails", outcome: "failed" }, releaseOf(2), true);
  const before = endState(world.cluster);
  const ended = run(world, deployOf(releaseOf(2)));
  const bad = Object.values(releaseOf(2).services).at(-1);
  assert.is(
    ended.kind === "done" && ended.report.replaceAll(/green-\d+/g, "green-N"),
    `r-1da8a0d4 (commit 0000000) failed in ring canary
    the candidate cannot come up:
    pod processor-green-N: ImagePullBackOff: back-off ${bad?.name}@${bad?.digest}
    pod processor-green-N: ImagePullBackOff: back-off ${bad?.name}@${bad?.digest}
    what all releases share is left as it is until the bake is over: ConfigMap broker`,
  );
  assert.is(endState(world.cluster).replace("failed", "committed"), before);
  expectDone(run(world, deployOf(releaseOf(3))), "live");
});

verbs("a crash loop is given up after the policy's restarts, not at the first", () => {
  const world = makeWorld({ name: "bad", image: "crash-loops", outcome: "failed" }, releaseOf(2), true);
  const ended = run(world, deployOf(releaseOf(2)));
  assert.match(ended.kind === "done" ? ended.report : "", /CrashLoopBackOff/);
  const restarts = Math.max(...eventsOf(world.cluster).map(({ seq }) => seq));
  assert.ok(restarts > 0);
});

verbs("a candidate that is late is given up at its deadline, and told what it lacks", () => {
  const world = makeWorld({ name: "bad", image: "never-ready", outcome: "failed" }, releaseOf(2), true);
  const began = world.cluster.nowMs;
  const ended = run(world, deployOf(releaseOf(2)));
  assert.match(
    ended.kind === "done" ? ended.report : "",
    /not done within 60 seconds:\n {4}Deployment processor-green: 0 of 2 pods available, 2 updated, 2 in all \(processor-green-\d+ not ready; processor-green-\d+ not ready\)/,
  );
  const took = world.cluster.nowMs - began;
  assert.ok(took >= 60_000 && took < 70_000, String(took));
});

verbs("a release that fails in the bake gives the traffic back by itself, and the ledger says when and why", () => {
  const release = releaseOf(2);
  const world = ringWith([1], new Map([[release.id, { bake: "fails" }]]));
  const ended = run(world, deployOf(release));
  assert.match(
    ended.kind === "done" ? ended.report : "",
    /the traffic is back where it was\n {4}ingest: 500 of 1,000 requests failed \(50.00 %\), 1 % are allowed/,
  );
  const last = eventsOf(world.cluster).at(-1);
  assert.equal(
    [last?.kind, last?.planned, last?.live, last?.release.id],
    ["rolled-back", false, release.id, release.id],
  );
  assert.ok(last?.switchedAt !== null && last?.decidedAt !== null);
  // One write per service gives the traffic back, before anything is scaled.
  const writes = world.cluster.writes;
  const back = writes.findIndex((line) => line.includes("-> ROLLBACK"));
  assert.equal(writes.slice(back + 1, back + 5), [
    "switch Service ingest to blue",
    "switch Service processor to blue",
    "scale Deployment ingest-green to 0",
    "scale Deployment processor-green to 0",
  ]);
});

verbs("a release whose requests cannot be counted is given up after the bake, at the deadline", () => {
  const release = releaseOf(2);
  const world = ringWith([1], new Map([[release.id, { unreadUntilMs: Number.POSITIVE_INFINITY }]]));
  const began = world.cluster.nowMs;
  const ended = run(world, deployOf(release));
  assert.match(
    ended.kind === "done" ? ended.report : "",
    /the traffic is back where it was\n {4}not done within 60 seconds:\n {4}counters of pod x: 404/,
  );
  const took = world.cluster.nowMs - began;
  assert.ok(took >= 80_000 && took < 110_000, String(took));
});

verbs("a release whose requests can be counted late passes late", () => {
  const release = releaseOf(2);
  const manners = new Map<string, Manners>();
  const world = ringWith([1], manners);
  const began = world.cluster.nowMs;
  manners.set(release.id, { unreadUntilMs: began + 60_000 });
  expectDone(run(world, deployOf(release)), "live");
  assert.ok(world.cluster.nowMs >= began + 60_000);
});

verbs("the ledger keeps what a release that passed was measured by", () => {
  const world = ringWith([1]);
  expectDone(run(world, deployOf(releaseOf(2))), "live");
  assert.is(
    eventsOf(world.cluster).at(-1)?.reason,
    "passed the bake: ingest 1,000 requests 1 failed; Slipway's own 40 requests 0 failed",
  );
});

verbs(
  "a rollback during the bake is one write per service, from another process, without waiting for the lease",
  () => {
    const world = makeWorld(good, releaseOf(2), true);
    const { stops } = collectStops(world, new ModelDeployer(deployOf(releaseOf(2)), { id: "deployer" }));
    const baking = stops.find(({ summary, when }) => summary.startsWith("record: switched") && when === "after");
    assert.ok(baking !== undefined);
    if (baking === undefined) return;
    const after: World = { cluster: baking.cluster, watcher: baking.watcher, manners: new Map() };
    after.cluster.writes = [];
    const began = after.cluster.nowMs;
    expectDone(run(after, ROLLBACK), "rolled-back");
    assert.ok(after.cluster.nowMs - began < 10_000, "it does not wait for the lease");
    assert.equal(after.cluster.writes, [
      "take the ring (lease)",
      "record BAKING -> ROLLBACK",
      "switch Service ingest to blue",
      "switch Service processor to blue",
      "scale Deployment ingest-green to 0",
      "scale Deployment processor-green to 0",
      "record ROLLBACK -> STABLE (rolled-back r-1da8a0d4 (commit 0000000))",
      "record: rolled-back r-1da8a0d4 (commit 0000000)",
      "delete ConfigMap settings-9eb4a4f51c",
      "delete Secret key-63d3b71dd3",
      "give up the ring (lease)",
    ]);
    const late = runDeployer(after, baking.deployer);
    assert.is(late.kind === "blocked" && late.code, "fenced");
  },
);

verbs("a rollback long after brings the old colour up before it moves the traffic", () => {
  const world = ringWith([1, 2]);
  for (let ticks = 0; ticks < 5; ticks += 1) world.cluster.tick();
  assert.is(world.cluster.pods().length, 4, "the old colour's pods are gone");
  expectDone(run(world, ROLLBACK), "rolled-back");
  assert.equal(world.cluster.writes.slice(2, 6), [
    "scale Deployment ingest-blue to 2",
    "scale Deployment processor-blue to 2",
    "switch Service ingest to blue",
    "switch Service processor to blue",
  ]);
  assert.is(headOf(world.cluster)?.live?.release.id, releaseOf(1).id);
  world.cluster.writes = [];
  const again = run(world, ROLLBACK);
  assert.is(
    again.kind === "done" && again.report,
    "r-35caabec (commit 0000000) is live in ring canary; there is no release to go back to",
  );
  assert.equal(world.cluster.writes, []);
  expectDone(run(world, deployOf(releaseOf(2))), "live");
});

verbs("a rollback refuses when the old colour no longer holds the old release", () => {
  const world = ringWith([1, 2]);
  world.cluster.meddle("Deployment", "processor-blue", (object) => {
    const spec = object["spec"] as { template: { spec: { containers: { image: string }[] } } };
    const [container] = spec.template.spec.containers;
    if (container !== undefined) container.image = "evil:latest";
  });
  const ended = run({ ...world, watcher: BLIND }, ROLLBACK);
  assert.match(
    ended.kind === "blocked" ? ended.message : "",
    /^ring canary cannot go back to .*: Deployment processor-blue runs evil:latest \[drift\]\n/,
  );
  assert.is(headOf(world.cluster)?.live?.release.id, releaseOf(2).id);
});

verbs("a release in which a service is added or dropped is deployed and rolled back as one", () => {
  for (const [from, to] of [
    [2, 3],
    [3, 2],
  ] as const) {
    const world: World = { cluster: new ModelCluster(), watcher: new Watcher(POLICY), manners: new Map() };
    expectDone(run(world, deployOf(releaseOf(1, from))), "live");
    expectDone(run(world, deployOf(releaseOf(2, to))), "live");
    expectDone(run(world, ROLLBACK), "rolled-back");
    assert.is(headOf(world.cluster)?.live?.release.id, releaseOf(1, from).id);
    expectDone(run(world, deployOf(releaseOf(3, to))), "live");
  }
});

verbs("a newer release takes down one that has not been switched, and sees one through that has", () => {
  const world = makeWorld(good, releaseOf(2), true);
  const { stops } = collectStops(world, new ModelDeployer(deployOf(releaseOf(2)), { id: "deployer" }));
  for (const [summary, kinds] of [
    ["record PREPARED -> STAGED", ["started", "failed", "started", "switched", "committed"]],
    ["switch Service ingest to green", ["started", "switched", "committed", "started", "switched", "committed"]],
  ] as const) {
    const stop = stops.find((one) => one.summary === summary && one.when === "after");
    assert.ok(stop !== undefined);
    if (stop === undefined) continue;
    const after: World = { cluster: stop.cluster, watcher: stop.watcher, manners: new Map() };
    expectDone(run(after, deployOf(releaseOf(3))), "live");
    assert.equal(
      eventsOf(after.cluster)
        .slice(3)
        .map(({ kind }) => kind),
      kinds,
    );
    if (kinds[1] === "failed") assert.match(eventsOf(after.cluster)[4]?.reason ?? "", /replaces it$/);
  }
});

verbs("an older release is refused with both commits, a rebuilt one of the same commit is not", () => {
  const world = ringWith([1, 3]);
  const ended = run(world, deployOf(releaseOf(2)));
  assert.is(
    ended.kind === "blocked" && ended.message,
    `r-1da8a0d4 (commit 0000000) does not contain commit ${commitOf(3)}, which is live in ring canary [not-newer]
  where: ring canary
  to do: deploy a release of a newer commit; to go back on purpose, use rollback`,
  );
  assert.equal(world.cluster.writes, []);
  const rebuilt = nameRelease({
    ...releaseOf(3),
    services: {
      ...releaseOf(3).services,
      ingest: { name: "registry.example/ingest", digest: `sha256:${"d".repeat(64)}` },
    },
  });
  expectDone(run(world, deployOf(rebuilt, { ancestors: [] })), "live");
});

verbs("a release is promoted only when the ring before has verified it", () => {
  const policy = ringPolicySchema.parse({ ...POLICY, after: "canary" });
  const release = releaseOf(2);
  const canary = ringWith([1, 2]);
  const ledger = eventsOf(canary.cluster);
  const attempt = (source: { ring: string; ledger: typeof ledger } | undefined, which: Release = release) => {
    const world = ringWith([]);
    const ended = run(world, deployOf(which, source === undefined ? {} : { source }), policy);
    if (ended.kind === "blocked") assert.equal(world.cluster.writes, []);
    return ended.kind === "done" ? ended.outcome : ended.code;
  };
  assert.is(attempt({ ring: "canary", ledger }), "live");
  assert.is(attempt(undefined), "not-verified");
  assert.is(attempt({ ring: "elsewhere", ledger }), "not-verified");
  assert.is(attempt({ ring: "canary", ledger: [] }), "not-verified");
  assert.is(attempt({ ring: "canary", ledger }, releaseOf(3)), "not-verified");
  assert.is(attempt({ ring: "canary", ledger: ledger.filter(({ kind }) => kind !== "committed") }), "not-verified");
  const swapped = ledger.map((event) => ({
    ...event,
    release: {
      ...event.release,
      services: {
        ...event.release.services,
        ingest: { name: "registry.example/ingest", digest: `sha256:${"d".repeat(64)}` },
      },
    },
  }));
  assert.is(attempt({ ring: "canary", ledger: swapped }), "not-verified");
  const fewer = ledger.map((event) => ({
    ...event,
    release: {
      ...event.release,
      services: {
        ...event.release.services,
        more: { name: "registry.example/more", digest: `sha256:${"d".repeat(64)}` },
      },
    },
  }));
  assert.is(attempt({ ring: "canary", ledger: fewer }), "not-verified");
  expectDone(run(canary, ROLLBACK), "rolled-back");
  assert.is(attempt({ ring: "canary", ledger: eventsOf(canary.cluster) }), "not-verified");
});

verbs("a lease of a living deployer is waited for, a dead one's is taken after its time", () => {
  const world = makeWorld(good, releaseOf(2), true);
  const { stops } = collectStops(world, new ModelDeployer(deployOf(releaseOf(2)), { id: "dead" }));
  const stop = stops[3];
  assert.ok(stop !== undefined);
  if (stop === undefined) return;
  const after: World = { cluster: stop.cluster, watcher: stop.watcher, manners: new Map() };
  const second = new ModelDeployer(deployOf(releaseOf(2)), { id: "second" });
  const began = after.cluster.nowMs;
  expectDone(runDeployer(after, second), "live");
  assert.is(second.run.epoch, 3);
  assert.ok(after.cluster.nowMs - began >= 60_000);
});

verbs("a lease that somebody deletes stops the run, and the next epoch is higher all the same", () => {
  const world = makeWorld(good, releaseOf(2), true);
  const { stops } = collectStops(world, new ModelDeployer(deployOf(releaseOf(2)), { id: "deployer" }));
  const stop = stops.find(({ summary, when }) => summary === "switch Service ingest to green" && when === "after");
  if (stop === undefined) throw new Error("there is no switch");
  const after: World = { cluster: stop.cluster, watcher: stop.watcher, manners: new Map() };
  const { deployer } = stop;
  const epoch = deployer.run.epoch ?? 0;
  after.cluster.remove("Lease", "slipway-deploy");
  const ended = runDeployer(after, deployer);
  assert.match(
    ended.kind === "blocked" ? ended.message : "",
    /^another run has taken over ring canary: the lease is gone, this run had epoch 2 \[fenced\]\n/,
  );
  const next = new ModelDeployer(deployOf(releaseOf(2)), { id: "next" });
  // The lease's own count begins anew; that is what happened to it, and not a fence that fell.
  after.watcher.forgetLease();
  expectDone(runDeployer(after, next), "live");
  assert.ok((next.run.epoch ?? 0) > epoch);
});

verbs("a candidate that breaks after it was staged is not switched to", () => {
  const world = makeWorld(good, releaseOf(2), true);
  const { stops } = collectStops(world, new ModelDeployer(deployOf(releaseOf(2)), { id: "deployer" }));
  const stop = stops.find(({ summary, when }) => summary === "record PREPARED -> STAGED" && when === "after");
  if (stop === undefined) throw new Error("nothing was staged");
  const after: World = { cluster: stop.cluster, watcher: stop.watcher, manners: new Map() };
  // It has answered well; what breaks, breaks after that.
  stop.deployer.look(after);
  after.cluster.meddle("Deployment", "ingest-green", (object) =>
    Object.assign(object["spec"] as object, { replicas: 1 }),
  );
  const ended = runDeployer(after, stop.deployer);
  assert.match(
    ended.kind === "done" ? ended.report : "",
    /not done within 60 seconds:\n {4}Deployment ingest-green: 1 of 2 pods available/,
  );
  assert.is(eventsOf(after.cluster).at(-1)?.kind, "failed");
});

verbs("a first release that fails its gate stays, is not deployed again, and gives way to a newer one", () => {
  const release = releaseOf(2);
  const world = ringWith([], new Map([[release.id, { bake: "fails" }]]));
  expectDone(run(world, deployOf(release)), "failed");
  world.cluster.writes = [];
  const again = run(world, deployOf(release));
  assert.is(
    again.kind === "blocked" && again.message,
    `r-1da8a0d4 (commit 0000000) serves ring canary, but failed its gate, and there was no earlier release [unverified-live]
  where: ring canary
  to do: deploy a newer release`,
  );
  assert.equal(world.cluster.writes, []);
  expectDone(run(world, deployOf(releaseOf(3))), "live");
});

verbs("even without a bake the gate is asked once", () => {
  const release = releaseOf(2);
  const policy = ringPolicySchema.parse({ ...POLICY, bakeSeconds: 0 });
  const world = ringWith([1], new Map([[release.id, { bake: "fails" }]]));
  expectDone(run(world, deployOf(release), policy), "failed");
  expectDone(run(world, deployOf(releaseOf(3)), policy), "live");
});

verbs("a long bake renews the lease and is not in anybody's way", () => {
  const policy = ringPolicySchema.parse({ ...POLICY, bakeSeconds: 600 });
  const world = ringWith([1]);
  let renewed = 0;
  const cluster = world.cluster;
  const execute = cluster.execute.bind(cluster);
  cluster.execute = (action) => {
    if (action.purpose === "renew-lease") renewed += 1;
    return execute(action);
  };
  expectDone(run(world, deployOf(releaseOf(2)), policy), "live");
  assert.ok(renewed >= 28 && renewed <= 35, String(renewed));
});

verbs.run();
