import { REQUEST_TIMEOUT } from "../cluster/ask.ts";
import { type ClusterError, refuseAnswer, refuseSilence } from "../cluster/cluster-error.ts";
import { listWarnings, tellComplaint } from "../cluster/complaints.ts";
import { judgeAnswer } from "../cluster/judge-answer.ts";
import type { Kubectl } from "../cluster/kubectl.ts";
import { type Action, givesUp, kubectlCall } from "../rollout/action.ts";
import type { Ended } from "../rollout/ended.ts";
import { type Evidence, findTraffic } from "../rollout/gate.ts";
import { listObjects } from "../rollout/manifests.ts";
import type { Step } from "../rollout/next-step.ts";
import type { KubeObject } from "../rollout/objects.ts";
import { observe } from "../rollout/observe.ts";
import { listWrites, type Plan, PlanKeeper, planVerb } from "../rollout/plan.ts";
import type { RingPolicy } from "../rollout/policy.ts";
import type { Request, Run, StepInput } from "../rollout/request.ts";
import type { Snapshot } from "../rollout/snapshot.ts";
import { runAfter, step } from "../rollout/step.ts";
import { tellTraffic } from "../rollout/traffic.ts";
import { releaseLease } from "../rollout/writes.ts";
import { tellPods } from "./diagnosis.ts";
import { type ProbePaths, Prober } from "./prober.ts";
import { readReasons } from "./reasons-reading.ts";
import { listKinds, readRing, readRingWithMore } from "./ring.ts";
import type { CounterRules } from "./traffic-reader.ts";

export interface DeployerOptions {
  readonly kubectl: Kubectl;
  readonly ring: string;
  readonly namespace: string;
  readonly policy: RingPolicy;
  readonly request: Request;
  /** Never used twice. */
  readonly runId: string;
  readonly actor: string;
  readonly paths: ProbePaths;
  /** Left out: only what Slipway asks itself is judged. */
  readonly counters?: CounterRules;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Gets a line for everything that happens. */
  readonly say: (line: string) => void;
  /** How long to wait before looking again. */
  readonly pollMs?: number;
}

export interface Ending {
  readonly step: Ended;
  /** Writes that the cluster took, renewals of the lease left out. */
  readonly writes: readonly string[];
  /** Events and log lines of the pods of a release that failed. */
  readonly diagnosis: string | undefined;
  /** How the release that is live now did in the bake, if this process has seen it. */
  readonly baked: string | undefined;
}

/** The same write refused so often is no accident any more. */
const MAX_REFUSALS = 20;
const REFUSAL_PAUSE_MS = 200;
/** A cluster that says nothing for so long is gone. Longer than an API server takes to start anew. */
const UNREACHABLE_MS = 120_000;
const POLL_MS = 2000;
/** A bake is long, and what is measured changes all the time: how often it is told. */
const TELL_BAKE_MS = 15_000;

/**
 * Carries a verb out: look at the ring, take one step, look again. Everything worth remembering is in the cluster, so
 * that another process can go on at any point; this one keeps only its epoch, its plan and what it has measured.
 *
 * @throws ClusterError when the cluster refuses, or is gone; SlipwayError when the ring's records cannot be read or the
 * next write is not the planned one. The ring is let go before, if it still can be.
 */
export async function runVerb(options: DeployerOptions): Promise<Ending> {
  const deployer = new Deployer(options);
  try {
    return await deployer.run();
  } catch (error) {
    await deployer.letGo();
    throw error;
  }
}

class Deployer {
  readonly #options: DeployerOptions;
  /** What is read beside what every look reads. */
  #kinds: readonly string[];
  readonly #prober: Prober;
  readonly #writes: string[] = [];
  #run: Run;
  #evidence: Evidence = {};
  #keeper: PlanKeeper | undefined;
  #said = "";
  #diagnosis: string | undefined;
  #bakeToldAtMs = Number.NEGATIVE_INFINITY;
  #refusals = 0;
  #unreadTold = false;
  /** Letting go of the ring, of which the cluster has not said that it happened. */
  #leaving: Action | undefined;
  #reachableAtMs: number;

  constructor(options: DeployerOptions) {
    const { request, runId, actor, kubectl, namespace, paths, counters = {}, now, sleep } = options;
    this.#options = options;
    this.#kinds = request.verb === "deploy" ? listKinds(listObjects(request.manifests)) : [];
    this.#prober = new Prober({ kubectl, namespace, paths, counters, now, sleep });
    this.#run = { id: runId, actor, epoch: null };
    this.#reachableAtMs = now();
  }

