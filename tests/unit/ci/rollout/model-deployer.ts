import type { Action } from "../../../../ci/src/rollout/action.ts";
import type { Evidence } from "../../../../ci/src/rollout/gate.ts";
import type { Step } from "../../../../ci/src/rollout/next-step.ts";
import { observe } from "../../../../ci/src/rollout/observe.ts";
import { type Plan, PlanKeeper } from "../../../../ci/src/rollout/plan.ts";
import type { RingPolicy } from "../../../../ci/src/rollout/policy.ts";
import { Readings } from "../../../../ci/src/rollout/readings.ts";
import type { Request, Run, StepInput } from "../../../../ci/src/rollout/request.ts";
import { runAfter, step } from "../../../../ci/src/rollout/step.ts";
import { type Manners, measure, POLICY, RING } from "./fixtures.ts";
import type { Watcher } from "./invariants.ts";
import type { ModelCluster } from "./model-cluster.ts";
import { TICK_MS } from "./model-pods.ts";

export type Ended = Extract<Step, { kind: "done" | "blocked" }>;

export interface World {
  readonly cluster: ModelCluster;
  /** How releases behave, by id. */
  readonly manners: ReadonlyMap<string, Manners>;
  /** Asked after every write and every tick. */
  readonly watcher: Watcher;
}

/** The model's objects are replaced and never changed, and most are looked at hundreds of times. */
const readings = new Readings();

/** One process that deploys: looks, then acts, and can be stopped in between. */
export class ModelDeployer {
  readonly #request: Request;
  readonly #policy: RingPolicy;
  readonly #keeper: PlanKeeper | undefined;
  #run: Run;
  #evidence: Evidence = {};
  /** What it has decided to do and not yet done. */
  #pending: Action | undefined;
  /** Writes that it tried, renewals of the lease left out. */
  attempts = 0;

  constructor(
    request: Request,
    options: { readonly id?: string; readonly policy?: RingPolicy; readonly plan?: Plan } = {},
  ) {
    this.#request = request;
    this.#policy = options.policy ?? POLICY;
    this.#keeper = options.plan === undefined ? undefined : new PlanKeeper(options.plan);
    this.#run = { id: options.id ?? "run-1", actor: "tester", epoch: null };
  }

  /** The same process at the same point. */
  clone(): ModelDeployer {
    const copy = new ModelDeployer(this.#request, { policy: this.#policy });
    copy.#run = this.#run;
    copy.#evidence = this.#evidence;
    copy.#pending = this.#pending;
    copy.attempts = this.attempts;
    return copy;
  }

  get run(): Run {
    return this.#run;
  }

  get pending(): Action | undefined {
    return this.#pending;
  }

  input(cluster: ModelCluster): StepInput {
    return {
      nowMs: cluster.nowMs,
      ring: RING,
      policy: this.#policy,
      request: this.#request,
      run: this.#run,
      seen: observe(cluster.items(), readings),
      evidence: this.#evidence,
    };
  }

  /** Observes and decides. A wait is answered by measuring, or by letting time pass. */
  look(world: World): Ended | undefined {
    const { cluster } = world;
    const next = step(this.input(cluster));
    if (next.kind === "done" || next.kind === "blocked") return next;
    if (next.kind === "act") {
      this.#pending = next.action;
      return undefined;
    }
    if (next.release !== null && (next.for === "smoke" || next.for === "probe" || next.for === "bake"))
      this.#evidence = {
        ...this.#evidence,
        ...measure(next.for, next.release, world.manners.get(next.release.id) ?? {}, cluster.nowMs),
      };
    if (next.for === "smoke" || next.for === "probe") return undefined;
    cluster.tick(next.for === "lease" ? Math.max(TICK_MS, next.untilMs - cluster.nowMs) : TICK_MS);
    world.watcher.watch(cluster);
    return undefined;
  }

  /** Does what it has decided, on the cluster as it is now. */
  perform(world: World): void {
    const action = this.#pending;
    if (action === undefined) return;
    this.#pending = undefined;
    this.#keeper?.check(action);
    if (action.purpose !== "renew-lease") this.attempts += 1;
    const refusal = world.cluster.execute(action);
    if (refusal === undefined) this.#run = runAfter(this.#run, action);
    // A refused write is looked at again after a moment, as the real one does.
    else world.cluster.tick(1);
    world.watcher.watch(world.cluster);
  }
}

const MAX_LOOKS = 2000;

/** A process that was stopped: right before a write that it had decided on, or right after one. */
export interface Stop {
  readonly write: number;
  readonly when: "before" | "after";
  /** The decided or the done write. */
  readonly summary: string;
  readonly cluster: ModelCluster;
  readonly watcher: Watcher;
  readonly deployer: ModelDeployer;
}

/** Runs a deployer to its end. */
export function runDeployer(world: World, deployer: ModelDeployer, onStop?: (stop: Stop) => void): Ended {
  for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
    const ended = deployer.look(world);
    if (ended !== undefined) return ended;
    const { pending } = deployer;
    if (pending === undefined) continue;
    const counts = pending.purpose !== "renew-lease";
    const write = deployer.attempts;
    const stop = (when: "before" | "after") =>
      onStop?.({
        write,
        when,
        summary: pending.summary,
        cluster: world.cluster.clone(),
        watcher: world.watcher.copy(),
        deployer: deployer.clone(),
      });
    if (counts) stop("before");
    deployer.perform(world);
    if (counts) stop("after");
  }
  throw new Error(`no end after ${MAX_LOOKS} looks; the last writes: ${world.cluster.writes.slice(-8).join(" | ")}`);
}

/** The world as it was when a process was stopped. */
export function worldAt(stop: Stop, manners: World["manners"]): World {
  return { cluster: stop.cluster.clone(), watcher: stop.watcher.copy(), manners };
}
