import { tellAccount } from "../account.ts";
import { checkApprovals } from "./admission.ts";
import { deadlineMs, watched, watchedSinceMs } from "./deadline.ts";
import { blocked } from "./ended.ts";
import { findCheck, findTraffic, judgeBake } from "./gate.ts";
import type { Head, Placement } from "./head.ts";
import {
  findFailures,
  listDeployments,
  listMissing,
  listNeighbours,
  listUnserved,
  listUnsettled,
  listUnswitched,
  tellFailures,
} from "./health.ts";
import { bringJobs, jobsEndMs, listJobFailures, listOpenJobs, refuseOtherJobs } from "./jobs.ts";
import { contentOf, findColourAutoscaler, findDeployment } from "./manifests.ts";
import { colourIn, deploymentIn, isPlain, liveServiceIn, namesIn } from "./names.ts";
import { act, type Step } from "./next-step.ts";
import { tellTime } from "./objects.ts";
import { listStaying } from "./release.ts";
import type { DeployRequest, HeldInput } from "./request.ts";
import { giveUp, tellLate } from "./rollback.ts";
import { prepareInPlace } from "./rolling/prepare.ts";
import { roll } from "./rolling/roll.ts";
import { bringAutoscaler, holdPods, idleReplicas, releasePods, scaleUp } from "./scale.ts";
import { sortStale, tellWaiting } from "./shared.ts";
import { bringCopies } from "./sweep.ts";
import { listDoubts, tellTraffic } from "./traffic.ts";
import { move } from "./transition.ts";
import { applyBase, applyColour, createColour, scaleColour, switchService } from "./writes.ts";

/**
 * The next thing for the release under way. `request` is the deploy of that very release; without it only what needs
 * no manifests is done, which is all from the switch on.
 */
export function goOn(input: HeldInput, head: Head, want: Placement, request: DeployRequest | undefined): Step {
  switch (head.phase) {
    case "PREPARED":
      if (request === undefined) return lacksManifests(head);
      return input.policy.strategy === "rolling"
        ? prepareInPlace(input, head, want, request)
        : prepare(input, head, want, request);
    case "ROLLING":
      return request === undefined ? lacksManifests(head) : roll(input, head, want, request);
    case "STAGED":
    case "FROZEN":
      return request === undefined ? lacksManifests(head) : leaveStaged(input, head, want, request);
    case "SWITCHING":
      return switchOver(input, head, want);
    case "BAKING":
      return bake(input, head, want);
    case "COMMITTING":
      return commit(input, head, want, request);
    case "STABLE":
    case "ROLLBACK":
      throw new Error(`phase ${head.phase} is not a phase of a release under way`);
  }
}

function lacksManifests({ phase }: Head): never {
  throw new Error(`a release in ${phase} goes on only by its own deploy`);
}

function prepare(input: HeldInput, head: Head, want: Placement, request: DeployRequest): Step {
  const { seen, policy, run, ring, nowMs } = input;
  const { epoch } = run;
  const stale = sortStale(request.manifests.base, seen, { live: head.live, want, strategy: policy.strategy });
  const failures = findFailures(seen, want, policy, watched(input, head));
  const failed = [
    ...listJobFailures(seen, want, policy, watched(input, head)),
    ...(failures.length === 0 ? [] : [tellFailures(failures)]),
  ];
  if (failed.length > 0)
    return giveUp(input, head, `the candidate cannot come up:\n    ${failed.join("\n    ")}${tellWaiting(stale)}`);
  const openJobs = listOpenJobs(seen, want);
  // The time that its jobs have taken is not the pods'.
  const untilMs = Math.max(deadlineMs(input, head), jobsEndMs(seen, want, nowMs) + policy.deadlineSeconds * 1000);
  const missingPods = () => {
    const missing = openJobs.length > 0 ? openJobs : listMissing(seen, want, policy.replicas);
    return missing.length === 0 ? [] : [...missing, ...listNeighbours(seen)];
  };
  if (nowMs >= untilMs) {
    const missing = missingPods();
    if (missing.length > 0)
      return giveUp(input, head, `${tellLate(policy.deadlineSeconds, missing)}${tellWaiting(stale)}`);
  }
  if (stale.early.length > 0) return act(applyBase(stale.early, seen));
  const bringing =
    refuseOtherJobs(input, want.release, request.manifests) ??
    bringJobs(seen, want, request.manifests, { ring, epoch });
  if (bringing !== undefined) return bringing;
  if (openJobs.length > 0)
    return { kind: "wait", for: "jobs", detail: missingPods().join("\n    "), release: want.release, untilMs };
  for (const service of listStaying(want.release)) {
    const name = deploymentIn(want, service);
    const copying = bringCopies(seen, request.manifests.copies[service] ?? [], epoch);
    if (copying !== undefined) return copying;
    const whole = findDeployment(request.manifests, { ring, service, placement: want });
    const there = seen.deployments.get(name);
    if (there === undefined) return act(createColour(whole, namesIn(want, service).container, epoch));
    if (there.content !== contentOf(whole)) return act(applyColour(whole, there, want.release));
    const autoscaler = findColourAutoscaler(request.manifests, { ring, service, colour: colourIn(want, service) });
    const scaling =
      bringAutoscaler(seen, name, autoscaler) ??
      scaleUp({ seen, replicas: policy.replicas, epoch, after: head.live, exactly: true }, there);
    if (scaling !== undefined) return scaling;
  }
  const missing = missingPods();
  if (missing.length === 0) return move(input, head, { phase: "STAGED" });
  return { kind: "wait", for: "pods", detail: missing.join("\n    "), release: want.release, untilMs };
}

