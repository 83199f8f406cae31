/** Two crashes: killed at every write, and the one who goes on killed at every write as well. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { endState } from "./invariants.ts";
import { ModelDeployer } from "./model-deployer.ts";
import {
  collectStops,
  deployIn,
  expectDone,
  makeWorld,
  releaseIn,
  resume,
  SCENARIOS,
  stateOf,
  tellStop,
  withPlace,
  worldAt,
} from "./scenarios.ts";
import { isThorough, oneIn } from "./thorough.ts";

const twice = suite("a deployer that is killed twice");
let cases = 0;
let different = 0;

for (const [at, scenario] of SCENARIOS.entries()) {
  twice(`${scenario.name}: the third comes to the same end`, () => {
    const release = releaseIn(scenario, 2);
    const request = deployIn(scenario, release);
    const world = makeWorld(scenario, release, true);
    const { ended, stops } = collectStops(world, new ModelDeployer(request, { id: "run-1" }));
    expectDone(ended, scenario.outcome);
    const expected = `${scenario.outcome} ${endState(world.cluster)}`;
    const known = new Map<string, string>();
    // One first crash in 60, in each scenario others.
    for (const first of oneIn(60, stops, at * 7)) {
      const second = collectStops(worldAt(first, world.manners), new ModelDeployer(request, { id: "run-2" }));
      for (const stop of second.stops) {
        withPlace(`${tellStop(first)}, then ${tellStop(stop)}`, () => {
          const state = stateOf(stop);
          const end = known.get(state) ?? resume(worldAt(stop, world.manners), request, "run-3");
          if (!known.has(state)) different += 1;
          known.set(state, end);
          assert.is(end, expected);
          cases += 1;
        });
      }
    }
  });
}

twice("prints what it went through", () => {
  console.log(`    killed twice: ${cases} cases, ${different} different states gone on from`);
  assert.ok(cases > (isThorough ? 10_000 : 500), String(cases));
});

twice.run();
