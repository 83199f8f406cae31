/**
 * One decision at a time: `step` looks at a ring as it is now and says the next thing to do. It remembers nothing, so
 * it does not matter which process asks, or what became of the one before.
 */
import type { Action } from "./action.ts";
import { decide } from "./decide.ts";
import { blocked } from "./ended.ts";
import type { Head, Phase } from "./head.ts";
import { jobName } from "./job-manifest.ts";
import { deploymentIn, isPlain, liveServiceIn } from "./names.ts";
import { act, type Step } from "./next-step.ts";
import { tellTime } from "./objects.ts";
import { listAnswering, listJobs, listStaying } from "./release.ts";
import type { HeldInput, Run, StepInput } from "./request.ts";
import type { Snapshot } from "./snapshot.ts";
import { acquireLease, claimObject, recordHead, releaseLease, renewLease } from "./writes.ts";

/**
 * The next thing to do. An action that fails because something changed meanwhile (Conflict, AlreadyExists, a `test`
 * that does not hold) is no error: observe and ask again.
 *
 * Order: the fence before anything, then what the verb needs; the lease is taken only when there is something to do,
 * and let go when there is nothing more.
 */
export function step(input: StepInput): Step {
  const { run, seen, nowMs, ring, policy } = input;
  if (run.ending !== undefined) return run.ending;
  const lost = findFence(input);
  if (lost !== undefined) return lost;
  const { lease } = seen;
  // Before the ring is taken this only tells whether there is anything to do: the epoch is the one that it would get.
  const held: HeldInput = { ...input, run: { ...run, epoch: run.epoch ?? highestEpoch(seen) + 1 } };
  const next = decide(held);
  const holds = run.epoch !== null && lease?.holder === run.id;
  if (next.kind === "done" || next.kind === "blocked")
    return holds && lease !== null ? act(releaseLease(lease, next)) : next;
  if (!holds || lease === null) {
    // It was let go at the end; there is something to do again, which is for a new run to see to.
    if (run.epoch !== null) return fenced(input, `${lease?.holder === "" ? "nobody" : lease?.holder} holds the ring`);
    return takeRing(input);
  }
  if (nowMs - lease.renewedAtMs >= (lease.seconds * 1000) / 3) return act(renewLease(lease, nowMs));
  return seen.head === null ? next : (claimRing(held, seen.head.record, next) ?? next);

  function takeRing({ request }: StepInput): Step {
    const expiresMs = lease === null ? 0 : lease.renewedAtMs + lease.seconds * 1000;
    // A person who says stop or back must not wait for a deployer: the epoch makes that one stop.
    const inHurry = request.verb === "rollback" || request.verb === "freeze";
    if (lease !== null && lease.holder !== "" && expiresMs > nowMs && !inHurry) {
      const detail = `${lease.holder} works on ring ${ring}; it keeps the ring until ${tellTime(expiresMs)} unless it renews`;
      return { kind: "wait", for: "lease", detail, release: null, untilMs: expiresMs };
    }
    return act(
      acquireLease(lease, { run: run.id, epoch: highestEpoch(seen) + 1, seconds: policy.leaseSeconds, nowMs, ring }),
    );
  }
}

/** The run as it goes on after its action succeeded: this is how it learns its epoch, and that it is at its end. */
export function runAfter(run: Run, action: Action): Run {
  if (action.purpose === "acquire-lease") return { ...run, epoch: action.epoch };
  if (action.purpose === "release-lease" && action.ending !== null) return { ...run, ending: action.ending };
  return run;
}

/** A higher epoch than the run's own means that another has taken over: stop, whatever there is to do. */
function findFence(input: StepInput): Step | undefined {
  const { run, seen } = input;
  if (run.epoch === null) return undefined;
  if (seen.lease === null) return fenced(input, "the lease is gone");
  if (seen.lease.epoch !== run.epoch || highestEpoch(seen) > run.epoch)
    return fenced(input, `epoch ${highestEpoch(seen)} has begun (${seen.lease.holder || "nobody"} holds the lease)`);
  return undefined;
}

