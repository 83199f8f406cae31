/** Verbs run to their end in a ring whose cluster is a model. */
import { planVerb } from "../../../../ci/src/rollout/plan.ts";
import type { Request } from "../../../../ci/src/rollout/request.ts";
import { deployOf, type Manners, POLICY, RING, releaseOf } from "./fixtures.ts";
import { Watcher } from "./invariants.ts";
import { ModelCluster } from "./model-cluster.ts";
import { ModelDeployer, runDeployer, type World } from "./model-deployer.ts";
import { expectDone } from "./scenarios.ts";

export const good = { name: "good", outcome: "live" } as const;
let number = 0;

/** For rings that somebody has changed by hand: the watcher would complain about that. */
export const BLIND = { watch: () => undefined, copy: () => BLIND } as unknown as Watcher;

export function run(world: World, request: Request, policy = POLICY) {
  number += 1;
  return runDeployer(world, new ModelDeployer(request, { id: `verb-${number}`, policy }));
}

/** A ring in which the releases of these commits were deployed one after the other. */
export function ringWith(numbers: readonly number[], manners: ReadonlyMap<string, Manners> = new Map()): World {
  const world: World = { cluster: new ModelCluster(), watcher: new Watcher(POLICY), manners };
  for (const one of numbers) expectDone(run(world, deployOf(releaseOf(one))), "live");
  world.cluster.writes = [];
  return world;
}

export function planOf(world: World, request: Request) {
  return planVerb(world.cluster.items(), {
    nowMs: world.cluster.nowMs,
    ring: RING,
    policy: POLICY,
    request,
    run: { id: "planner", actor: "tester", epoch: null },
  });
}
