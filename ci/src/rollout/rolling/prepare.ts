import { tellAccount } from "../../account.ts";
import { checkApprovals } from "../admission.ts";
import { deadlineMs, watched } from "../deadline.ts";
import type { Head, Placement } from "../head.ts";
import { bringJobs, listJobFailures, listOpenJobs, refuseOtherJobs } from "../jobs.ts";
import { findDeployment } from "../manifests.ts";
import { deploymentIn, namesIn } from "../names.ts";
import { act, type Step } from "../next-step.ts";
import { type KubeObject, LABEL } from "../objects.ts";
import { keyOfObject } from "../reads.ts";
import { listStaying } from "../release.ts";
import type { DeployRequest, HeldInput } from "../request.ts";
import { giveUp, tellLate } from "../rollback.ts";
import { sortStale, tellWaiting } from "../shared.ts";
import type { PlainSeen, Snapshot } from "../snapshot.ts";
import { bringCopies } from "../sweep.ts";
import { move } from "../transition.ts";
import { applyBase, claimObject, createColour, createCopy } from "../writes.ts";
import { earlierObject, readEarlier } from "./earlier.ts";
import { findPlain } from "./kept.ts";
import { findOwnersOf } from "./owners.ts";

/** All that comes before the first Deployment is changed: what serves is not touched, and can be gone back to. */
export function prepareInPlace(input: HeldInput, head: Head, want: Placement, request: DeployRequest): Step {
  const { seen, policy, run, ring, nowMs } = input;
  const { epoch } = run;
  const { manifests } = request;
  const stale = sortStale(manifests.base, seen, { live: head.live, want, strategy: policy.strategy });
  const failures = listJobFailures(seen, want, policy, watched(input, head));
  if (failures.length > 0)
    return giveUp(input, head, `its jobs fail:\n    ${failures.join("\n    ")}${tellWaiting(stale)}`);
  const openJobs = listOpenJobs(seen, want);
  const untilMs = deadlineMs(input, head);
  if (openJobs.length > 0 && nowMs >= untilMs)
    return giveUp(input, head, `${tellLate(policy.deadlineSeconds, openJobs)}${tellWaiting(stale)}`);
  if (stale.early.length > 0) return act(applyBase(stale.early, seen, true));
  const bringing = refuseOtherJobs(input, want.release, manifests) ?? bringJobs(seen, want, manifests, { ring, epoch });
  if (bringing !== undefined) return bringing;
  if (openJobs.length > 0)
    return { kind: "wait", for: "jobs", detail: openJobs.join("\n    "), release: want.release, untilMs };
  for (const service of listStaying(want.release)) {
    const copying = bringCopies(seen, manifests.copies[service] ?? [], epoch);
    if (copying !== undefined) return copying;
    const whole = findDeployment(manifests, { ring, service, placement: want });
    if (!seen.deployments.has(whole.metadata.name))
      return act(createColour(whole, namesIn(want, service).container, epoch));
  }
  const before: Record<string, string> = {};
  for (const service of listStaying(want.release)) {
    const there = findPlain(seen, want, service);
    if (there === undefined) throw new Error(`Deployment ${deploymentIn(want, service)} was there a moment ago`);
    const kept = earlierObject(readEarlier(there.object), ring);
    const keeping = keep(seen, there, kept, epoch);
    if (keeping !== undefined) return keeping;
    before[service] = kept.metadata.name;
  }
  const approval = checkApprovals(input, request, head);
  if ("refused" in approval) return giveUp(input, head, tellAccount(approval.refused));
  // What to go back to is written down before the first Deployment is changed.
  return move(input, head, { phase: "ROLLING", prev: head.live, before });
}

/** Keeps what a Deployment is in `kept`. */
function keep(seen: Snapshot, { name, object }: PlainSeen, kept: KubeObject, epoch: number): Step | undefined {
  const there = seen.copies.get(keyOfObject(kept));
  if (there === undefined)
    return act({
      ...createCopy(kept, epoch),
      summary: `keep what Deployment ${name} is${tellOwners(object)}`,
    });
  return (there.epoch ?? 0) < epoch ? act(claimObject(there.kind, there.name, there, epoch)) : undefined;
}

/** From whom a Deployment is taken over, the first time. */
function tellOwners(object: KubeObject): string {
  const isNew = object.metadata.annotations?.[LABEL.release] === undefined;
  const { others } = isNew ? findOwnersOf(object, ["template"]) : { others: [] };
  return others.length === 0 ? "" : `, and take it over from ${others.join(", ")}`;
}
