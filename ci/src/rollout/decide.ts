import { refuseDeploy, startDeploy } from "./admission.ts";
import { listAutoscalers } from "./bounds.ts";
import { canonicalJson } from "./canonical-json.ts";
import { deadlineMs, watchedSinceMs } from "./deadline.ts";
import { blocked } from "./ended.ts";
import { type Head, type Placement, phaseOf } from "./head.ts";
import { findFailures, listShort, listUnswitched } from "./health.ts";
import { findJobs, listChangedJobs, stopJobs, sweepJobs } from "./jobs.ts";
import { endsAttempt, type LedgerEvent } from "./ledger.ts";
import { contentOf, findColourAutoscaler, findDeployment, type RingManifests } from "./manifests.ts";
import { colourIn, deploymentIn, isPlain, liveServiceIn } from "./names.ts";
import { act, type Step } from "./next-step.ts";
import { goOn } from "./phases.ts";
import { patienceMs } from "./policy.ts";
import { keyOfObject } from "./reads.ts";
import { isSameImage, listStaying, type Release, referTo, tellRelease } from "./release.ts";
import { type DeployRequest, type HeldInput, hasLetGo } from "./request.ts";
import { finishRollback, goBack } from "./rollback.ts";
import { finishRolling } from "./rolling/back.ts";
import { hasEarlier } from "./rolling/kept.ts";
import { sortStale } from "./shared.ts";
import type { Snapshot } from "./snapshot.ts";
import { sweepCopies } from "./sweep.ts";
import { emptyHead, move } from "./transition.ts";
import { applyBase, createEvent } from "./writes.ts";

/** What the verb needs next, as if the ring were ours already. */
export function decide(input: HeldInput): Step {
  const { request, seen, ring, nowMs } = input;
  const head = seen.head?.record ?? emptyHead(ring, nowMs);
  if (head.ring !== ring) return tellOtherRing(ring, head);
  const other = refuseOtherStrategy(input, head);
  if (other !== undefined) return other;
  const told = tellLedger(input, head);
  if (told !== undefined) return told;
  const next = decideVerb(input, request, head);
  // At rest only, and after everything else: what is swept away nobody goes back to.
  if (next.kind !== "done" || head.phase !== "STABLE") return next;
  return sweepCopies(input, head) ?? sweepJobs(input, head) ?? next;
}

function decideVerb(input: HeldInput, request: HeldInput["request"], head: Head): Step {
  switch (request.verb) {
    case "deploy":
      return decideDeploy(input, request, head);
    case "rollback":
      return decideRollback(input, head, request.reason);
    case "freeze":
      return decideFreeze(input, head, request.reason);
    case "thaw":
      return decideThaw(input, head, request.reason);
  }
}

/** A namespace is one ring's: its policy, its approvals and its ledger are about that one. */
function tellOtherRing(ring: string, head: Head): Step {
  return blocked("bad-record", {
    what: `the namespace of ring ${ring} already belongs to ring ${head.ring}, according to its record`,
    where: "ConfigMap slipway-head",
    todo: `give ring ${ring} a namespace of its own in slipway.yaml, or call it ${head.ring} there`,
  });
}

/** Where the pods of a release are follows from how it came. */
function refuseOtherStrategy({ policy, ring }: HeldInput, { live, want, prev }: Head): Step | undefined {
  const there = [want, live, prev].find((placement) => placement !== null && listStaying(placement.release).length > 0);
  if (there === null || there === undefined) return undefined;
  const used = isPlain(there) ? "rolling" : "blue-green";
  if (used === policy.strategy) return undefined;
  return blocked("drift", {
    what: `ring ${ring} was deployed with strategy ${used}, and slipway.yaml now says ${policy.strategy}`,
    where: `rings.${ring}.strategy of slipway.yaml`,
    todo: `set it to ${used} again; for the other strategy, add a ring with another namespace`,
  });
}

/** The record runs ahead of the ledger by one event at most; before anything else the ledger catches up. */
function tellLedger({ seen }: HeldInput, { event, seq }: Head): Step | undefined {
  const first = seen.ledger[0]?.seq ?? seq;
  // Old events may have been moved away from the front, never out of the middle.
  const gap = Array.from({ length: Math.max(0, seq - first) }, (_, index) => first + index).find(
    (number) => !seen.ledger.some((entry) => entry.seq === number),
  );
  const last = seen.ledger.at(-1)?.seq ?? 0;
  const written = seen.ledger.find((entry) => entry.seq === seq);
  const wrong =
    gap !== undefined
      ? `event ${gap} is missing`
      : last > seq
        ? `there is an event ${last}, but the record only knows ${seq}`
        : event !== null && written !== undefined && !isSameEvent(written, event)
          ? `event ${seq} differs from the record`
          : undefined;
  if (wrong !== undefined) {
    return blocked("bad-record", {
      what: `the ledger and the record of the ring do not match: ${wrong}`,
      where: "ConfigMaps slipway-head and slipway-evt-…",
      todo: "find out who changed them (kubectl get configmap -o yaml --show-managed-fields) and put them back",
    });
  }
  return event !== null && written === undefined ? act(createEvent(event)) : undefined;
}

