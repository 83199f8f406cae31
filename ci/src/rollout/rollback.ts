import { deadlineMs } from "./deadline.ts";
import type { Head, Phase, Placement } from "./head.ts";
import { colourIn, listMissing, listUnserved, listUnsettled, listUnswitched } from "./health.ts";
import { deploymentName, tellTime } from "./objects.ts";
import { act, blocked, type Step } from "./outcome.ts";
import { listServices, referTo } from "./release.ts";
import type { HeldInput } from "./request.ts";
import { move } from "./transition.ts";
import { scaleColour, switchService, tellRelease } from "./writes.ts";

/** The phase, or under a freeze the one that it holds. */
export function phaseOf(head: Head): Phase {
  return head.phase === "FROZEN" ? (head.frozen?.from ?? "STABLE") : head.phase;
}

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
  const to = from === "PREPARED" || from === "STAGED" ? head.live : head.prev;
  const leaving = from === "STABLE" ? head.live : head.want;
  const { reason, planned } = decided;
  if (from === "ROLLBACK" && head.rollback !== null) return move(input, head, { phase: "ROLLBACK", frozen: null });
  if (leaving === null || (to === null && from !== "PREPARED" && from !== "STAGED")) {
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
        reason: `${reason}\n    it goes on serving, because there is no release to go back to`,
        planned,
        switchedAt: head.switchedAt,
        decidedAt: tellTime(input.nowMs),
      },
    );
  }
  const rollback = { from, to, reason, planned, decidedAt: tellTime(input.nowMs) };
  return move(input, head, { phase: "ROLLBACK", want: leaving, rollback, frozen: null });
}

/** Traffic first, capacity second: the way back from wherever the decision was made. */
export function finishRollback(input: HeldInput, head: Head): Step {
  const { seen, run, nowMs, ring, policy } = input;
  const { rollback, want } = head;
  if (rollback === null || want === null) throw new Error("the record is in ROLLBACK without saying from what");
  const { to, from, reason } = rollback;
  if (to !== null) {
    const back = bringTrafficBack(to);
    if (back !== undefined) return back;
  }
  for (const service of listServices(want.release)) {
    const deployment = seen.deployments.get(deploymentName(service, colourIn(want, service)));
    if (deployment !== undefined && deployment.replicas !== 0) return act(scaleColour(deployment, 0, run.epoch));
  }
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

  function bringTrafficBack(target: Placement): Step | undefined {
    if (listUnswitched(seen, target).length > 0) {
      const unready = listUnready(target);
      if (unready !== undefined) return unready;
    }
    for (const service of listUnswitched(seen, target)) {
      const moved = switchService(service, seen, colourIn(target, service), run.epoch);
      return moved === undefined ? tellGone(`Service ${service} is gone`, target) : act(moved);
    }
    const unsettled = listUnsettled(seen, target);
    return unsettled.length === 0 ? undefined : waitFor("endpoints", target, unsettled);
  }

  /** Makes the old colour able to serve. During SWITCHING and BAKING it is, and one pod is better than a bad release. */
  function listUnready(target: Placement): Step | undefined {
    for (const service of listServices(target.release)) {
      const name = deploymentName(service, colourIn(target, service));
      const deployment = seen.deployments.get(name);
      if (deployment === undefined) return tellGone(`Deployment ${name} is gone`, target);
      if (deployment.image !== referTo(target.release, service))
        return tellGone(`Deployment ${name} runs ${deployment.image}`, target);
      if (deployment.replicas < policy.replicas) return act(scaleColour(deployment, policy.replicas, run.epoch));
    }
    const hot = from === "SWITCHING" || from === "BAKING";
    const missing = hot
      ? listUnserved(seen, target).map((service) => `${service}: no pod of the old colour is ready`)
      : listMissing(seen, target, policy.replicas);
    return missing.length === 0 ? undefined : waitFor("pods", target, missing);
  }

  function waitFor(what: "pods" | "endpoints", target: Placement, missing: readonly string[]): Step {
    const untilMs = deadlineMs(input, head);
    if (nowMs >= untilMs) return tellGone(missing.join("; "), target);
    return { kind: "wait", for: what, detail: missing.join("; "), release: target.release, untilMs };
  }

  function tellGone(what: string, target: Placement): Step {
    return blocked("drift", {
      what: `ring ${ring} cannot go back to ${tellRelease(target.release)}: ${what}`,
      where: `ring ${ring}, phase ROLLBACK`,
      todo: "mend that and run the same command again: it goes on from here",
    });
  }
}