function leaveStaged(input: HeldInput, head: Head, want: Placement, request: DeployRequest): Step {
  const { seen, policy, evidence, nowMs, ring } = input;
  const approval = checkApprovals(input, request, head);
  if ("refused" in approval) {
    if (head.phase === "FROZEN") return blocked("not-approved", approval.refused);
    const reason = tellAccount(approval.refused);
    return move(
      input,
      head,
      { phase: "FROZEN", frozen: { from: "STAGED", why: "approval", reason } },
      { kind: "frozen", release: want.release, reason: `the approvals of ring ${ring} no longer hold`, planned: true },
    );
  }
  if (head.phase === "FROZEN") {
    return move(
      input,
      head,
      { phase: "STAGED", frozen: null },
      {
        kind: "thawed",
        release: want.release,
        reason: `the approvals of ring ${ring} hold`,
        planned: true,
        approvals: approval.signed,
        approvalIds: approval.ids,
      },
    );
  }
  const failures = findFailures(seen, want, policy, watched(input, head));
  if (failures.length > 0) return giveUp(input, head, `the candidate broke down:\n    ${tellFailures(failures)}`);
  const untilMs = deadlineMs(input, head);
  const smoke = findCheck(evidence.smoke, head, want);
  if (smoke !== undefined && !smoke.ok) {
    const waiting = tellWaiting(
      sortStale(request.manifests.base, seen, { live: head.live, want, strategy: policy.strategy }),
    );
    return giveUp(input, head, `the candidate does not answer as it should: ${smoke.detail}${waiting}`);
  }
  const missing = listMissing(seen, want, policy.replicas);
  if (smoke !== undefined && missing.length === 0) {
    // What to go back to is written down before the first Service moves.
    return move(input, head, { phase: "SWITCHING", prev: head.live });
  }
  const open = [...missing, ...(smoke === undefined ? ["the candidate has not been asked yet"] : [])];
  if (nowMs >= untilMs) return giveUp(input, head, tellLate(policy.deadlineSeconds, open));
  return {
    kind: "wait",
    for: missing.length > 0 ? "pods" : "smoke",
    detail: open.join("\n    "),
    release: want.release,
    untilMs,
  };
}

