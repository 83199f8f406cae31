/** Two deployers at once, and one that was paused and wakes up when another has long taken over. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Request } from "../../../../ci/src/rollout/request.ts";
import { deployOf, type Manners, POLICY, ROLLBACK, releaseOf, type Shape } from "./fixtures.ts";
import { endState, headOf, Watcher } from "./invariants.ts";
import { ModelCluster } from "./model-cluster.ts";
import { type Ended, ModelDeployer, runDeployer, type Stop, type World, worldAt } from "./model-deployer.ts";
import { collectStops, expectDone, makeWorld, SCENARIOS, tellStop, withPlace } from "./scenarios.ts";
import { isThorough, oneIn } from "./thorough.ts";
import { listOrphans } from "./watch-reads.ts";

const zombie = suite("a deployer that was paused");
/** Unless all are wanted: one pause before each kind of write; and the sleeper wakes at one point in sixteen. */
function choose(stops: readonly Stop[]): Stop[] {
  const before = stops.filter(({ when }) => when === "before");
  if (isThorough) return before;
  const kindOf = ({ summary }: Stop) =>
    summary.replace(/ (ingest|processor|dashboard)[-a-z]*/, "").replace(/ at r-.*/, "");
  return before.filter((stop, index) => before.findIndex((other) => kindOf(other) === kindOf(stop)) === index);
}
const counts = { woken: 0, fenced: 0, refused: 0, interleaved: 0 };
const release = releaseOf(2);
const good = { name: "good", outcome: "live" } as const;

function listOthers(shape: Shape): [string, Request][] {
  return [
    ["the same release goes on", deployOf(releaseOf(2, 2, shape))],
    ["a newer release replaces it", deployOf(releaseOf(3, 2, shape))],
    ["somebody rolls back", ROLLBACK],
  ];
}

/** Lets a paused deployer do what it had decided on, and go on until it sees that it is late. */
function wake(world: World, sleeper: ModelDeployer): Ended {
  const refusedBefore = world.cluster.refused;
  sleeper.perform(world);
  const ended = runDeployer(world, sleeper);
  counts.woken += 1;
  counts.refused += world.cluster.refused - refusedBefore;
  if (ended.kind === "blocked" && ended.code === "fenced") counts.fenced += 1;
  return ended;
}

/**
 * The state without the last event: a write of the sleeper may still have come in between the two takings. And without
 * what it may have made that nobody reads or starts, which the next verb sweeps away.
 */
function restOf({ cluster }: World): string {
  return endState(cluster)
    .replace(/"last":"[a-z-]+"/, "")
    .replace(/"orphans":\[[^\]]*\],/, "")
    .replaceAll(/"of (?:another|the live release): (?:Complete)?",?/g, "");
}

function epochOf({ cluster }: World): number {
  return (
    (cluster.get("Lease", "slipway-deploy")?.["spec"] as { leaseTransitions?: number } | undefined)?.leaseTransitions ??
    0
  );
}

const cases = (["services", "worker and job"] as const).flatMap((shape) =>
  listOthers(shape).map(([name, request]) => ({ shape, name, request })),
);