  async run(): Promise<Ending> {
    for (;;) {
      const items = await this.#read();
      if (items === undefined) continue;
      const read = observe(items);
      this.#recogniseLease(read);
      const { next, seen } = await this.#decide(items, read);
      if (next.kind === "done" || next.kind === "blocked")
        return { step: next, writes: this.#writes, diagnosis: this.#diagnosis, baked: this.#tellBaked(next) };
      if (next.kind === "act") await this.#act(next.action, items, seen);
      else await this.#wait(next, items, seen);
    }
  }

  /** Where pods are missing, it is decided once more with what else may tell why. */
  async #decide(
    items: readonly KubeObject[],
    seen: Snapshot,
  ): Promise<{ readonly next: Step; readonly seen: Snapshot }> {
    const next = step(this.#input(seen));
    if (this.#run.epoch === null || !isAboutPods(next)) return { next, seen };
    const { kubectl, namespace, say } = this.#options;
    const reasons = await readReasons(kubectl, namespace);
    if (reasons.unread.length > 0 && !this.#unreadTold) for (const line of reasons.unread) say(line);
    this.#unreadTold ||= reasons.unread.length > 0;
    const known = observe([...items, ...reasons.items]);
    return { next: step(this.#input(known)), seen: known };
  }

  /** Lets the ring go after an error, so that nobody has to wait until the lease is over. */
  async letGo(): Promise<void> {
    if (this.#run.epoch === null) return;
    try {
      const reading = await readRing(this.#options.kubectl, this.#options.namespace, []);
      const { lease } = "items" in reading ? observe(reading.items) : { lease: null };
      if (lease?.holder === this.#run.id) await this.#call(releaseLease(lease, null));
    } catch {
      // The error that led here is the one to tell; the lease ends by itself.
    }
  }

  #input(seen: Snapshot): StepInput {
    const { now, ring, policy, request } = this.#options;
    return { nowMs: now(), ring, policy, request, run: this.#run, seen, evidence: this.#evidence };
  }

  async #read(): Promise<readonly KubeObject[] | undefined> {
    const { kubectl, namespace, policy, request, now, sleep } = this.#options;
    const owners = policy.strategy === "rolling" && request.verb === "deploy";
    const reading = await readRingWithMore(kubectl, namespace, this.#kinds, owners);
    if ("items" in reading) {
      this.#reachableAtMs = now();
      this.#kinds = reading.kinds;
      return reading.items;
    }
    const silentMs = now() - this.#reachableAtMs;
    if (silentMs > UNREACHABLE_MS || this.#run.epoch === null)
      throw refuseSilence(reading.unanswered, namespace, silentMs > UNREACHABLE_MS ? silentMs : 0);
    this.#say(`${tellComplaint(reading.unanswered)}; asking again`);
    await sleep(this.#options.pollMs ?? POLL_MS);
    return undefined;
  }

  /** A lease that was taken by a call whose answer was lost is ours: nobody else has this run's name. */
  #recogniseLease({ lease }: Snapshot): void {
    if (this.#run.epoch === null && lease !== null && lease.holder === this.#run.id)
      this.#run = { ...this.#run, epoch: lease.epoch };
    // In the same way it may have been let go.
    if (this.#leaving !== undefined && lease?.holder === "" && lease.epoch === this.#run.epoch)
      this.#run = runAfter(this.#run, this.#leaving);
    this.#leaving = undefined;
  }

  async #act(action: Action, items: readonly KubeObject[], seen: Snapshot): Promise<void> {
    // Until the ring is ours it may change under any plan.
    if (this.#run.epoch === null) this.#keeper = this.#makePlan(items);
    this.#keeper?.check(action);
    if (givesUp(action)) await this.#diagnose(seen);
    const refusal = await this.#call(action);
    if (refusal === undefined) {
      this.#refusals = 0;
      this.#run = runAfter(this.#run, action);
      if (action.purpose === "renew-lease") return;
      this.#writes.push(action.summary);
      this.#say(action.summary);
      return;
    }
    if (action.purpose === "release-lease") this.#leaving = action;
    this.#refusals += 1;
    if (this.#refusals > MAX_REFUSALS) throw refusal;
    // A run that lost a race just looks again. Who waits for a webhook or for the network wants to know of it.
    if (refusal.outcome === "unavailable" || refusal.outcome === "unreachable")
      this.#say(`trying again: ${refusal.what}`);
    await this.#options.sleep(REFUSAL_PAUSE_MS);
  }

  #makePlan(items: readonly KubeObject[]): PlanKeeper {
    const { now, ring, policy, request } = this.#options;
    const plan: Plan = planVerb(items, { nowMs: now(), ring, policy, request, run: this.#run });
    this.#say(`${request.verb} in ring ${ring}: ${listWrites(plan).length} writes planned`);
    return new PlanKeeper(plan);
  }

  /** Makes one write. Returned is the refusal of one that has to be decided anew; the others are thrown. */
  async #call(action: Action): Promise<ClusterError | undefined> {
    const { kubectl, namespace } = this.#options;
    const { args, stdin } = kubectlCall(action, namespace);
    const answer = await kubectl.run([...args, REQUEST_TIMEOUT], stdin);
    switch (judgeAnswer(answer)) {
      case "done":
        // What a colour is born as lacks what a namespace may demand; what it then gets is what counts.
        if (action.purpose !== "create-colour") for (const warning of listWarnings(answer)) this.#options.say(warning);
        return undefined;
      case "conflict":
      case "exists":
      case "test-failed":
      // It may have happened; looking again tells.
      case "unreachable":
      case "unavailable":
        return refuseAnswer(answer, action.summary, namespace);
      case "not-found":
        // What was to be patched or deleted has gone since it was seen. What cannot be created lacks its namespace.
        if (action.call === "patch" || action.call === "delete") return refuseAnswer(answer, action.summary, namespace);
        throw refuseAnswer(answer, action.summary, namespace);
      case "owned":
      case "unauthorised":
      case "refused":
        throw refuseAnswer(answer, action.summary, namespace);
    }
  }

  async #wait(next: Extract<Step, { kind: "wait" }>, items: readonly KubeObject[], seen: Snapshot): Promise<void> {
    const { now, sleep, pollMs = POLL_MS } = this.#options;
    this.#sayWait(next);
    const want = seen.head?.record.want ?? null;
    if (want !== null && (next.for === "smoke" || next.for === "probe" || next.for === "bake")) {
      const measured = await this.#prober.measure(next.for, want, { items, seen });
      this.#evidence = { ...this.#evidence, ...measured };
      // A check that was made has to be decided on at once.
      if (next.for !== "bake" && Object.keys(measured).length > 0) return;
    }
    await sleep(Math.max(50, Math.min(pollMs, next.untilMs - now())));
  }

  async #diagnose(seen: Snapshot): Promise<void> {
    const { kubectl, namespace, request } = this.#options;
    const want = seen.head?.record.want ?? null;
    // A release that only makes room for the one that was asked for is nobody's trouble.
    if (request.verb !== "deploy" || want?.release.id !== request.release.id || this.#diagnosis !== undefined) return;
    const { asked = {}, counted = {} } = findTraffic(this.#evidence, want) ?? {};
    const suspects = [...Object.entries(asked), ...Object.entries(counted)]
      .filter(([, { failures }]) => failures > 0)
      .map(([service]) => service);
    const told = await tellPods(kubectl, namespace, { seen, placement: want, suspects });
    if (told !== "") this.#diagnosis = told;
  }

  #tellBaked(ended: Ending["step"]): string | undefined {
    const { request, policy } = this.#options;
    if (request.verb !== "deploy" || ended.kind !== "done" || ended.outcome !== "live") return undefined;
    const traffic = findTraffic(this.#evidence, request);
    return traffic && `baked ${policy.bakeSeconds} s: ${tellTraffic(traffic)}`;
  }

  #sayWait({ for: awaited, detail }: Extract<Step, { kind: "wait" }>): void {
    if (awaited === "bake") {
      const nowMs = this.#options.now();
      if (nowMs - this.#bakeToldAtMs < TELL_BAKE_MS) return;
      this.#bakeToldAtMs = nowMs;
    }
    this.#say(`waiting (${awaited}): ${detail}`);
  }

  #say(line: string): void {
    if (line === this.#said) return;
    this.#said = line;
    this.#options.say(line);
  }
}

/** Does it wait for pods, or give up, perhaps because they have not come? */
function isAboutPods(next: Step): boolean {
  if (next.kind === "wait") return next.for === "pods" || next.for === "jobs";
  if (next.kind !== "act") return false;
  const { action } = next;
  return givesUp(action) || (action.purpose === "release-lease" && action.ending?.kind === "blocked");
}
