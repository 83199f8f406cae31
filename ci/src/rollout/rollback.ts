import { deadlineMs, watched } from "./deadline.ts";
import { blocked } from "./ended.ts";
import { type Head, type Phase, type Placement, phaseOf } from "./head.ts";
import {
  type Failure,
  findFailures,
  listShort,
  listUnserved,
  listUnsettled,
  listUnswitched,
  podsOf,
  tellFailures,
} from "./health.ts";
import { stopJobs } from "./jobs.ts";
import { deploymentIn, isPlain, liveServiceIn } from "./names.ts";
import { act, type Step } from "./next-step.ts";
import { tellTime } from "./objects.ts";
import { isSameImage, listAnswering, listStaying, referTo, tellRelease } from "./release.ts";
import type { HeldInput } from "./request.ts";
import { hasEarlier } from "./rolling/kept.ts";
import { releasePods, scaleUp } from "./scale.ts";
import type { Snapshot } from "./snapshot.ts";
import { move } from "./transition.ts";
import { scaleColour, switchService } from "./writes.ts";

/**
 * Decides to go back. Where to follows from the record alone: after the switch to `prev`, before it to what is live.
 * On a first deploy there is nothing after the switch: the release goes on serving, as unverified.
 */
export function goBack(
  input: HeldInput,
  head: Head,
  decided: { readonly reason: string; readonly planned: boolean; readonly byPerson?: boolean },
): Step {
  const from = phaseOf(head);
  const isBefore = from === "PREPARED" || from === "STAGED";
  const to = isBefore ? head.live : head.prev;
  const leaving = from === "STABLE" ? head.live : head.want;
  const { reason, planned } = decided;
  if (from === "ROLLBACK" && head.rollback !== null) return move(input, head, { phase: "ROLLBACK", frozen: null });
  // In place nothing is too late, as long as something was there before; while pods still turn over, that may be nothing.
  const hasWay = isBefore || to !== null || from === "ROLLING" || hasEarlier(input.seen, head);
  if (leaving === null || !hasWay) {
    if (decided.byPerson || leaving === null) {
      return blocked("nothing-to-go-back-to", {
        what: `ring ${input.ring} has no release before ${leaving === null ? "this" : tellRelease(leaving.release)}`,
        where: `ring ${input.ring}, phase ${head.phase}`,
        todo: "deploy a newer release, or let the one under way finish",
      });
    }
    return move(
      input,
      head,
      { phase: "STABLE", live: { ...leaving, verified: false }, want: null, attempt: null, frozen: null },
      {
        kind: "failed",
        release: leaving.release,
        reason: `${reason}\n    it keeps serving, because there is no release to go back to`,
        planned,
        switchedAt: head.switchedAt,
        decidedAt: tellTime(input.nowMs),
      },
    );
  }
  const rollback = { from, to, reason, planned, decidedAt: tellTime(input.nowMs) };
  return move(input, head, { phase: "ROLLBACK", want: leaving, rollback, frozen: null });
}

/** Goes back because of the release. */
export function giveUp(input: HeldInput, head: Head, reason: string): Step {
  // The record is one object of at most 1 MiB; a kubelet's message can be long.
  return goBack(input, head, { reason: reason.slice(0, 4000), planned: false });
}

export function tellLate(seconds: number, missing: readonly string[]): string {
  return `not done within ${seconds} seconds:\n    ${missing.join("\n    ")}`;
}

/**
 * Traffic first, capacity second: the way back from wherever the decision was made. The old colour gets the traffic when
 * all of it is up, or when waiting for the rest helps no more and what is up can answer: who goes back has a reason to.
 */
export function finishRollback(input: HeldInput, head: Head): Step {
  const { seen, run } = input;
  const { rollback, want } = head;
  if (rollback === null || want === null) throw new Error("the record is in ROLLBACK without saying from what");
  const { to, from, reason } = rollback;
  const back = to === null ? undefined : bringTrafficBack(input, head, to);
  if (back !== undefined) return back;
  const stopping = stopJobs(seen, want.release, lateMs(input, head), input.nowMs);
  if (stopping !== undefined) return stopping;
  for (const service of listStaying(want.release)) {
    const deployment = seen.deployments.get(deploymentIn(want, service));
    if (deployment !== undefined && deployment.replicas !== 0) return act(scaleColour(deployment, 0, run.epoch));
  }
  const short = to === null || isHot(from) ? undefined : waitForAll(input, head, to);
  if (short !== undefined) return short;
  const hadTraffic = from !== "PREPARED" && from !== "STAGED";
  return move(
    input,
    head,
    { phase: "STABLE", live: to, want: null, prev: null, attempt: null, switchedAt: null, rollback: null },
    {
      kind: hadTraffic ? "rolled-back" : "failed",
      release: want.release,
      reason,
      planned: rollback.planned,
      switchedAt: head.switchedAt,
      decidedAt: rollback.decidedAt,
    },
  );
}

/** During SWITCHING and BAKING the old colour is up, and one pod is better than a bad release. */
function isHot(from: Phase): boolean {
  return from === "SWITCHING" || from === "BAKING";
}