for (const { shape, name, request } of cases) {
  for (const live of [true, false]) {
    if (!live && (request.verb === "rollback" || shape !== "services")) continue;
    zombie(
      `with ${shape} harms nothing when ${name}, ${live ? "over a live release" : "in an empty ring"}, whenever it wakes`,
      () => {
        const own = releaseOf(2, 2, shape);
        const world = makeWorld({ ...good, shape }, own, live);
        const { stops } = collectStops(world, new ModelDeployer(deployOf(own), { id: "sleeper" }));
        for (const stop of choose(stops)) {
          withPlace(tellStop(stop).replace("killed", "paused"), () => {
            const taken = worldAt(stop, world.manners);
            const second = collectStops(taken, new ModelDeployer(request, { id: "second" }));
            const expected = restOf(taken);
            const done = JSON.stringify(second.ended);
            for (const at of [...oneIn(16, second.stops, 0), undefined]) {
              withPlace(at === undefined ? "woken at the end" : `woken when the other was ${tellStop(at)}`, () => {
                const woken = at === undefined ? taken : worldAt(at, world.manners);
                const epoch = stop.deployer.run.epoch ?? 0;
                const overtaken = epochOf(woken) > epoch;
                const slept = wake(woken, stop.deployer.clone());
                // Not yet a holder, or still the only one: it may go on, and the other has to see that.
                if (stop.write === 0 || !overtaken) {
                  if (slept.kind === "done") assert.is(headOf(woken.cluster)?.phase, "STABLE");
                  return;
                }
                assert.is(slept.kind === "blocked" ? slept.code : JSON.stringify(slept), "fenced");
                if (at === undefined) {
                  runDeployer(woken, new ModelDeployer(request, { id: "after" }));
                  assert.equal(listOrphans(woken.cluster, headOf(woken.cluster)), []);
                  assert.not.match(endState(woken.cluster), /: "/, "a Job that never ran is left");
                  return;
                }
                const ended = runDeployer(woken, at.deployer.clone());
                assert.is(JSON.stringify(ended), done);
                assert.is(restOf(woken), expected);
              });
            }
          });
        }
      },
    );
  }
}

zombie("that was itself taking over lowers no fence of the one who came after", () => {
  const world = makeWorld(good, release, true);
  const { stops } = collectStops(world, new ModelDeployer(deployOf(release), { id: "first" }));
  let claims = 0;
  for (const stop of stops.filter(({ when, summary }) => when === "after" && /^(scale|switch)/.test(summary))) {
    const second = collectStops(worldAt(stop, world.manners), new ModelDeployer(deployOf(release), { id: "sleeper" }));
    for (const at of second.stops.filter(({ when, summary }) => when === "before" && summary.startsWith("claim"))) {
      withPlace(`${tellStop(stop)}, then paused: ${tellStop(at)}`, () => {
        const taken = worldAt(at, world.manners);
        expectDone(runDeployer(taken, new ModelDeployer(deployOf(release), { id: "third" })), "live");
        const ended = wake(taken, at.deployer.clone());
        assert.is(ended.kind === "blocked" && ended.code, "fenced");
        claims += 1;
      });
    }
  }
  assert.ok(claims > 8, String(claims));
});

zombie("starts no job of a release that somebody takes down, whenever it wakes", () => {
  const own = releaseOf(2, 2, "job");
  const world = makeWorld({ ...good, shape: "job" }, own, true);
  const { stops } = collectStops(world, new ModelDeployer(deployOf(own), { id: "sleeper" }));
  const paused = stops.find(({ when, summary }) => when === "before" && summary.startsWith("start Job"));
  assert.ok(paused);
  const runsBefore = paused.cluster.jobRuns.length;
  for (const request of [ROLLBACK, deployOf(releaseOf(3, 2, "services"))]) {
    const second = collectStops(worldAt(paused, world.manners), new ModelDeployer(request, { id: "second" }));
    for (const at of second.stops) {
      withPlace(`woken when the other was ${tellStop(at)}`, () => {
        const woken = worldAt(at, world.manners);
        wake(woken, paused.deployer.clone());
        runDeployer(woken, at.deployer.clone());
        const overtaken = at.write > 2;
        if (overtaken) assert.is(woken.cluster.jobRuns.length, runsBefore);
      });
    }
  }
});

zombie("of an older release never overwrites the newer one, wherever both are", () => {
  const older = deployOf(release);
  const newer = deployOf(releaseOf(3));
  const world = makeWorld(good, release, true);
  const { stops } = collectStops(world, new ModelDeployer(newer, { id: "newer" }));
  for (const stop of stops) {
    withPlace(tellStop(stop), () => {
      const after = worldAt(stop, world.manners);
      const ended = runDeployer(after, new ModelDeployer(older, { id: "older" }));
      const started = stop.write > 1 || (stop.write === 1 && stop.when === "after");
      if (!started) return expectDone(ended, "live");
      assert.is(ended.kind === "blocked" && ended.code, "not-newer");
      expectDone(runDeployer(after, new ModelDeployer(newer, { id: "again" })), "live");
    });
  }
});

zombie("and others, in any order of their steps, leave a ring that a last run brings to rest", () => {
  fc.assert(
    fc.property(
      fc.constantFrom<Shape>("services", "worker and job"),
      fc.array(fc.nat(3), { minLength: 2, maxLength: 4 }),
      fc.array(fc.record({ who: fc.nat(3), what: fc.constantFrom("look", "perform", "both", "both", "both", "die") }), {
        maxLength: 150,
      }),
      fc.subarray([2, 3, 4]),
      (shape, verbs, moves, bad) => {
        const of = (number: number) => releaseOf(number, 2, shape);
        const requests: Request[] = [...[2, 3, 4].map((number) => deployOf(of(number))), ROLLBACK];
        const manners = new Map<string, Manners>(
          bad.map((number, index) => [of(number).id, index % 2 === 0 ? { bake: "fails" } : { smoke: "fails" }]),
        );
        const cluster = new ModelCluster();
        const world: World = { cluster, watcher: new Watcher(POLICY), manners };
        expectDone(runDeployer(world, new ModelDeployer(deployOf(of(1)), { id: "first" })), "live");
        const make = (index: number, life: number) =>
          new ModelDeployer(requests[verbs[index] ?? 0] ?? ROLLBACK, { id: `run-${index}-${life}` });
        const running = verbs.map((_, index) => make(index, 0));
        for (const [life, { who, what }] of moves.entries()) {
          const deployer = running[who % running.length];
          if (deployer === undefined) continue;
          if (what === "die") running[who % running.length] = make(who % running.length, life + 1);
          else {
            if (what !== "perform" && deployer.pending === undefined) deployer.look(world);
            if (what !== "look") deployer.perform(world);
          }
        }
        const last = deployOf(of(9));
        expectDone(runDeployer(world, new ModelDeployer(last, { id: "last" })), "live");
        for (const deployer of running) {
          deployer.perform(world);
          runDeployer(world, deployer);
        }
        assert.is(headOf(cluster)?.phase, "STABLE");
        counts.interleaved += 1;
      },
    ),
    { numRuns: Number(process.env["SLIPWAY_INTERLEAVINGS"] ?? (isThorough ? 500 : 40)) },
  );
});

zombie("that fails its gate is still only one of them", () => {
  const scenario = SCENARIOS.find(({ manners }) => manners?.bake === "fails") ?? good;
  const world = makeWorld(scenario, release, true);
  const { stops } = collectStops(world, new ModelDeployer(deployOf(release), { id: "sleeper" }));
  const last = stops.filter(({ when }) => when === "before");
  for (const stop of last) {
    withPlace(tellStop(stop), () => {
      const taken = worldAt(stop, world.manners);
      expectDone(runDeployer(taken, new ModelDeployer(deployOf(releaseOf(3)), { id: "second" })), "live");
      wake(taken, stop.deployer.clone());
      assert.is(headOf(taken.cluster)?.live?.release.id, releaseOf(3).id);
    });
  }
});

zombie("prints what was tried", () => {
  const { woken, fenced, refused, interleaved } = counts;
  console.log(
    `    woken ${woken} times: ${fenced} stopped at the fence, ${refused} late writes refused; ${interleaved} random interleavings`,
  );
  assert.ok(fenced > 300 && refused > 100);
});

zombie.run();
