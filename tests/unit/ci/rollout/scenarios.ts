import { listStaying, type Release } from "../../../../ci/src/rollout/release.ts";
import type { DeployRequest, Request } from "../../../../ci/src/rollout/request.ts";
import { autoscaledDeployOf, deployOf, type Manners, POLICY, releaseOf, type Shape } from "./fixtures.ts";
import { endState, Watcher } from "./invariants.ts";
import { ModelCluster } from "./model-cluster.ts";
import { type Ended, ModelDeployer, runDeployer, type Stop, type World, worldAt } from "./model-deployer.ts";
import type { Behaviour } from "./model-pods.ts";

/** What the release under test is like. */
export interface Scenario {
  readonly name: string;
  readonly manners?: Manners;
  readonly image?: Behaviour;
  /** How many more pods the ring's quota has room for. */
  readonly room?: number;
  /** Pods that were evicted lie in both colours. */
  readonly dead?: true;
  /** Both releases bring an autoscaler for ingest, which needs five pods. */
  readonly autoscaled?: true;
  /** Services alone, when it is left out. */
  readonly shape?: Shape;
  readonly outcome: "live" | "failed";
}

/** The release of commit `number` in a scenario. */
export function releaseIn({ shape }: Scenario, number: number, services = 2): Release {
  return releaseOf(number, services, shape);
}

/** The deploy of a release in a scenario. */
export function deployIn({ autoscaled }: Scenario, release: Release): DeployRequest {
  return autoscaled === undefined ? deployOf(release) : autoscaledDeployOf(release);
}

export const SCENARIOS: readonly Scenario[] = [
  { name: "a good release", outcome: "live" },
  { name: "a candidate that answers wrongly", manners: { smoke: "fails" }, outcome: "failed" },
  { name: "a release that answers wrongly after the switch", manners: { probe: "fails" }, outcome: "failed" },
  { name: "a release that fails in the bake", manners: { bake: "fails" }, outcome: "failed" },
  { name: "an image that cannot be pulled", image: "pull-fails", outcome: "failed" },
  { name: "an image that crash-loops", image: "crash-loops", outcome: "failed" },
  { name: "an image that never becomes ready", image: "never-ready", outcome: "failed" },
  { name: "an init container that crash-loops", image: "init-crashes", outcome: "failed" },
  { name: "pods that fit on no node", image: "fits-nowhere", outcome: "failed" },
  { name: "a container that lacks a secret", image: "lacks-secret", outcome: "failed" },
  { name: "a volume that lacks a secret", image: "lacks-volume", outcome: "failed" },
  { name: "pods that their node refuses", image: "node-refuses", outcome: "failed" },
  { name: "a quota without room for all pods", room: 3, outcome: "failed" },
  { name: "a good release among dead pods", dead: true, outcome: "live" },
  {
    name: "a release that fails in the bake, among dead pods",
    dead: true,
    manners: { bake: "fails" },
    outcome: "failed",
  },
  { name: "a good release that is autoscaled", autoscaled: true, outcome: "live" },
  {
    name: "an autoscaled candidate that answers wrongly",
    autoscaled: true,
    manners: { smoke: "fails" },
    outcome: "failed",
  },
  {
    name: "an autoscaled release that fails in the bake",
    autoscaled: true,
    manners: { bake: "fails" },
    outcome: "failed",
  },
  { name: "a good release with a worker", shape: "worker", outcome: "live" },
  { name: "a release whose worker crash-loops", shape: "worker", image: "crash-loops", outcome: "failed" },
  { name: "a good release of workers alone", shape: "workers", outcome: "live" },
  {
    name: "a release of workers alone that fails in the bake",
    shape: "workers",
    manners: { bake: "fails" },
    outcome: "failed",
  },
  { name: "a good release with a job", shape: "job", outcome: "live" },
  { name: "a job that fails", shape: "job", image: "crash-loops", outcome: "failed" },
  { name: "a job that does not end", shape: "job", image: "never-ready", outcome: "failed" },
  { name: "a job whose image cannot be pulled", shape: "job", image: "pull-fails", outcome: "failed" },
  {
    name: "a release with a worker and a job that fails in the bake",
    shape: "worker and job",
    manners: { bake: "fails" },
    outcome: "failed",
  },
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
  if (scenario.autoscaled !== undefined) world.cluster.needs.set("ingest", 5);
  if (bad !== undefined && scenario.image !== undefined) world.cluster.behaviours.set(bad, scenario.image);
  if (live) {
    const first = releaseIn(scenario, 1, listStaying(release).length);
    expectDone(runDeployer(world, new ModelDeployer(deployIn(scenario, first), { id: "run-0" })), "live");
    // Time for an autoscaler to see the need, and for its pods to come up.
    for (let ticks = 0; scenario.autoscaled !== undefined && ticks < 8; ticks += 1) world.cluster.tick();
    world.cluster.writes = [];
  }
  if (scenario.dead) layDead(world.cluster, release, live);
  if (scenario.room !== undefined)
    world.cluster.quota = scenario.room + world.cluster.pods().filter(({ ended }) => ended === undefined).length;
  return world;
}

/** In each colour of each service a pod of a release that nobody remembers and, where one is live, one of its own. */
function layDead(cluster: ModelCluster, release: Release, live: boolean): void {
  for (const name of Object.keys(release.services)) {
    for (const colour of ["blue", "green"]) {
      const labels = { "app.kubernetes.io/name": name, "slipway.dev/colour": colour };
      cluster.leaveDead(`${name}-${colour}`, labels, `registry.example/${name}@sha256:${"e".repeat(64)}`);
      const image = release.services[name];
      cluster.leaveDead(`${name}-${colour}`, labels, `${image?.name}@${image?.digest}`);
    }
    if (!live) continue;
    const serving = cluster.pods().find(({ deployment, ready }) => deployment === `${name}-blue` && ready);
    if (serving === undefined) throw new Error(`nothing serves ${name}`);
    cluster.evict(serving.name);
  }
  // The ReplicaSets make others.
  for (let ticks = 0; ticks < 6; ticks += 1) cluster.tick();
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

/** Two stops of one way with the same cluster are one case: killed after one write is often killed before the next. */
export function stateOf({ cluster }: Stop): string {
  return `${cluster.nowMs} ${JSON.stringify(cluster.items())}`;
}

/** One stop of each cluster. */
export function listDifferent(stops: readonly Stop[]): Stop[] {
  const known = new Set<string>();
  return stops.filter((stop) => {
    const before = known.size;
    return known.add(stateOf(stop)).size > before;
  });
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