function bringTrafficBack(input: HeldInput, head: Head, target: Placement): Step | undefined {
  const { seen, run, nowMs } = input;
  const open = listUnswitched(seen, target);
  // Without a service that both releases have no traffic shows whose turn it is: workers alone, or names that have changed.
  const leaving = head.want === null ? [] : listAnswering(head.want.release);
  const shows = listAnswering(target.release).some((service) => leaving.includes(service));
  if (open.length > 0 || !shows) {
    const unready = findUnready(input, head, target);
    if (unready !== undefined) return unready;
  }
  for (const service of open) {
    const moved = switchService(service, seen, target, run.epoch);
    return moved === undefined
      ? tellGone(input, head, target, [`Service ${liveServiceIn(target, service)} is gone`])
      : act(moved);
  }
  const unsettled = listUnsettled(seen, target);
  if (unsettled.length === 0) return releasePods(seen, target, run.epoch);
  const untilMs = lateMs(input, head);
  if (nowMs >= untilMs) return tellGone(input, head, target, unsettled);
  return { kind: "wait", for: "endpoints", detail: unsettled.join("; "), release: target.release, untilMs };
}

/** Makes the old colour able to serve; `undefined` when it may get the traffic. */
function findUnready(input: HeldInput, head: Head, target: Placement): Step | undefined {
  const { seen, run, nowMs, policy } = input;
  for (const service of listStaying(target.release)) {
    const name = deploymentIn(target, service);
    const deployment = seen.deployments.get(name);
    if (deployment === undefined) return tellGone(input, head, target, [`Deployment ${name} is gone`]);
    if (!isSameImage(deployment.image, referTo(target.release, service)))
      return tellGone(input, head, target, [`Deployment ${name} runs ${deployment.image}`]);
    const scaling = scaleUp(
      { seen, replicas: policy.replicas, epoch: run.epoch, after: head.want, exactly: false },
      deployment,
    );
    if (scaling !== undefined) return scaling;
  }
  const missing = listShort(seen, target, policy.replicas);
  if (missing.length === 0) return undefined;
  const unserved = listUnserved(seen, target);
  const untilMs = deadlineMs(input, head);
  const failures = findFailures(seen, target, policy, watched(input, head));
  const isHelpless = failures.length > 0 || nowMs >= untilMs || isHot(head.rollback?.from ?? head.phase);
  if (unserved.length === 0 && isHelpless) return undefined;
  // As long as one pod of each service may still come up, the traffic may still be moved.
  const lost = failures.filter(
    ({ service }) => unserved.includes(service) && !isComing(seen, target, service, failures),
  );
  if (lost.length > 0) return tellGone(input, head, target, [tellFailures(lost)]);
  const why = [...unserved.map((service) => `${service}: no pod of the old colour is ready`), ...missing];
  if (nowMs >= untilMs)
    return tellGone(input, head, target, [...why, `not done within ${policy.deadlineSeconds} seconds`]);
  return { kind: "wait", for: "pods", detail: why.join("\n    "), release: target.release, untilMs };
}

/** Has the service a pod of which nothing bad is known? Pods that end one after the other are no such hope. */
function isComing(seen: Snapshot, target: Placement, service: string, failures: readonly Failure[]): boolean {
  const names = podsOf(seen, target, service).map(({ name }) => name);
  const failing = failures.flatMap((one) => (one.service === service && one.pod !== undefined ? [one.pod] : []));
  return failing.every((pod) => names.includes(pod)) && names.some((name) => !failing.includes(name));
}

/** What was short when it got the traffic may find its place now that the other colour is gone. */
function waitForAll(input: HeldInput, head: Head, target: Placement): Step | undefined {
  const { seen, nowMs, policy } = input;
  const missing = listShort(seen, target, policy.replicas);
  const untilMs = lateMs(input, head);
  if (missing.length === 0 || nowMs >= untilMs || findFailures(seen, target, policy).length > 0) return undefined;
  return { kind: "wait", for: "pods", detail: missing.join("\n    "), release: target.release, untilMs };
}

/** The traffic may have been moved as late as at the deadline: what comes after has as long once more. */
export function lateMs(input: HeldInput, head: Head): number {
  return deadlineMs(input, head) + input.policy.deadlineSeconds * 1000;
}

/** Says why the way back cannot be gone. */
export function tellGone(
  { seen, ring }: HeldInput,
  head: Head,
  target: Placement | null,
  why: readonly string[],
): Step {
  const moved = target !== null && !isPlain(target) && listUnswitched(seen, target).length === 0;
  const whereTo = target === null ? "what was there before" : tellRelease(target.release);
  const reason = head.rollback?.reason;
  return blocked("drift", {
    what: [
      moved
        ? `the traffic of ring ${ring} was moved back to ${whereTo}, but: ${why[0]}`
        : `ring ${ring} cannot go back to ${whereTo}: ${why[0]}`,
      ...why.slice(1).map((line) => `    ${line}`),
      ...(reason ? [`    why it goes back: ${reason}`] : []),
    ].join("\n"),
    where: `ring ${ring}, phase ROLLBACK`,
    todo: "fix that and run the same command again: it continues from here",
  });
}
