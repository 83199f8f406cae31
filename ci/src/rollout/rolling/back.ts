import type { Head, Placement } from "../head.ts";
import { findFailures } from "../health.ts";
import { stopJobs } from "../jobs.ts";
import { deploymentIn } from "../names.ts";
import { act, type Step } from "../next-step.ts";
import { listStaying } from "../release.ts";
import type { HeldInput } from "../request.ts";
import { lateMs, tellGone } from "../rollback.ts";
import { scaleUp } from "../scale.ts";
import type { Snapshot } from "../snapshot.ts";
import { move } from "../transition.ts";
import { findPlain } from "./kept.ts";
import { restoreDeployment } from "./writes.ts";

/**
 * The way back where Deployments are changed in place: each that the release has changed gets what was kept of it. A ring
 * that was there before Slipway goes back to that, and then nothing of Slipway's is live.
 */
export function finishRolling(input: HeldInput, head: Head): Step {
  const { seen, nowMs } = input;
  const { rollback, want } = head;
  if (rollback === null || want === null) throw new Error("the record is in ROLLBACK without saying from what");
  const { to, from, reason, planned, decidedAt } = rollback;
  // Before that nothing was changed.
  const before = from === "PREPARED" ? {} : (head.before ?? {});
  for (const [service, kept] of Object.entries(before)) {
    const restoring = restore(input, head, want, { service, kept });
    if (restoring !== undefined) return restoring;
  }
  const missed = to === null ? undefined : bringMissed(input, to, want);
  if (missed !== undefined) return missed;
  const untilMs = lateMs(input, head);
  const stopping = stopJobs(seen, want.release, untilMs, nowMs);
  if (stopping !== undefined) return stopping;
  const open = listTurning(seen, want, before);
  const isHopeless = to !== null && findFailures(seen, to, input.policy).length > 0;
  if (open.length > 0 && nowMs < untilMs && !isHopeless)
    return { kind: "wait", for: "pods", detail: open.join("\n    "), release: to?.release ?? null, untilMs };
  const short = open.length === 0 ? "" : `\n    not all of what ran before is up:\n    ${open.join("\n    ")}`;
  return move(
    input,
    head,
    {
      phase: "STABLE",
      live: to,
      want: null,
      prev: null,
      before: undefined,
      attempt: null,
      switchedAt: null,
      rollback: null,
    },
    {
      kind: from === "PREPARED" ? "failed" : "rolled-back",
      release: want.release,
      reason: `${reason}${short}`,
      // What a release of before lacks is looked at anew whenever somebody asks.
      short: to === null && open.length > 0,
      planned,
      switchedAt: head.switchedAt,
      decidedAt,
    },
  );
}

/** Gives one Deployment back what was kept of it, if the release has changed it. */
function restore(
  { seen, run, ...input }: HeldInput,
  head: Head,
  want: Placement,
  { service, kept }: { readonly service: string; readonly kept: string },
): Step | undefined {
  const earlier = seen.earlier.get(kept);
  const there = findPlain(seen, want, service);
  const gone = (what: string) => tellGone({ seen, run, ...input }, head, head.rollback?.to ?? null, [what]);
  if (there === undefined)
    return earlier?.hadPods === false ? undefined : gone(`Deployment ${deploymentIn(want, service)} is gone`);
  if (there.release !== want.release.id) return undefined;
  if (earlier === undefined) return gone(`ConfigMap ${kept} is gone, which kept what Deployment ${there.name} was`);
  return act(restoreDeployment(earlier, there, run.epoch));
}

/** Starts what the release has no longer brought. */
function bringMissed({ seen, run, policy }: HeldInput, to: Placement, want: Placement): Step | undefined {
  for (const service of listStaying(to.release)) {
    const there = seen.deployments.get(deploymentIn(to, service));
    if (want.release.services[service] !== undefined || there === undefined || there.replicas > 0) continue;
    const after = { seen, replicas: policy.replicas, epoch: run.epoch, after: null, exactly: false };
    const scaling = scaleUp(after, there);
    if (scaling !== undefined) return scaling;
  }
  return undefined;
}

/** Deployments whose pods are not all what they were before yet, one line each. */
function listTurning(seen: Snapshot, want: Placement, before: Readonly<Record<string, string>>): string[] {
  return Object.keys(before).flatMap((service) => {
    const there = seen.deployments.get(deploymentIn(want, service));
    if (there === undefined) return [];
    const { name, replicas, generation, observedGeneration, updated, available, statusReplicas } = there;
    const isDone =
      observedGeneration >= generation && [updated, available, statusReplicas].every((count) => count === replicas);
    return isDone
      ? []
      : [
          `Deployment ${name}: ${available} of ${replicas} pods available, ${updated} as before, ${statusReplicas} in all`,
        ];
  });
}