function isSameEvent(one: LedgerEvent, other: LedgerEvent): boolean {
  // Nearly always their members stand in the same order as well, which is seen in a fraction of the time.
  return JSON.stringify(one) === JSON.stringify(other) || canonicalJson(one) === canonicalJson(other);
}

function decideDeploy(input: HeldInput, request: DeployRequest, head: Head): Step {
  const { release } = request;
  const { live, want } = head;
  if (head.phase === "STABLE") {
    const failed = tellFailed(input, head, release);
    if (failed !== undefined) return failed;
    if (live?.release.id === release.id) return confirmLive(input, live, request.manifests);
    return refuseDeploy(input, request, head) ?? clearJobs(input, head, release) ?? startDeploy(input, request, head);
  }
  if (head.phase === "ROLLBACK") return finishBack(input, head);
  if (head.phase === "FROZEN" && (head.frozen?.why !== "approval" || want === null)) return tellFrozen(input, head);
  if (want?.release.id === release.id) return goOn(input, head, want, request);
  const refused = refuseDeploy(input, request, head);
  if (refused !== undefined) return refused;
  // Another release is under way. Before its switch it is taken down; after it, it is seen through, either way out:
  // its pods are where ours have to go.
  const switched = ["SWITCHING", "BAKING", "COMMITTING"].includes(phaseOf(head));
  if (!switched || want === null) {
    const decided = { reason: `${tellRelease(release)} replaces it`, planned: true };
    return goBack(input, head, decided);
  }
  return goOn(input, head, want, undefined);
}

function finishBack(input: HeldInput, head: Head): Step {
  return input.policy.strategy === "rolling" ? finishRolling(input, head) : finishRollback(input, head);
}

/** Takes away what an attempt of before has left of the release's jobs, so that this one begins anew. */
function clearJobs(input: HeldInput, head: Head, release: Release): Step | undefined {
  const untilMs = deadlineMs(input, head);
  const clearing = stopJobs(input.seen, release, untilMs, input.nowMs);
  const left = findJobs(input.seen, release).filter(({ isEnding }) => isEnding);
  if (clearing !== undefined || left.length === 0) return clearing;
  return blocked("drift", {
    what: `jobs of an earlier attempt of ${tellRelease(release)} in ring ${input.ring} do not end: ${left.map(({ name }) => `Job ${name}`).join(", ")}`,
    where: `ring ${input.ring}`,
    todo: "find out what holds up its pods (kubectl describe), then run this again",
  });
}

/** The attempt that this very run brought to a bad end: it is not begun again by itself. */
function tellFailed(input: HeldInput, head: Head, release: Release): Step | undefined {
  const ended = findBadEnd(input, head);
  if (ended === undefined || ended.release.id !== release.id) return undefined;
  const isBack = ended.kind === "rolled-back" && !ended.short;
  const back = isBack ? "; the traffic is back where it was" : "";
  const report = `${tellRelease(release)} failed in ring ${input.ring}${back}\n    ${ended.reason}`;
  return { kind: "done", outcome: "failed", report };
}

/** The last event, if with it this very run has taken an attempt back or given it up. */
function findBadEnd({ run }: HeldInput, { event }: Head): LedgerEvent | undefined {
  if (event === null || event.epoch !== run.epoch || !endsAttempt(event)) return undefined;
  return event.kind === "committed" ? undefined : event;
}

/** The release is live already: 0 writes, if the cluster still is what the record says. */
function confirmLive(input: HeldInput, live: Placement, manifests: RingManifests): Step {
  const { ring, seen } = input;
  const { release } = live;
  if (!live.verified) {
    return blocked("unverified-live", {
      what: `${tellRelease(release)} serves ring ${ring}, but failed its gate, and there was no earlier release`,
      where: `ring ${ring}`,
      todo: "deploy a newer release",
    });
  }
  const drift = [
    ...listUnswitched(seen, live).map(
      (service) =>
        `Service ${liveServiceIn(live, service)} does not select ${isPlain(live) ? `the pods of Deployment ${deploymentIn(live, service)}` : colourIn(live, service)}`,
    ),
    ...listStaying(release).flatMap((service) => {
      const name = deploymentIn(live, service);
      const deployment = seen.deployments.get(name);
      if (deployment === undefined) return [`Deployment ${name} is gone`];
      if (!isSameImage(deployment.image, referTo(release, service)))
        return [`Deployment ${name} runs ${deployment.image}`];
      return deployment.replicas === 0 ? [`Deployment ${name} is scaled to 0`] : [];
    }),
    ...listLost(seen, live, manifests),
  ];
  if (drift.length > 0) return tellDrift(ring, release, drift);
  const changedPods = listStaying(release).filter((service) => {
    const whole = findDeployment(manifests, { ring, service, placement: live });
    const name = deploymentIn(live, service);
    if (seen.deployments.get(name)?.content !== contentOf(whole)) return true;
    if (isPlain(live)) return false;
    const autoscaler = findColourAutoscaler(manifests, { ring, service, colour: colourIn(live, service) });
    const own = listAutoscalers(seen, name).find((one) => one.own);
    return own?.content !== (autoscaler && contentOf(autoscaler));
  });
  const changed = [...changedPods, ...listChangedJobs(seen, release, manifests, ring)];
  if (changed.length > 0) {
    return blocked("same-release", {
      what: `${tellRelease(release)} is live in ring ${ring}, but was deployed with other manifests: those of ${changed.join(", ")} differ, or the copies that their pods read, or their number`,
      where: `ring ${ring}, manifests of ${changed.join(", ")}`,
      todo: "commit the change, make a release of that commit, and deploy it: a deploy never changes a live colour",
    });
  }
  const { strategy } = input.policy;
  const { late } = sortStale(manifests.base, seen, { live, want: live, strategy });
  if (late.length > 0 && !hasLetGo(input)) return act(applyBase(late, seen, strategy === "rolling"));
  return { kind: "done", outcome: "live", report: `${tellRelease(release)} is live in ring ${ring}` };
}