function fenced({ run, ring }: StepInput, why: string): Step {
  return blocked("fenced", {
    what: `another run has taken over ring ${ring}: ${why}, this run had epoch ${run.epoch}`,
    where: `lease slipway-deploy of ring ${ring}`,
    todo: "nothing, if the other run was meant to; otherwise run the same command again: it continues from here",
  });
}

/** The highest epoch on any object. It cannot fall, even if the lease is deleted. */
function highestEpoch({ lease, head, services, deployments, uncoloured, jobs }: Snapshot): number {
  const stamped = [services, deployments, uncoloured, jobs].flatMap((all) => [...all.values()]);
  const stamps = stamped.map(({ epoch }) => epoch ?? 0);
  return Math.max(lease?.epoch ?? 0, head?.record.epoch ?? 0, ...stamps);
}

/**
 * What a new holder writes before anything else, when the phase it finds is one in which the one before may have
 * writes under way that the record does not guard: first its epoch into the record, then into every object that such a
 * write would go to. In the other phases only the record itself is written, and that guards itself, so that the epoch
 * goes in with the next change.
 */
function claimRing({ seen, run: { epoch } }: HeldInput, head: Head, next: Step): Step | undefined {
  if (head.epoch < epoch) {
    if (next.kind === "act" && isQuiet(head.phase)) return undefined;
    return act(
      recordHead(seen.head, {
        from: head.phase,
        next: { ...head, epoch, claiming: !isQuiet(head.phase) },
        happening: null,
      }),
    );
  }
  if (!head.claiming) return undefined;
  for (const { kind, name } of listExposed(head)) {
    const object = { Service: seen.services, Deployment: seen.deployments, Job: seen.jobs }[kind].get(name);
    if (object !== undefined && (object.epoch ?? 0) < epoch) return act(claimObject(kind, name, object, epoch));
  }
  for (const one of seen.autoscalers)
    if (one.own && (one.epoch ?? 0) < epoch) return act(claimObject("HorizontalPodAutoscaler", one.name, one, epoch));
  return undefined;
}

/** Phases in which a run writes nothing but the record, events and the lease. */
function isQuiet(phase: Phase): boolean {
  return phase === "STABLE" || phase === "STAGED" || phase === "BAKING" || phase === "FROZEN";
}

interface Exposed {
  readonly kind: "Deployment" | "Service" | "Job";
  readonly name: string;
}

/** Objects that a run may be about to write in a phase. */
function listExposed({ phase, live, want, prev, rollback }: Head): Exposed[] {
  // In place it is changed later, and at once; and its Service stays what it is.
  const isInPlace = want !== null && isPlain(want);
  const deployments = (placement: Head["live"]) =>
    placement === null
      ? []
      : listStaying(placement.release).map((service) => ({
          kind: "Deployment" as const,
          name: deploymentIn(placement, service),
        }));
  const liveServices = (placement: Head["live"]) =>
    placement === null || isInPlace
      ? []
      : listAnswering(placement.release).map((service) => ({
          kind: "Service" as const,
          name: liveServiceIn(placement, service),
        }));
  const jobs =
    want === null
      ? []
      : listJobs(want.release).map((service) => ({ kind: "Job" as const, name: jobName(service, want.release) }));
  switch (phase) {
    case "PREPARED":
      return isInPlace ? jobs : [...jobs, ...deployments(want)];
    case "ROLLING":
      return deployments(want);
    case "SWITCHING":
      return liveServices(want);
    case "COMMITTING":
      return deployments(prev ?? live);
    case "ROLLBACK":
      return [
        ...liveServices(rollback?.to ?? null),
        ...deployments(rollback?.to ?? null),
        ...deployments(want),
        ...jobs,
      ];
    case "STABLE":
    case "STAGED":
    case "BAKING":
    case "FROZEN":
      return [];
  }
}
