/** A deployer that changes Deployments in place, killed at every write, before and after, and followed by others. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { listStaying, type Release } from "../../../../ci/src/rollout/release.ts";
import type { Request } from "../../../../ci/src/rollout/request.ts";
import { foundObjects, type Manners, ROLLBACK, ROLLING, releaseOf, rollingDeployOf, type Shape } from "./fixtures.ts";
import { headOf, looked, Watcher } from "./invariants.ts";
import { ModelCluster } from "./model-cluster.ts";
import { ModelDeployer, runDeployer, type Stop, type World, worldAt } from "./model-deployer.ts";
import type { Behaviour } from "./model-pods.ts";
import { expectDone, tellStop, withPlace } from "./scenarios.ts";
import { oneIn } from "./thorough.ts";
import { rollingEnd } from "./watch-rolling.ts";

interface Scenario {
  readonly name: string;
  readonly manners?: Manners;
  readonly image?: Behaviour;
  readonly shape?: Shape;
  readonly outcome: "live" | "failed";
}

const SCENARIOS: readonly Scenario[] = [
  { name: "a good release", outcome: "live" },
  { name: "a release that answers wrongly", manners: { probe: "fails" }, outcome: "failed" },
  { name: "a release that fails in the bake", manners: { bake: "fails" }, outcome: "failed" },
  { name: "an image that cannot be pulled", image: "pull-fails", outcome: "failed" },
  { name: "an image that crash-loops", image: "crash-loops", outcome: "failed" },
  { name: "an image of which one pod never becomes ready", image: "half-ready", outcome: "failed" },
  { name: "a container that lacks a secret", image: "lacks-secret", outcome: "failed" },
  { name: "a good release with a worker", shape: "worker", outcome: "live" },
  {
    name: "a release of workers alone that fails in the bake",
    shape: "workers",
    manners: { bake: "fails" },
    outcome: "failed",
  },
  { name: "a good release with a job", shape: "job", outcome: "live" },
  { name: "a job that fails", shape: "job", image: "crash-loops", outcome: "failed" },
];

/** What is in the ring before: nothing, what kubectl has made, or a release. */
const RINGS = ["empty", "found", "live"] as const;

function makeWorld({ shape, image, manners }: Scenario, ring: (typeof RINGS)[number], release: Release): World {
  const world: World = {
    cluster: new ModelCluster(),
    watcher: new Watcher(ROLLING),
    manners: new Map([[release.id, manners ?? {}]]),
  };
  const { cluster } = world;
  const bad = Object.values(release.services).at(-1)?.digest;
  if (bad !== undefined && image !== undefined) cluster.behaviours.set(bad, image);
  if (ring === "empty") return world;
  const first = releaseOf(1, listStaying(release).length, shape);
  if (ring === "live") expectDone(runDeployer(world, deployer(rollingDeployOf(first), "run-0")), "live");
  for (const object of ring === "live" ? [] : foundObjects(first))
    cluster.execute({ purpose: "apply-base", summary: "kubectl apply", call: "create", manager: "slipway", object });
  for (let ticks = 0; ticks < 8; ticks += 1) cluster.tick();
  world.watcher.watch(cluster);
  cluster.writes = [];
  return world;
}

function deployer(request: Request, id: string): ModelDeployer {
  return new ModelDeployer(request, { id, policy: ROLLING });
}

function endOf(world: World, request: Request, id: string): string {
  const ended = runDeployer(world, deployer(request, id));
  return `${ended.kind === "done" ? ended.outcome : ended.code} ${rollingEnd(world.cluster, headOf(world.cluster))}`;
}

function at(stop: Stop, what: () => void): void {
  withPlace(tellStop(stop), what);
}

const kill = suite("a deployer that changes Deployments in place, and is killed");
const counts = { resumed: 0, rolledBack: 0, twice: 0, slept: 0 };

/** Unless all are wanted, of the stops: in each scenario others. */
const EVERY = 8;
/** The same, for the first of two crashes, among those. */
const EVERY_FIRST = 24;

