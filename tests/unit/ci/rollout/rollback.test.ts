/** The way back when the old colour is not as it was: what moves, how long it takes, and what is said. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { deployOf, POLICY, ROLLBACK, releaseOf } from "./fixtures.ts";
import { eventsOf, headOf, Watcher } from "./invariants.ts";
import { ModelCluster } from "./model-cluster.ts";
import { type Ended, ModelDeployer, runDeployer, type World } from "./model-deployer.ts";
import type { Behaviour } from "./model-pods.ts";
import { collectStops, expectDone, makeWorld, tellStop, withPlace, worldAt } from "./scenarios.ts";

const old = releaseOf(1);
const live = releaseOf(2);
const good = { name: "good", outcome: "live" } as const;
let number = 0;

/** For rings whose live colour somebody has taken pods from: the watcher would complain about that. */
const BLIND = { watch: () => undefined, copy: () => BLIND } as unknown as Watcher;

function run(world: World): Ended {
  number += 1;
  return runDeployer(world, new ModelDeployer(ROLLBACK, { id: `back-${number}` }));
}

/** Release 2 is live, release 1 is what to go back to, and its pods are gone. */
function ring(): World {
  const world: World = { cluster: new ModelCluster(), watcher: new Watcher(POLICY), manners: new Map() };
  for (const release of [old, live])
    expectDone(runDeployer(world, new ModelDeployer(deployOf(release), { id: release.id })), "live");
  for (let ticks = 0; ticks < 5; ticks += 1) world.cluster.tick();
  world.cluster.writes = [];
  return world;
}

function behave(world: World, service: string, behaviour: Behaviour): void {
  world.cluster.behaviours.set(old.services[service]?.digest ?? "", behaviour);
}

/** The colours that the live Services select. */
function selected({ cluster }: World): (string | undefined)[] {
  return Object.keys(live.services).map((name) => {
    const spec = cluster.get("Service", name)?.["spec"] as { selector?: Record<string, string> } | undefined;
    return spec?.selector?.["slipway.dev/colour"];
  });
}

function holder({ cluster }: World): unknown {
  const spec = cluster.get("Lease", "slipway-deploy")?.["spec"] as { holderIdentity?: string } | undefined;
  return spec?.holderIdentity;
}

/** What was said, with the numbers of pods taken out. */
function said(ended: Ended): string {
  const text = ended.kind === "done" ? `${ended.outcome}: ${ended.report}` : `${ended.code}: ${ended.message}`;
  return text.replaceAll(/-(blue|green)-\d+/g, "-$1-N");
}

const back = suite("a rollback");

back("whose old colour does not come up says why, lets the ring go, and goes on when called again", () => {
  const world = ring();
  behave(world, "processor", "never-ready");
  const began = world.cluster.nowMs;
  assert.is(
    said(run(world)),
    `drift: ring canary cannot go back to r-35caabec (commit 0000000): processor: no pod of the old colour is ready [drift]
    Deployment processor-blue: 0 of 2 pods available, 2 updated, 2 in all (processor-blue-N not ready; processor-blue-N not ready)
    not done within 60 seconds
    why it goes back: it smells
  where: ring canary, phase ROLLBACK
  to do: fix that and run the same command again: it continues from here`,
  );
  const took = world.cluster.nowMs - began;
  assert.ok(took >= 60_000 && took < 70_000, String(took));
  assert.is(holder(world), "");
  assert.equal(selected(world), ["green", "green"]);
  assert.is(headOf(world.cluster)?.phase, "ROLLBACK");
  behave(world, "processor", "good");
  expectDone(run(world), "rolled-back");
  assert.equal(selected(world), ["blue", "blue"]);
});