/** Copies that the live pods read and that somebody has deleted. */
function listLost(seen: Snapshot, live: Placement, { copies }: RingManifests): string[] {
  return listStaying(live.release).flatMap((service) => {
    const name = deploymentIn(live, service);
    const read = seen.deployments.get(name)?.reads ?? [];
    return (copies[service] ?? [])
      .filter((copy) => read.includes(keyOfObject(copy)) && !seen.copies.has(keyOfObject(copy)))
      .map(({ kind, metadata }) => `${kind} ${metadata.name} is gone, but the pods of Deployment ${name} read it`);
  });
}

function tellDrift(ring: string, release: Release, drift: readonly string[]): Step {
  return blocked("drift", {
    what: [`ring ${ring} is not as ${tellRelease(release)} left it:`, ...drift.map((line) => `    ${line}`)].join("\n"),
    where: `ring ${ring}`,
    todo: "put it back by hand, or deploy another release: a deploy never changes the live colour",
  });
}

function decideRollback(input: HeldInput, head: Head, reason: string): Step {
  if (head.phase === "ROLLBACK") return finishBack(input, head);
  if (phaseOf(head) === "STABLE") {
    const { live, prev } = head;
    const ended = findBadEnd(input, head);
    const short = ended?.kind === "rolled-back" && live !== null ? tellShort(input, head, live) : undefined;
    if (short !== undefined) return short;
    if (ended !== undefined || (prev === null && !hasEarlier(input.seen, head))) {
      const report = `${live === null ? "nothing" : tellRelease(live.release)} is live in ring ${input.ring}; ${ended?.reason ?? "there is no release to go back to"}`;
      return { kind: "done", outcome: ended?.short ? "failed" : "rolled-back", report };
    }
  }
  return goBack(input, head, { reason, planned: false, byPerson: true });
}

/** Waits for what the release that is live again lacks, or tells it; `undefined` when nothing. */
function tellShort(input: HeldInput, head: Head, live: Placement): Step | undefined {
  const { seen, policy, ring, nowMs } = input;
  const missing = listShort(seen, live, policy.replicas);
  if (missing.length === 0) return undefined;
  // All of it may have been up a moment ago, and be so again in another.
  const untilMs = watchedSinceMs(input, head) + patienceMs(policy);
  if (nowMs < untilMs && findFailures(seen, live, policy).length === 0)
    return { kind: "wait", for: "pods", detail: missing.join("\n    "), release: live.release, untilMs };
  const report = [`${tellRelease(live.release)} is live in ring ${ring} again, but not all of it is up:`, ...missing];
  return { kind: "done", outcome: "failed", report: report.join("\n    ") };
}

function decideFreeze(input: HeldInput, head: Head, reason: string): Step {
  const subject = head.want ?? head.live;
  if (head.frozen?.why === "person")
    return { kind: "done", outcome: "frozen", report: `ring ${input.ring} is frozen: ${head.frozen.reason}` };
  if (subject === null)
    return { kind: "done", outcome: "frozen", report: `ring ${input.ring} is empty: there is nothing to freeze` };
  const frozen = { from: phaseOf(head), why: "person", reason } as const;
  return move(
    input,
    head,
    { phase: "FROZEN", frozen },
    { kind: "frozen", release: subject.release, reason, planned: true },
  );
}

function decideThaw(input: HeldInput, head: Head, reason: string): Step {
  const subject = head.want ?? head.live;
  if (head.frozen === null || subject === null)
    return { kind: "done", outcome: "thawed", report: `ring ${input.ring} is not frozen` };
  return move(
    input,
    head,
    { phase: head.frozen.from, frozen: null },
    { kind: "thawed", release: subject.release, reason, planned: true },
  );
}

function tellFrozen({ ring }: HeldInput, { frozen }: Head): Step {
  return blocked("frozen", {
    what: `ring ${ring} is frozen: ${frozen?.reason ?? ""}`,
    where: `ring ${ring}`,
    todo: "thaw it when the reason is gone, or roll back",
  });
}
