/** What each verb does, writes and says: the cases a person meets. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Action, isSameChange, kubectlCall, pointerPart } from "../../../../ci/src/rollout/action.ts";
import { canonicalJson } from "../../../../ci/src/rollout/canonical-json.ts";
import { sortManifests } from "../../../../ci/src/rollout/manifests.ts";
import { listWrites, PlanKeeper, planVerb, tellPlan } from "../../../../ci/src/rollout/plan.ts";
import { ringPolicySchema } from "../../../../ci/src/rollout/policy.ts";
import { nameRelease, type Release, readRelease } from "../../../../ci/src/rollout/release.ts";
import type { Request } from "../../../../ci/src/rollout/request.ts";
import { observe } from "../../../../ci/src/rollout/snapshot.ts";
import { commitOf, deployOf, type Manners, manifestObjects, POLICY, RING, ROLLBACK, releaseOf } from "./fixtures.ts";
import { endState, eventsOf, headOf, Watcher } from "./invariants.ts";
import { ModelCluster } from "./model-cluster.ts";
import { ModelDeployer, runDeployer, type World } from "./model-deployer.ts";
import { collectStops, expectDone, makeWorld } from "./scenarios.ts";

const good = { name: "good", outcome: "live" } as const;
let number = 0;

/** For rings that somebody has changed by hand: the watcher would complain about that. */
const BLIND = { watch: () => undefined, copy: () => BLIND } as unknown as Watcher;

function run(world: World, request: Request, policy = POLICY) {
  number += 1;
  return runDeployer(world, new ModelDeployer(request, { id: `verb-${number}`, policy }));
}

/** A ring in which the releases of these commits were deployed one after the other. */
function ringWith(numbers: readonly number[], manners: ReadonlyMap<string, Manners> = new Map()): World {
  const world: World = { cluster: new ModelCluster(), watcher: new Watcher(POLICY), manners };
  for (const one of numbers) expectDone(run(world, deployOf(releaseOf(one))), "live");
  world.cluster.writes = [];
  return world;
}

function planOf(world: World, request: Request) {
  return planVerb(world.cluster.items(), {
    nowMs: world.cluster.nowMs,
    ring: RING,
    policy: POLICY,
    request,
    run: { id: "planner", actor: "tester", epoch: null },
  });
}

const verbs = suite("deploy, rollback, freeze");

