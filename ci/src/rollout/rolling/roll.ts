import { boundsOf } from "../bounds.ts";
import { deadlineMs, watched } from "../deadline.ts";
import { findCheck } from "../gate.ts";
import type { Head, Placement } from "../head.ts";
import { findFailures, listMissing, listNeighbours, listUnserved, listUnsettled, tellFailures } from "../health.ts";
import { contentOf, findDeployment } from "../manifests.ts";
import { deploymentIn } from "../names.ts";
import { act, type Step } from "../next-step.ts";
import { tellTime } from "../objects.ts";
import { listAnswering, listStaying } from "../release.ts";
import type { DeployRequest, HeldInput } from "../request.ts";
import { giveUp, tellLate } from "../rollback.ts";
import { sortStale, tellWaiting } from "../shared.ts";
import { bringCopies } from "../sweep.ts";
import { move } from "../transition.ts";
import { findPlain, isAsKept } from "./kept.ts";
import { rollDeployment } from "./writes.ts";

/** Changes every Deployment, and waits until Kubernetes has brought all new pods up, and nobody reaches another one. */
export function roll(input: HeldInput, head: Head, want: Placement, request: DeployRequest): Step {
  const { seen, policy, evidence, nowMs } = input;
  const { release } = want;
  const untilMs = deadlineMs(input, head);
  const waiting = () =>
    tellWaiting(sortStale(request.manifests.base, seen, { live: head.live, want, strategy: policy.strategy }));
  const wait = (what: "pods" | "endpoints" | "probe", open: readonly string[]): Step =>
    nowMs >= untilMs
      ? giveUp(input, head, `${tellLate(policy.deadlineSeconds, open)}${waiting()}`)
      : { kind: "wait", for: what, detail: open.join("\n    "), release, untilMs };
  const failures = findFailures(seen, want, policy, watched(input, head));
  if (failures.length > 0)
    return giveUp(input, head, `the new pods cannot come up:\n    ${tellFailures(failures)}${waiting()}`);
  for (const service of listStaying(release)) {
    const changing = change(input, head, want, request, service);
    if (changing !== undefined) return changing;
  }
  const missing = listMissing(seen, want, policy.replicas);
  if (missing.length > 0) return wait("pods", [...missing, ...listNeighbours(seen)]);
  const unserved = listUnserved(seen, want).map((service) => `${service}: no pod is ready`);
  if (unserved.length > 0) return wait("pods", unserved);
  const unsettled = listUnsettled(seen, want);
  if (unsettled.length > 0) return wait("endpoints", unsettled);
  const probe = findCheck(evidence.probe, head, want);
  if (probe === undefined && listAnswering(release).length > 0)
    return wait("probe", ["the release has not been asked through the live Services yet"]);
  if (probe !== undefined && !probe.ok)
    return giveUp(input, head, `the release does not answer as it should: ${probe.detail}`);
  const switchedAt = tellTime(nowMs);
  return move(
    input,
    head,
    { phase: "BAKING", live: want, switchedAt },
    { kind: "switched", release, reason: "every pod is of the release", planned: true, switchedAt },
  );
}

/** Gives one Deployment the release; `undefined` when it has it. */
function change(
  input: HeldInput,
  head: Head,
  want: Placement,
  { manifests }: DeployRequest,
  service: string,
): Step | undefined {
  const { seen, ring, policy, run } = input;
  const { epoch } = run;
  const { release } = want;
  const name = deploymentIn(want, service);
  const there = findPlain(seen, want, service);
  if (there === undefined) return giveUp(input, head, `Deployment ${name} is gone`);
  const whole = findDeployment(manifests, { ring, service, placement: want });
  const has = there.release === release.id;
  if (has && there.content === contentOf(whole)) return undefined;
  if (!has && !isAsKept(seen, head, service, there))
    return giveUp(input, head, `somebody has changed Deployment ${name} since it was kept, or what was kept is gone`);
  const copying = bringCopies(seen, manifests.copies[service] ?? [], epoch);
  if (copying !== undefined) return copying;
  const { min: replicas } = boundsOf(seen, name, policy.replicas);
  return act(rollDeployment(whole, there, { epoch, release, replicas }));
}
