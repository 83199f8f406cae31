/** A deployer killed at every write, before and after, and followed by another process. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { deployOf, ROLLBACK, releaseOf } from "./fixtures.ts";
import { endState, looked } from "./invariants.ts";
import { ModelDeployer, runDeployer, type Stop } from "./model-deployer.ts";
import {
  collectStops,
  deployIn,
  expectDone,
  listDifferent,
  makeWorld,
  releaseIn,
  resume,
  SCENARIOS,
  type Scenario,
  tellStop,
  withPlace,
  worldAt,
} from "./scenarios.ts";
import { isThorough, oneIn } from "./thorough.ts";

const kill = suite("a deployer that is killed");
const counts = { resumed: 0, rolledBack: 0 };

/**
 * Unless all are wanted: of the different stops one in four, in each scenario and by the other verb others. With autoscalers one
 * in two, since few writes move pods.
 */
function choose(stops: readonly Stop[], { autoscaled }: Scenario, at: number): readonly Stop[] {
  return isThorough ? stops : oneIn(autoscaled ? 2 : 4, listDifferent(stops), at);
}

for (const [at, scenario] of SCENARIOS.entries()) {
  for (const services of isThorough ? [2, 3] : [2]) {
    for (const live of services === 2 ? [true, false] : [true]) {
      const ring = `${services} services, ${live ? "over a live release" : "into an empty ring"}`;
      const release = releaseIn(scenario, 2, services);
      const request = deployIn(scenario, release);

      kill(`${scenario.name}, ${ring}: whoever goes on comes to the same end`, () => {
        const world = makeWorld(scenario, release, live);
        const { ended, stops } = collectStops(world, new ModelDeployer(request, { id: "run-1" }));
        expectDone(ended, scenario.outcome);
        const expected = `${scenario.outcome} ${endState(world.cluster)}`;
        assert.ok(stops.length > 20);
        for (const stop of choose(stops, scenario, at)) {
          withPlace(tellStop(stop), () => {
            const after = worldAt(stop, world.manners);
            // With nothing to go back to, a release that fails after the switch stays, and is not deployed twice.
            const got = resume(after, request, "run-2").replace(/^unverified-live/, "failed");
            assert.is(got, expected);
            counts.resumed += 1;
            if (scenario.outcome !== "live") return;
            after.cluster.writes = [];
            expectDone(runDeployer(after, new ModelDeployer(request, { id: "run-3" })), "live");
            assert.equal(after.cluster.writes, [], "the run after that writes nothing");
          });
        }
      });

      kill(`${scenario.name}, ${ring}: another process can roll back from every state`, () => {
        const world = makeWorld(scenario, release, live);
        const before = endState(world.cluster);
        const { stops } = collectStops(world, new ModelDeployer(request, { id: "run-1" }));
        for (const stop of choose(stops, scenario, at + 1)) {
          withPlace(tellStop(stop), () => {
            const after = worldAt(stop, world.manners);
            const got = resume(after, ROLLBACK, "run-2");
            counts.rolledBack += 1;
            if (live) {
              // Except for the last event, the ring is as it was before the release came.
              assert.is(comparable(got), `rolled-back ${comparable(before)}`);
            } else {
              const [word] = got.split(" ");
              assert.ok(["rolled-back", "nothing-to-go-back-to"].includes(word ?? ""), got);
            }
            after.cluster.writes = [];
            resume(after, ROLLBACK, "run-3");
            if (got.startsWith("rolled-back"))
              assert.equal(after.cluster.writes, [], "rolling back twice writes nothing more");
          });
        }
      });
    }
  }
}

/** The last event may be any, and what jobs have succeeded: everything else has to be equal. */
function comparable(state: string): string {
  return state.replace(/"last":"[a-z-]+"/, "").replaceAll(/"of (?:another|the live release): Complete",?/g, "");
}

kill("a rollback that is killed is finished by the next one", () => {
  const release = releaseOf(2);
  const world = makeWorld({ name: "good", outcome: "live" }, release, true);
  expectDone(runDeployer(world, new ModelDeployer(deployOf(release))), "live");
  const { stops } = collectStops(world, new ModelDeployer(ROLLBACK, { id: "run-1" }));
  const expected = `rolled-back ${endState(world.cluster)}`;
  assert.ok(stops.length >= 20);
  for (const stop of listDifferent(stops)) {
    withPlace(tellStop(stop), () => {
      assert.is(resume(worldAt(stop, world.manners), ROLLBACK, "run-2"), expected);
    });
  }
});

kill("prints what it went through", () => {
  console.log(`    killed once: ${counts.resumed} resumed, ${counts.rolledBack} rolled back by another process`);
  console.log(`    invariants looked at: ${JSON.stringify(looked)}`);
  for (const invariant of [
    "I1",
    "I2",
    "I3",
    "I5",
    "I8",
    "prev",
    "fence",
    "reads",
    "shared",
    "capacity",
    "once",
    "job first",
    "workers",
  ])
    assert.ok((looked[invariant] ?? 0) > 40, invariant);
});

kill.run();