verbs("a deploy says which pods failed, and leaves the live colour as it was", () => {
  const world = makeWorld({ name: "bad", image: "pull-fails", outcome: "failed" }, releaseOf(2), true);
  const before = endState(world.cluster);
  const ended = run(world, deployOf(releaseOf(2)));
  const bad = Object.values(releaseOf(2).services).at(-1);
  assert.is(
    ended.kind === "done" && ended.report.replaceAll(/green-\d+/g, "green-N"),
    `r-1da8a0d4 (commit 0000000) did not make it in ring canary
    the candidate cannot come up:
    pod processor-green-N: ImagePullBackOff: back-off ${bad?.name}@${bad?.digest}
    pod processor-green-N: ImagePullBackOff: back-off ${bad?.name}@${bad?.digest}
    what everybody shares was left as it is until the bake is over: ConfigMap broker`,
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
    const baking = stops.find(({ summary, when }) => summary.startsWith("write down: switched") && when === "after");
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
      "write down: rolled-back r-1da8a0d4 (commit 0000000)",
      "delete ConfigMap settings-9eb4a4f51c",
      "delete Secret key-63d3b71dd3",
      "let go of the ring (lease)",
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
    if (kinds[1] === "failed") assert.match(eventsOf(after.cluster)[4]?.reason ?? "", /takes its place$/);
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

verbs("a frozen ring moves for nobody but a rollback, until it is thawed", () => {
  const world = ringWith([1, 2]);
  const freeze: Request = { verb: "freeze", reason: "migration under way" };
  expectDone(run(world, freeze), "frozen");
  world.cluster.writes = [];
  expectDone(run(world, freeze), "frozen");
  const ended = run(world, deployOf(releaseOf(3)));
  assert.match(
    ended.kind === "blocked" ? ended.message : "",
    /^ring canary is frozen: migration under way \[frozen\]\n/,
  );
  assert.equal(world.cluster.writes, []);
  const thaw: Request = { verb: "thaw", reason: "done" };
  expectDone(run(world, thaw), "thawed");
  expectDone(run(world, thaw), "thawed");
  expectDone(run(world, deployOf(releaseOf(3))), "live");
  expectDone(run(world, freeze), "frozen");
  expectDone(run(world, ROLLBACK), "rolled-back");
  assert.is(headOf(world.cluster)?.live?.release.id, releaseOf(2).id);
});

verbs("a freeze stops a deploy at every point, and after the thaw the deploy goes on to the same end", () => {
  const world = makeWorld(good, releaseOf(2), true);
  const { stops } = collectStops(world, new ModelDeployer(deployOf(releaseOf(2)), { id: "deployer" }));
  const expected = endState(world.cluster);
  for (const { cluster, watcher, deployer } of stops.filter(({ when }) => when === "before")) {
    const after: World = { cluster, watcher, manners: new Map() };
    expectDone(run(after, { verb: "freeze", reason: "wait" }), "frozen");
    deployer.perform(after);
    const ended = runDeployer(after, deployer);
    assert.is(ended.kind, "blocked");
    expectDone(run(after, { verb: "thaw", reason: "go" }), "thawed");
    expectDone(run(after, deployOf(releaseOf(2))), "live");
    assert.is(endState(after.cluster).replace("thawed", "committed"), expected);
  }
});

verbs("without the approvals that the ring asks for nothing is written, and the report says how to give them", () => {
  const policy = ringPolicySchema.parse({ ...POLICY, approvals: { quorum: 1 } });
  const world = ringWith([1]);
  const ended = run(world, deployOf(releaseOf(2), { signers: "" }), policy);
  assert.is(
    ended.kind === "blocked" && ended.message,
    `r-1da8a0d4 (commit 0000000) is not approved for ring canary: 0 of 1 approvals [not-approved]
  where: approvals of ring canary
  to do: run approve --ring canary for the statement and the command that signs it, then deploy with the approvals`,
  );
  assert.equal(world.cluster.writes, []);
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

const plans = suite("a plan");

plans("is printed as numbered writes and what is waited for", () => {
  const plan = planOf(ringWith([1]), deployOf(releaseOf(2)));
  assert.is(
    tellPlan(plan, "deploy to canary").replaceAll(/manifest [0-9a-f]{8}/g, "manifest M"),
    `deploy to canary: 24 writes
   1. take the ring (lease)
   2. record STABLE -> PREPARED (started r-1da8a0d4 (commit 0000000))
   3. write down: started r-1da8a0d4 (commit 0000000)
   4. create ConfigMap settings-9eb4a4f51c
   5. create Secret key-63d3b71dd3
   6. create Deployment ingest-green without pods
   7. apply Deployment ingest-green at r-1da8a0d4 (commit 0000000), manifest M
   8. scale Deployment ingest-green to 2
   9. create Deployment processor-green without pods
  10. apply Deployment processor-green at r-1da8a0d4 (commit 0000000), manifest M
  11. scale Deployment processor-green to 2
      wait for all pods to be ready
  12. record PREPARED -> STAGED
      wait for the check of the candidate
  13. record STAGED -> SWITCHING
  14. switch Service ingest to green
  15. switch Service processor to green
      wait for the traffic to reach the new pods alone
      wait for the check through the live Services
  16. record SWITCHING -> BAKING (switched r-1da8a0d4 (commit 0000000))
  17. write down: switched r-1da8a0d4 (commit 0000000)
      wait for the bake to be over
  18. record BAKING -> COMMITTING
  19. apply ConfigMap broker
  20. scale Deployment ingest-blue to 0
  21. scale Deployment processor-blue to 0
  22. record COMMITTING -> STABLE (committed r-1da8a0d4 (commit 0000000))
  23. write down: committed r-1da8a0d4 (commit 0000000)
  24. let go of the ring (lease)
r-1da8a0d4 (commit 0000000) is live in ring canary`,
  );
});

plans("of nothing to do has no writes, and of what is refused says why", () => {
  const world = ringWith([1, 2]);
  assert.is(
    tellPlan(planOf(world, deployOf(releaseOf(2))), "deploy"),
    "deploy: 0 writes\nr-1da8a0d4 (commit 0000000) is live in ring canary",
  );
  assert.match(
    tellPlan(planOf(world, deployOf(releaseOf(1))), "deploy"),
    /^deploy: 0 writes\n.* does not contain commit/,
  );
});

plans("equals what is then written, from every point at which another process may have left the ring", () => {
  let compared = 0;
  for (const live of [true, false]) {
    const world = makeWorld(good, releaseOf(2), live);
    const { stops } = collectStops(world, new ModelDeployer(deployOf(releaseOf(2)), { id: "deployer" }));
    for (const request of [deployOf(releaseOf(2)), deployOf(releaseOf(3)), ...(live ? [ROLLBACK] : [])]) {
      for (const { cluster, watcher, summary, when } of stops.filter((stop) => stop.when === "after")) {
        const after: World = { cluster: cluster.clone(), watcher: watcher.copy(), manners: new Map() };
        const plan = planOf(after, request);
        after.cluster.writes = [];
        const ended = runDeployer(after, new ModelDeployer(request, { id: "follower", plan }));
        assert.is(ended.kind, "done");
        assert.equal(after.cluster.writes, listWrites(plan), `${when} ${summary}`);
        compared += 1;
      }
    }
  }
  console.log(`    ${compared} plans compared with what was written`);
  assert.ok(compared > 90);
});

plans("of a deploy that fails is left only for the way back", () => {
  for (const manners of [{ smoke: "fails" }, { probe: "fails" }, { bake: "fails" }] as const) {
    const release = releaseOf(2);
    const world = ringWith([1], new Map([[release.id, manners]]));
    const plan = planOf(world, deployOf(release));
    expectDone(runDeployer(world, new ModelDeployer(deployOf(release), { id: "follower", plan })), "failed");
  }
});

plans("stops a deploy whose ring has changed meanwhile", () => {
  const world = ringWith([1]);
  const plan = planOf(world, deployOf(releaseOf(3)));
  expectDone(run(world, deployOf(releaseOf(2))), "live");
  assert.throws(
    () => runDeployer(world, new ModelDeployer(deployOf(releaseOf(3)), { id: "follower", plan })),
    /^the next write would be "create Deployment|^the next write would be "apply Deployment ingest-blue/,
  );
});

plans("lets a write be tried again, and no other come in between", () => {
  const world = ringWith([1]);
  const plan = planOf(world, deployOf(releaseOf(2)));
  const keeper = new PlanKeeper(plan);
  const [first, second, third] = plan.lines.flatMap((line) => (line.kind === "write" ? [line.action] : []));
  if (first === undefined || second === undefined || third === undefined) throw new Error("the plan is short");
  keeper.check(first);
  keeper.check(first);
  keeper.check(second);
  assert.throws(() => keeper.check(first), /write 3 of the plan/);
  keeper.check(third);
});

/** The writes of a deploy over a live release, and those of the release after it. */
function twoPlans(): { readonly own: readonly Action[]; readonly other: readonly Action[] } {
  const world = ringWith([1]);
  const writesOf = (request: Request) =>
    planOf(world, request).lines.flatMap((line) => (line.kind === "write" ? [line.action] : []));
  return { own: writesOf(deployOf(releaseOf(2))), other: writesOf(deployOf(releaseOf(3))) };
}

plans("are held to by what a write changes, not by the sentence about it", () => {
  const world = ringWith([1]);
  const plan = planOf(world, deployOf(releaseOf(2)));
  const writes = plan.lines.flatMap((line) => (line.kind === "write" ? [line.action] : []));
  const silent = new PlanKeeper(plan);
  for (const action of writes) silent.check({ ...action, summary: "in other words" });
  const [take, begin] = writes;
  if (take === undefined || begin === undefined) throw new Error("the plan is short");
  const held = new PlanKeeper(plan);
  held.check(take);
  for (const summary of ["record STABLE -> ROLLBACK", "record STABLE -> FROZEN", "record X -> Y (failed r-1)"]) {
    const claim = writes.find(({ purpose }) => purpose === "scale");
    if (claim === undefined) throw new Error("nothing is scaled");
    assert.throws(() => held.check({ ...claim, summary }), /^the next write would be ".*", but the plan says/);
  }
  held.check(begin);
});

plans("let a freeze come in between, after which the deploy is no longer held to them", () => {
  const world = ringWith([1]);
  const request = deployOf(releaseOf(2));
  const plan = planOf(world, request);
  const [take, begin, ...others] = plan.lines.flatMap((line) => (line.kind === "write" ? [line.action] : []));
  const last = others.at(-1);
  if (take === undefined || begin?.purpose !== "record" || last === undefined) throw new Error("the plan is short");
  const keeper = new PlanKeeper(plan);
  keeper.check(take);
  keeper.check({ ...begin, from: "STAGED", to: "FROZEN", happening: "frozen" });
  keeper.check(last);
});

plans("tell every write from every other, and the same write of another time from none", () => {
  const { own, other } = twoPlans();
  for (const [index, action] of own.entries()) {
    assert.equal(
      own.flatMap((one, at) => (isSameChange(one, action) ? [at] : [])),
      [index],
      action.summary,
    );
  }
  // All that names the release or its manifests differs; the rest is the same change.
  const same = own.filter((action, index) => other[index] !== undefined && isSameChange(action, other[index]));
  assert.equal([...new Set(same.map(({ purpose }) => purpose))].sort(), [
    "acquire-lease",
    "create-colour",
    "record",
    "release-lease",
    "scale",
    "switch",
  ]);
  assert.ok(same.every((action) => action.purpose !== "record" || action.happening === null));
  const again = planOf(ringWith([1]), deployOf(releaseOf(2))).lines.flatMap((line) =>
    line.kind === "write" ? [line.action] : [],
  );
  assert.ok(again.every((action, index) => own[index] !== undefined && isSameChange(action, own[index])));
});

plans("a record says what it is about in fields", () => {
  const { own } = twoPlans();
  const records = own.flatMap((action) =>
    action.purpose === "record" ? [[action.from, action.to, action.happening].join(" ")] : [],
  );
  assert.equal(records, [
    "STABLE PREPARED started",
    "PREPARED STAGED ",
    "STAGED SWITCHING ",
    "SWITCHING BAKING switched",
    "BAKING COMMITTING ",
    "COMMITTING STABLE committed",
  ]);
});

const calls = suite("kubectl calls");

plans("renders as one kubectl call per write", () => {
  const plan = planOf(ringWith([1]), deployOf(releaseOf(2)));
  const lines = plan.lines.flatMap((line) =>
    line.kind === "write" ? [kubectlCall(line.action, "ns").args.join(" ")] : [],
  );
  assert.equal([...new Set(lines)].sort(), [
    "apply --server-side --namespace=ns --field-manager=slipway --filename=-",
    "apply --server-side --namespace=ns --field-manager=slipway --force-conflicts --filename=-",
    "create --namespace=ns --field-manager=slipway --filename=-",
    "create --namespace=ns --field-manager=slipway-scale --filename=-",
    "patch configmaps/slipway-head --namespace=ns --field-manager=slipway --type=json --patch-file=/dev/stdin",
    "patch deployments.apps/ingest-blue --namespace=ns --field-manager=slipway-scale --type=json --patch-file=/dev/stdin",
    "patch deployments.apps/ingest-green --namespace=ns --field-manager=slipway-scale --type=json --patch-file=/dev/stdin",
    "patch deployments.apps/processor-blue --namespace=ns --field-manager=slipway-scale --type=json --patch-file=/dev/stdin",
    "patch deployments.apps/processor-green --namespace=ns --field-manager=slipway-scale --type=json --patch-file=/dev/stdin",
    "patch leases.coordination.k8s.io/slipway-deploy --namespace=ns --field-manager=slipway --type=json --patch-file=/dev/stdin",
    "patch services/ingest --namespace=ns --field-manager=slipway-switch --type=json --patch-file=/dev/stdin",
    "patch services/processor --namespace=ns --field-manager=slipway-switch --type=json --patch-file=/dev/stdin",
  ]);
});

/** The actions of a plan that are for one purpose. */
function actionsOf(world: World, purpose: string) {
  const plan = planOf(world, deployOf(releaseOf(2)));
  return plan.lines.flatMap((line) => (line.kind === "write" && line.action.purpose === purpose ? [line.action] : []));
}

calls("an event can never be changed, the lease's times have six digits", () => {
  const [event] = actionsOf(ringWith([1]), "event");
  assert.is(event?.call === "create" && event.object["immutable"], true);
  const [lease] = actionsOf(ringWith([]), "acquire-lease");
  const spec = (lease?.call === "create" ? lease.object["spec"] : {}) as Record<string, unknown>;
  assert.match(String(spec["renewTime"]), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  assert.is(spec["acquireTime"], spec["renewTime"]);
});

calls("a colour is born with an epoch and without pods, and applied without a number of pods at all", () => {
  const world = ringWith([1]);
  const [born] = actionsOf(world, "create-colour");
  const object = born?.call === "create" ? born.object : undefined;
  assert.equal(object?.metadata.annotations, { "slipway.dev/epoch": "2" });
  assert.is(((object?.["spec"] ?? {}) as { replicas?: number }).replicas, 0);
  const [applied] = actionsOf(world, "apply-colour");
  const whole = applied?.call === "apply" ? applied.objects[0] : undefined;
  assert.equal(Object.keys((whole?.["spec"] ?? {}) as object).sort(), ["selector", "template"]);
  assert.ok(whole?.metadata["resourceVersion"] !== undefined);
});

calls("the switch tests the epoch and the whole selector, and replaces the whole selector", () => {
  const plan = planOf(ringWith([1]), deployOf(releaseOf(2)));
  const line = plan.lines.find((one) => one.kind === "write" && one.action.purpose === "switch");
  const action = line?.kind === "write" ? line.action : undefined;
  assert.equal(action?.call === "patch" && action.patch, [
    { op: "test", path: "/metadata/annotations/slipway.dev~1epoch", value: "1" },
    { op: "test", path: "/spec/selector", value: { "app.kubernetes.io/name": "ingest", "slipway.dev/colour": "blue" } },
    { op: "add", path: "/metadata/annotations/slipway.dev~1epoch", value: "2" },
    {
      op: "replace",
      path: "/spec/selector",
      value: { "app.kubernetes.io/name": "ingest", "slipway.dev/colour": "green" },
    },
  ]);
  assert.is(pointerPart("a/b~c"), "a~1b~0c");
});

const records = suite("releases and manifests");

records("a release is named by all of its content, in whatever order it is written", () => {
  const release = releaseOf(2);
  assert.is(
    nameRelease({ ...release, services: Object.fromEntries(Object.entries(release.services).reverse()) }).id,
    release.id,
  );
  const others = [
    { ...release, commit: commitOf(3) },
    { ...release, author: "eve@example.org" },
    { ...release, commitTime: "2025-01-03T00:00:00.000Z" },
    { ...release, services: { ingest: release.services["ingest"] ?? { name: "", digest: "" } } },
  ];
  assert.is(new Set([release, ...others.map(nameRelease)].map(({ id }) => id)).size, 5);
  assert.is(
    canonicalJson({ b: [1, undefined, { d: null, c: undefined }], a: "é" }),
    '{"a":"é","b":[1,null,{"d":null}]}',
  );
});

records("a release file that was edited or is none is refused with every problem", () => {
  const release = releaseOf(2);
  assert.equal(readRelease(JSON.stringify(release)), release);
  assert.throws(
    () => readRelease(JSON.stringify({ ...release, author: "eve" })),
    /^the release calls itself r-1da8a0d4\w+, but its content is r-/,
  );
  assert.throws(
    () => readRelease(JSON.stringify({ ...release, commit: "main", services: {}, x: 1 }), "release.json"),
    /^this is not a release \[bad-release\]:\n {2}commit: expected the full commit hash; found "main"\n {2}services: expected at least one service; found an empty mapping\n {2}x: unknown; expected one of version, .*\n {2}where: release.json\n {2}to do: take the file/,
  );
  assert.throws(() => readRelease("{"), /^this is not a release \[bad-release\]:\n {2}this is not JSON: /);
});

records("manifests that do not fit the release are refused with every problem", () => {
  const release = releaseOf(2);
  const objects = manifestObjects(release).filter(
    ({ kind, metadata }) => !(kind === "Service" && metadata.name === "ingest"),
  );
  const renamed = objects.map((object) =>
    object.kind === "Deployment" && object.metadata.name === "processor"
      ? { ...object, spec: { template: { spec: { containers: [{ name: "app" }, { name: "proxy" }] } } } }
      : object,
  );
  assert.throws(
    () =>
      sortManifests(
        [...renamed, { apiVersion: "v1", kind: "Service", metadata: { name: "ingest-blue" } }],
        release,
        RING,
      ),
    /^the manifests do not fit the release \[bad-manifest\]:\n {2}expected one Service ingest, found 0\n {2}ingest-blue is a name that Slipway gives itself\n {2}Deployment processor has no container processor, but app, proxy\n {2}where: manifests of ring canary/,
  );
});

records("what is applied to the live Service has no selector, and to a colour no replicas", () => {
  const { cluster } = ringWith([1]);
  const manifests = sortManifests(manifestObjects(releaseOf(1)), releaseOf(1), RING);
  const service = manifests.base.find(({ kind, metadata }) => kind === "Service" && metadata.name === "ingest");
  assert.equal(service?.["spec"], { ports: [{ port: 8080, nodePort: 30_000 }] });
  const blue = manifests.base.find(({ kind, metadata }) => kind === "Service" && metadata.name === "ingest-blue");
  assert.equal(blue?.["spec"], {
    selector: { "app.kubernetes.io/name": "ingest", "slipway.dev/colour": "blue" },
    ports: [{ port: 8080 }],
  });
  const spec = cluster.get("Deployment", "ingest-blue")?.["spec"] as Record<string, unknown>;
  assert.equal(spec["selector"], { matchLabels: { "app.kubernetes.io/name": "ingest", "slipway.dev/colour": "blue" } });
  const { template } = spec as { template: { metadata: unknown; spec: unknown } };
  const digest = releaseOf(1).services["ingest"]?.digest;
  assert.equal(template, {
    metadata: {
      labels: {
        app: "ingest",
        "app.kubernetes.io/name": "ingest",
        "slipway.dev/colour": "blue",
        "slipway.dev/ring": "canary",
        "slipway.dev/release": releaseOf(1).id,
      },
    },
    spec: {
      volumes: [{ name: "key", secret: { secretName: "key-53d60b8946" } }],
      initContainers: [
        {
          name: "wait",
          image: `registry.example/ingest@${digest}`,
          envFrom: [{ configMapRef: { name: "settings-36267c2274" } }],
        },
      ],
      containers: [
        {
          name: "ingest",
          image: `registry.example/ingest@${digest}`,
          envFrom: [{ configMapRef: { name: "settings-36267c2274" } }],
          env: [
            { name: "A", value: "b" },
            { name: "SLIPWAY_RING", value: "canary" },
            { name: "SLIPWAY_COLOUR", value: "blue" },
            { name: "SLIPWAY_RELEASE", value: releaseOf(1).id },
          ],
        },
      ],
    },
  });
});

verbs.run();
drifts.run();
plans.run();
calls.run();
records.run();
