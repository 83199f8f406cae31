/** A ring whose releases have workers and jobs, and verbs run in it. */
import type { Release } from "../../../../ci/src/rollout/release.ts";
import type { Request } from "../../../../ci/src/rollout/request.ts";
import { deployOf, releaseOf, type Shape } from "./fixtures.ts";
import type { ModelCluster } from "./model-cluster.ts";
import { type Ended, ModelDeployer, runDeployer, type World } from "./model-deployer.ts";
import { makeWorld } from "./scenarios.ts";

const both: Shape = "worker and job";
export const first = releaseOf(1, 2, both);
export const second = releaseOf(2, 2, both);
export const nameOf = ({ id }: Release) => `migrate-${id.slice(2, 12)}`;

/** A ring in which release 1 is live. */
export function ring(shape: Shape = both): World {
  return makeWorld({ name: "good", shape, outcome: "live" }, releaseOf(2, 2, shape), true);
}

export function run(world: World, request: Request = deployOf(second), id = "run"): Ended {
  return runDeployer(world, new ModelDeployer(request, { id: `${id}-${world.cluster.nowMs}` }));
}

export function jobNames(cluster: ModelCluster): string[] {
  return cluster.list("Job").map(({ metadata }) => metadata.name);
}

export function messageOf(ended: Ended): string {
  return ended.kind === "blocked" ? ended.message : ended.report;
}

/** Somebody's hand, or another deploy, has let time pass. */
export function wait(world: World): void {
  for (let ticks = 0; ticks < 3; ticks += 1) world.cluster.tick();
}