for (const [index, scenario] of SCENARIOS.entries())
  for (const ring of RINGS) {
    const release = releaseOf(2, 2, scenario.shape);
    const request = rollingDeployOf(release);

    kill(`${scenario.name}, ring ${ring}: whoever goes on comes to the same end`, () => {
      const world = makeWorld(scenario, ring, release);
      const stops: Stop[] = [];
      expectDone(
        runDeployer(world, deployer(request, "run-1"), (stop) => stops.push(stop)),
        scenario.outcome,
      );
      const expected = `${scenario.outcome} ${rollingEnd(world.cluster, headOf(world.cluster))}`;
      assert.ok(stops.length > 10, String(stops.length));
      for (const stop of oneIn(EVERY, stops, index))
        at(stop, () => {
          const after = worldAt(stop, world.manners);
          // With nothing to go back to, a release that fails in the bake stays, and is not deployed twice.
          assert.is(endOf(after, request, "run-2").replace(/^unverified-live/, "failed"), expected);
          counts.resumed += 1;
          if (scenario.outcome === "live") {
            after.cluster.writes = [];
            expectDone(runDeployer(after, deployer(request, "run-3")), "live");
            assert.equal(after.cluster.writes, [], "the run after that writes nothing");
          }
          if (!oneIn(EVERY_FIRST, stops, index).includes(stop)) return;
          const second: Stop[] = [];
          runDeployer(worldAt(stop, world.manners), deployer(request, "run-2"), (one) => second.push(one));
          for (const one of oneIn(EVERY, second, index + 1))
            at(one, () => {
              assert.is(
                endOf(worldAt(one, world.manners), request, "run-3").replace(/^unverified-live/, "failed"),
                expected,
              );
              counts.twice += 1;
            });
        });
    });

    kill(`${scenario.name}, ring ${ring}: another process can roll back from every state`, () => {
      const world = makeWorld(scenario, ring, release);
      const before = comparable(rollingEnd(world.cluster, headOf(world.cluster)));
      const stops: Stop[] = [];
      runDeployer(world, deployer(request, "run-1"), (stop) => stops.push(stop));
      for (const stop of oneIn(EVERY, stops, index))
        at(stop, () => {
          const after = worldAt(stop, world.manners);
          const got = endOf(after, ROLLBACK, "run-2");
          counts.rolledBack += 1;
          if (ring !== "empty") assert.is(comparable(got), `rolled-back ${before}`);
          else assert.match(got, /^(rolled-back|nothing-to-go-back-to) /);
          after.cluster.writes = [];
          endOf(after, ROLLBACK, "run-3");
          if (got.startsWith("rolled-back"))
            assert.equal(after.cluster.writes, [], "rolling back twice writes nothing more");
        });
    });
  }

for (const ring of RINGS)
  kill(`a good release, ring ${ring}: who slept before a write changes nothing when a newer release has come`, () => {
    const scenario: Scenario = { name: "", outcome: "live" };
    const world = makeWorld(scenario, ring, releaseOf(2));
    const stops: Stop[] = [];
    runDeployer(world, deployer(rollingDeployOf(releaseOf(2)), "run-1"), (stop) => stops.push(stop));
    const sleepers = stops.filter(({ when }) => when === "before");
    for (const stop of oneIn(3, sleepers, 0))
      at(stop, () => {
        const after = worldAt(stop, world.manners);
        expectDone(runDeployer(after, deployer(rollingDeployOf(releaseOf(3)), "run-2")), "live");
        const end = rollingEnd(after.cluster, headOf(after.cluster));
        const late = stop.deployer.clone();
        late.perform(after);
        runDeployer(after, late);
        counts.slept += 1;
        // A copy that nobody reads goes with the next verb.
        const withoutOrphans = (text: string) => text.replace(/"orphans":\[[^\]]*\],/, "");
        assert.is(withoutOrphans(rollingEnd(after.cluster, headOf(after.cluster))), withoutOrphans(end));
      });
  });

/** The last event may be any, and which jobs have succeeded; and before a release nothing was kept. */
function comparable(state: string): string {
  return state
    .replace(/"last":"[a-z-]+",/, "")
    .replace(/"phase":"STABLE",/, "")
    .replace(/"kept":\[[^\]]*\],/, "")
    .replace(/"jobs":\[[^\]]*\],/, "");
}

kill("prints what it went through", () => {
  console.log(
    `    killed once: ${counts.resumed} resumed, ${counts.rolledBack} rolled back; twice: ${counts.twice}; slept: ${counts.slept}`,
  );
  console.log(`    invariants looked at: ${JSON.stringify(looked)}`);
  for (const invariant of ["in place", "kept", "serves", "answers", "pods stay", "turned", "reads", "I5", "fence"])
    assert.ok((looked[invariant] ?? 0) > 100, invariant);
});

kill.run();
