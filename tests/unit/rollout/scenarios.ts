import type { Release } from "../../../ci/src/rollout/release.ts";
import type { Request } from "../../../ci/src/rollout/request.ts";
import { deployOf, type Manners, POLICY, releaseOf } from "./fixtures.ts";
import { endState, Watcher } from "./invariants.ts";
import { type Behaviour, ModelCluster } from "./model-cluster.ts";
import { type Ended, ModelDeployer, runDeployer, type Stop, type World, worldAt } from "./model-deployer.ts";

/** What the release under test is like. */
export interface Scenario {
  readonly name: string;
  readonly manners?: Manners;
  readonly image?: Behaviour;
  readonly outcome: "live" | "failed";
}

export const SCENARIOS: readonly Scenario[] = [
  { name: "a good release", outcome: "live" },
  { name: "a candidate that answers wrongly", manners: { smoke: "fails" }, outcome: "failed" },
  { name: "a release that answers wrongly after the switch", manners: { probe: "fails" }, outcome: "failed" },
  { name: "a release that fails in the bake", manners: { bake: "fails" }, outcome: "failed" },
  { name: "an image that cannot be pulled", image: "pull-fails", outcome: "failed" },
  { name: "an image that crash-loops", image: "crash-loops", outcome: "failed" },
  { name: "an image that never becomes ready", image: "never-ready", outcome: "failed" },
];

/** An empty ring, or one in which release 1 was deployed. */
export function makeWorld(scenario: Scenario, release: Release, live: boolean): World {
  const world: World = {
    cluster: new ModelCluster(),
    watcher: new Watcher(POLICY),
    manners: new Map([[release.id, scenario.manners ?? {}]]),
  };
  // The last service's image alone is bad: the others of the release must not go ahead without it.
  const bad = Object.values(release.services).at(-1)?.digest;
  if (bad !== undefined && scenario.image !== undefined) world.cluster.behaviours.set(bad, scenario.image);
  if (live) {
    const first = releaseOf(1, Object.keys(release.services).length);
    expectDone(runDeployer(world, new ModelDeployer(deployOf(first), { id: "run-0" })), "live");
    world.cluster.writes = [];
  }
  return world;
}

export function expectDone(ended: Ended, outcome: string): void {
  if (ended.kind !== "done" || ended.outcome !== outcome)
    throw new Error(`expected ${outcome}, got ${JSON.stringify(ended)}`);
}

/** Everything that a run passes through: each write, stopped before and after. */
export function collectStops(world: World, deployer: ModelDeployer): { ended: Ended; stops: Stop[] } {
  const stops: Stop[] = [];
  const ended = runDeployer(world, deployer, (stop) => stops.push(stop));
  return { ended, stops };
}

/**
 * Goes on from where a process was stopped, with a new one.
 *
 * @returns what it came to, with the outcome in front; the world is left as it ended.
 */
export function resume(world: World, request: Request, id: string): string {
  const ended = runDeployer(world, new ModelDeployer(request, { id }));
  return `${ended.kind === "done" ? ended.outcome : ended.code} ${endState(world.cluster)}`;
}

/** Says where a run went wrong. */
export function withPlace<T>(place: string, what: () => T): T {
  try {
    return what();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { actual, expects } = error as { actual?: unknown; expects?: unknown };
    const compared =
      actual === undefined ? "" : `\n  got      ${JSON.stringify(actual)}\n  expected ${JSON.stringify(expects)}`;
    throw new Error(`${place}: ${error.message}${compared}`);
  }
}

export function tellStop({ write, when, summary }: Stop): string {
  return `killed ${when} write ${write + 1} (${summary})`;
}

export { worldAt };
