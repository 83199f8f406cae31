import { listAutoscalers } from "./bounds.ts";
import { blocked } from "./ended.ts";
import { jobName } from "./job-manifest.ts";
import { findColourAutoscaler } from "./manifests.ts";
import { namesIn } from "./names.ts";
import type { Step } from "./next-step.ts";
import { COLOURS, deploymentName } from "./objects.ts";
import { keyOfObject } from "./reads.ts";
import { listJobs, listStaying } from "./release.ts";
import type { DeployRequest, HeldInput } from "./request.ts";
import type { AutoscalerSeen } from "./snapshot.ts";

/** Objects of others in the ring that a deploy would have to take over, or that would work against it. */
export function refuseRivals(input: HeldInput, request: DeployRequest): Step | undefined {
  // Who scales a Deployment that is changed in place goes on doing so.
  return findTaken(input, request) ?? (input.policy.strategy === "rolling" ? undefined : findRivals(input, request));
}

/** Names that the release's copies and Jobs would have, and that somebody else has given. */
function findTaken({ seen, ring }: HeldInput, { manifests, release }: DeployRequest): Step | undefined {
  const copies = Object.values(manifests.copies).flat().map(keyOfObject);
  const jobs = listJobs(release).map((service) => jobName(service, release));
  const taken = [
    ...copies.filter((key) => seen.objects.has(key) && !seen.copies.has(key)),
    ...jobs.filter((name) => seen.objects.has(`Job/${name}`) && !seen.jobs.has(name)).map((name) => `Job/${name}`),
  ];
  if (taken.length === 0) return undefined;
  return blocked("drift", {
    what: `ring ${ring} has objects that Slipway did not make, under names that it gives: ${[...new Set(taken)].join(", ")}`,
    where: `ring ${ring}`,
    todo: "find out who made them (kubectl get -o yaml --show-managed-fields), and remove or rename them",
  });
}

/** Autoscalers of others that would work against the release, or against the one that it brings. */
function findRivals({ seen, ring }: HeldInput, { release, manifests }: DeployRequest): Step | undefined {
  const problems = listStaying(release).flatMap((service) =>
    COLOURS.flatMap((colour) => {
      const name = deploymentName(namesIn(manifests, service).deployment, colour);
      const own = findColourAutoscaler(manifests, { ring, service, colour })?.metadata.name;
      const others = listAutoscalers(seen, name).filter((one) => !one.own);
      const taken = seen.autoscalers.filter((one) => !one.own && one.name === own && one.target !== name);
      return [
        ...others.flatMap((one) => tellRival(one, own, others.length)),
        ...taken.map((one) => `HorizontalPodAutoscaler ${one.name} is not Slipway's, but has the name that it gives`),
      ];
    }),
  );
  if (problems.length === 0) return undefined;
  return blocked("drift", {
    what: [`ring ${ring} has autoscalers that Slipway cannot work with:`, ...problems].join("\n    "),
    where: `ring ${ring}`,
    todo: "remove them, and put one HorizontalPodAutoscaler for each service into the manifests: each colour gets its own",
  });
}

function tellRival({ name, target, madeBy, min }: AutoscalerSeen, own: string | undefined, count: number): string[] {
  const title = `HorizontalPodAutoscaler ${name}${madeBy === undefined ? "" : ` (made by ${madeBy})`} is about Deployment ${target}`;
  if (own !== undefined) return [`${title}, for which the manifests also have one`];
  if (count > 1) return [`${title}, and it is not the only one`];
  // What starts a colour at 0 that serves nobody.
  if (madeBy?.startsWith("ScaledObject ")) return [`${title}: it would start pods of an idle colour again`];
  return min < 1 ? [`${title} with minReplicas ${min}: it would start pods of an idle colour again`] : [];
}