function switchOver(input: HeldInput, head: Head, want: Placement): Step {
  const { seen, policy, run, evidence, nowMs, ring } = input;
  const untilMs = deadlineMs(input, head);
  const wait = (what: "pods" | "endpoints" | "probe", open: readonly string[]): Step =>
    nowMs >= untilMs
      ? giveUp(input, head, tellLate(policy.deadlineSeconds, open))
      : { kind: "wait", for: what, detail: open.join("\n    "), release: want.release, untilMs };
  const failures = findFailures(seen, want, policy, watched(input, head));
  if (failures.length > 0) return giveUp(input, head, `the candidate broke down:\n    ${tellFailures(failures)}`);
  const open = listUnswitched(seen, want);
  if (open.length > 0) {
    const unserved = listUnserved(seen, want);
    if (unserved.length > 0)
      return wait(
        "pods",
        unserved.map((service) => `${service}: no pod of the candidate is ready`),
      );
  }
  // From here on the old colour loses its requests, but not its pods: they may be asked again.
  const holding = holdPods(seen, head.prev, run.epoch);
  if (holding !== undefined) return holding;
  for (const service of open) {
    const moved = switchService(service, seen, want, run.epoch);
    if (moved === undefined) {
      return blocked("drift", {
        what: `Service ${liveServiceIn(want, service)} disappeared while the traffic was being moved`,
        where: `ring ${ring}, phase SWITCHING`,
        todo: "roll back, or create it again from the manifests, then run this again",
      });
    }
    return act(moved);
  }
  const unsettled = listUnsettled(seen, want);
  if (unsettled.length > 0) return wait("endpoints", unsettled);
  const probe = findCheck(evidence.probe, head, want);
  if (probe === undefined) return wait("probe", ["the release has not been asked through the live Services yet"]);
  if (!probe.ok) return giveUp(input, head, `the release does not answer as it should: ${probe.detail}`);
  const releasing = releasePods(seen, want, run.epoch);
  if (releasing !== undefined) return releasing;
  const switchedAt = tellTime(nowMs);
  return move(
    input,
    head,
    { phase: "BAKING", live: want, switchedAt },
    {
      kind: "switched",
      release: want.release,
      reason: "every Service is at the new colour",
      planned: true,
      switchedAt,
    },
  );
}

function bake(input: HeldInput, head: Head, want: Placement): Step {
  const { seen, policy, nowMs, evidence } = input;
  const against = judgeBake(head, want, input);
  if (against !== undefined) return giveUp(input, head, against);
  const straying = listUnswitched(seen, want);
  if (straying.length > 0) return giveUp(input, head, `somebody moved the traffic away: ${straying.join(", ")}`);
  const endMs = watchedSinceMs(input, head) + policy.bakeSeconds * 1000;
  const { release } = want;
  const traffic = findTraffic(evidence, want);
  // Without a measurement the gate has not been asked.
  if (nowMs < endMs || traffic === undefined) {
    const sofar = traffic === undefined ? "" : `; so far: ${tellTraffic(traffic)}`;
    const what = isPlain(want) ? "what ran before is kept, and the release is watched" : "the old colour stays";
    const detail = `${what} until ${tellTime(endMs)}${sofar}`;
    return { kind: "wait", for: "bake", detail, release, untilMs: Math.max(endMs, nowMs) };
  }
  const missing = listMissing(seen, want, policy.replicas);
  const open = [...missing, ...listDoubts(traffic, policy.gate)];
  if (open.length === 0) return move(input, head, { phase: "COMMITTING" });
  const untilMs = Math.max(endMs + policy.deadlineSeconds * 1000, deadlineMs(input, head));
  if (nowMs >= untilMs) return giveUp(input, head, tellLate(policy.deadlineSeconds, open));
  const detail = open.join("\n    ");
  // Only who waits for the bake goes on measuring.
  return { kind: "wait", for: missing.length > 0 ? "pods" : "bake", detail, release, untilMs };
}

function commit(input: HeldInput, head: Head, want: Placement, request: DeployRequest | undefined): Step {
  const { seen, policy, run, evidence } = input;
  const { prev } = head;
  // Without the manifests, which only the release's own deploy has, its next deploy brings them up to date.
  const { late } = sortStale(request?.manifests.base ?? [], seen, { live: head.live, want, strategy: policy.strategy });
  if (late.length > 0) return act(applyBase(late, seen, policy.strategy === "rolling"));
  const kept = isPlain(want) ? listDeployments(want) : [];
  for (const name of listDeployments(prev).filter((one) => !kept.includes(one))) {
    const old = seen.deployments.get(name);
    const idle = idleReplicas(seen, name, policy.idleReplicas);
    if (old !== undefined && old.replicas > idle) return act(scaleColour(old, idle, run.epoch));
  }
  const { switchedAt } = head;
  // A process that came in after the bake has not seen it.
  const traffic = findTraffic(evidence, want);
  const reason = `passed the bake${traffic === undefined ? "" : `: ${tellTraffic(traffic)}`}`;
  return move(
    input,
    head,
    { phase: "STABLE", live: { ...want, verified: true }, want: null, attempt: null, switchedAt: null },
    { kind: "committed", release: want.release, reason, planned: true, switchedAt },
  );
}