const hopeless: [Behaviour, RegExp][] = [
  ["pull-fails", /: pod processor-blue-N: ImagePullBackOff: back-off registry.example/],
  ["crash-loops", /: pod processor-blue-N: CrashLoopBackOff: back-off registry.example/],
  ["init-crashes", /: pod processor-blue-N: CrashLoopBackOff: init container migrate: back-off /],
  ["fits-nowhere", /: pod processor-blue-N: Unschedulable: 0\/1 nodes fit \(waited 30 seconds/],
  ["lacks-secret", /: pod processor-blue-N: CreateContainerConfigError: back-off .* \(waited 30 seconds/],
  ["lacks-volume", /: pod processor-blue-N: FailedMount: MountVolume.SetUp failed .* \(waited 30 seconds/],
  ["node-refuses", /: pod processor-blue-N: OutOfcpu: the node has no room .*; \d+ pods have ended like this/],
];

for (const [behaviour, words] of hopeless) {
  back(`does not wait for its deadline when the old colour has no hope: ${behaviour}`, () => {
    const world = ring();
    behave(world, "processor", behaviour);
    const began = world.cluster.nowMs;
    const ended = run(world);
    assert.match(said(ended), words);
    assert.match(said(ended), /^drift: ring canary cannot go back to .*: pod processor-blue-N: /);
    assert.ok(world.cluster.nowMs - began < 50_000, String(world.cluster.nowMs - began));
    assert.is(holder(world), "");
    assert.equal(selected(world), ["green", "green"]);
  });
}

back("into a quota without room tells it in the API server's words", () => {
  const world = ring();
  world.cluster.quota = 4;
  assert.match(
    said(run(world)),
    /^drift: ring canary cannot go back to .*: Deployment ingest-blue: FailedCreate: pods "ingest-blue-x" is forbidden: exceeded quota: few, requested: pods=1, used: pods=4, limited: pods=4 \(waited 30 seconds for it to be fixed\) \[drift\]\n/,
  );
  assert.equal(selected(world), ["green", "green"]);
});

back(
  "into a quota with room for some moves the traffic to them, and finds room for the rest when the other colour is gone",
  () => {
    const world = ring();
    world.cluster.quota = 7;
    const began = world.cluster.nowMs;
    expectDone(run(world), "rolled-back");
    assert.equal(selected(world), ["blue", "blue"]);
    assert.ok(world.cluster.nowMs - began < 60_000);
    assert.is(world.cluster.pods().filter(({ ready }) => ready).length, 4);
  },
);

back("whose old colour only comes up in part moves the traffic all the same, and ends with what is missing", () => {
  const world = ring();
  behave(world, "ingest", "half-ready");
  const began = world.cluster.nowMs;
  assert.is(
    said(run(world)),
    `failed: r-35caabec (commit 0000000) is live in ring canary again, but not all of it is up:
    Deployment ingest-blue: 1 of 2 pods available, 2 updated, 2 in all (ingest-blue-N not ready)`,
  );
  assert.ok(world.cluster.nowMs - began < 160_000, String(world.cluster.nowMs - began));
  assert.equal(selected(world), ["blue", "blue"]);
  assert.is(headOf(world.cluster)?.phase, "STABLE");
  assert.is(headOf(world.cluster)?.live?.release.id, old.id);
  assert.is(eventsOf(world.cluster).at(-1)?.kind, "rolled-back");
  assert.is(holder(world), "");
});

/** How many pods of the old colour are ready at each moment before such a write. */
function readyBefore(world: World, write: string): { readonly ended: Ended; readonly ready: readonly number[] } {
  const ready: number[] = [];
  const ended = runDeployer(world, new ModelDeployer(ROLLBACK, { id: "counted" }), ({ when, summary, cluster }) => {
    if (when !== "before" || !summary.startsWith(write)) return;
    ready.push(cluster.pods().filter((pod) => pod.deployment.endsWith("-blue") && pod.ready).length);
  });
  return { ended, ready };
}

back("gives a colour that was idle no traffic before all of its pods are up", () => {
  const { ended, ready } = readyBefore(ring(), "switch Service");
  expectDone(ended, "rolled-back");
  assert.equal(ready, [4, 4]);
});

back("is not through before all pods are up, or no more of them come up", () => {
  const world = ring();
  world.cluster.quota = 7;
  const { ended, ready } = readyBefore(world, "record ROLLBACK -> STABLE");
  expectDone(ended, "rolled-back");
  assert.equal(ready, [4]);
});

back("waits for the one pod of a service that may still come up, and moves the traffic to it", () => {
  const world = ring();
  behave(world, "ingest", "half-crashes");
  assert.match(said(run(world)), /^failed: .* is live in ring canary again, but not all of it is up:\n/);
  assert.equal(selected(world), ["blue", "blue"]);
});

back("that is through waits for a pod that goes away in just this moment", () => {
  const world = ring();
  let taken = 0;
  const ended = runDeployer(world, new ModelDeployer(ROLLBACK, { id: "through" }), ({ when, summary }) => {
    if (when !== "after" || !summary.startsWith("record ROLLBACK -> STABLE")) return;
    const pod = world.cluster.pods().find(({ deployment, ready }) => deployment === "ingest-blue" && ready);
    if (pod !== undefined) world.cluster.evict(pod.name);
    world.cluster.tick();
    taken += 1;
  });
  assert.is(taken, 1);
  expectDone(ended, "rolled-back");
  const serving = world.cluster.pods().filter(({ deployment, ready }) => deployment.endsWith("-blue") && ready);
  assert.is(serving.length, 4);
});

back("moves the traffic whatever dead pods lie in either colour", () => {
  const world = ring();
  for (const colour of ["blue", "green"]) {
    const labels = { "app.kubernetes.io/name": "ingest", "slipway.dev/colour": colour };
    world.cluster.leaveDead(`ingest-${colour}`, labels, `registry.example/ingest@sha256:${"e".repeat(64)}`);
    world.cluster.leaveDead(`ingest-${colour}`, labels, `registry.example/ingest@${old.services["ingest"]?.digest}`);
  }
  const began = world.cluster.nowMs;
  expectDone(run(world), "rolled-back");
  assert.ok(world.cluster.nowMs - began < 30_000);
  assert.equal(selected(world), ["blue", "blue"]);
});

back("from the bake, when the old colour has lost its pods meanwhile, says both: why not, and why it goes back", () => {
  const world = makeWorld(good, live, true);
  const { stops } = collectStops(world, new ModelDeployer(deployOf(live), { id: "deployer" }));
  const baking = stops.find(({ summary, when }) => summary.startsWith("record: switched") && when === "after");
  if (baking === undefined) throw new Error("it did not bake");
  const after: World = { ...worldAt(baking, new Map()), watcher: BLIND };
  after.cluster.quota = 0;
  for (const { name, deployment } of after.cluster.pods()) if (deployment === "ingest-blue") after.cluster.evict(name);
  after.cluster.tick();
  assert.match(
    said(run(after)),
    /^drift: ring canary cannot go back to .*: Deployment ingest-blue: FailedCreate: .* exceeded quota.*\n {4}why it goes back: it smells\n/,
  );
  assert.is(holder(after), "");
});

const ending = suite("what a run came to");

ending("stays what it was when another one takes the ring right after it was let go", () => {
  let tried = 0;
  for (const request of [deployOf(live), ROLLBACK]) {
    const world = request.verb === "deploy" ? makeWorld(good, live, true) : ring();
    const { ended, stops } = collectStops(world, new ModelDeployer(request, { id: "first" }));
    const letGo = stops.at(-1);
    if (letGo === undefined) throw new Error("nothing was written");
    assert.is(letGo.summary, "give up the ring (lease)");
    const next = worldAt(letGo, world.manners);
    const second = collectStops(next, new ModelDeployer(deployOf(releaseOf(3)), { id: "second" }));
    for (const stop of second.stops) {
      withPlace(tellStop(stop), () => {
        assert.equal(runDeployer(worldAt(stop, world.manners), letGo.deployer.clone()), ended);
        tried += 1;
      });
    }
  }
  assert.ok(tried > 60, String(tried));
});

ending("is told whatever time passes between its decision and the answer to letting go", () => {
  const world = ring();
  behave(world, "processor", "never-ready");
  const { ended, stops } = collectStops(world, new ModelDeployer(ROLLBACK, { id: "late" }));
  const letGo = stops.at(-1);
  if (letGo === undefined) throw new Error("nothing was written");
  letGo.cluster.tick(600_000);
  behave({ ...world, cluster: letGo.cluster }, "processor", "good");
  for (let ticks = 0; ticks < 9; ticks += 1) letGo.cluster.tick();
  assert.equal(runDeployer(worldAt(letGo, world.manners), letGo.deployer), ended);
});

back.run();
ending.run();
