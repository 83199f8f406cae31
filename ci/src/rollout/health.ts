import type { Placement } from "./head.ts";
import { type Colour, deploymentName, selectorOf } from "./objects.ts";
import type { RingPolicy } from "./policy.ts";
import { listServices, referTo } from "./release.ts";
import type { PodSeen, Snapshot } from "./snapshot.ts";

/** A pod that will not come up, or a Deployment that the controller has given up. */
export interface Failure {
  readonly service: string;
  readonly colour: Colour;
  /** `undefined` when it is the Deployment that is stuck. */
  readonly pod: string | undefined;
  readonly reason: string;
  readonly message: string;
}

/** Reasons of a waiting container that waiting does not mend. A crash loop counts only after `crashLimit` restarts. */
const HOPELESS: ReadonlySet<string> = new Set([
  "ImagePullBackOff",
  "InvalidImageName",
  "ErrImageNeverPull",
  "ImageInspectError",
  "CreateContainerError",
  "RunContainerError",
]);

/** What keeps a placement from ever coming up, worst first; empty when there is still hope. */
export function findFailures(seen: Snapshot, placement: Placement, policy: RingPolicy): Failure[] {
  const services = listServices(placement.release);
  const pods = services.flatMap((service) =>
    podsOf(seen, placement, service)
      .filter(({ image }) => image === referTo(placement.release, service))
      .flatMap((pod): Failure[] => {
        if (pod.trouble === undefined) return [];
        const { reason, message } = pod.trouble;
        const lost = HOPELESS.has(reason) || (reason === "CrashLoopBackOff" && pod.restarts >= policy.crashLimit);
        return lost ? [{ service, colour: pod.colour, pod: pod.name, reason, message }] : [];
      }),
  );
  const stuck = services.flatMap((service): Failure[] => {
    const colour = colourIn(placement, service);
    const deployment = seen.deployments.get(deploymentName(service, colour));
    // An old generation's verdict says nothing about this template.
    if (deployment?.stuck === undefined || deployment.observedGeneration < deployment.generation) return [];
    return [{ service, colour, pod: undefined, reason: "ProgressDeadlineExceeded", message: deployment.stuck }];
  });
  return [...pods, ...stuck];
}

/**
 * What is still missing until every service of the placement has all its pods, one line each; empty when it is fully
 * up. Looks at the generation first: without it an old status passes for the new one.
 */
export function listMissing(seen: Snapshot, placement: Placement, replicas: number): string[] {
  return listServices(placement.release).flatMap((service) => {
    const colour = colourIn(placement, service);
    const name = deploymentName(service, colour);
    const wanted = referTo(placement.release, service);
    const deployment = seen.deployments.get(name);
    if (deployment === undefined) return [`Deployment ${name} does not exist`];
    if (deployment.image !== wanted) return [`Deployment ${name} has the image ${deployment.image}, not ${wanted}`];
    if (deployment.observedGeneration < deployment.generation)
      return [`Deployment ${name}: the controller has not seen generation ${deployment.generation} yet`];
    const pods = podsOf(seen, placement, service);
    const old = pods.filter(({ image }) => image !== wanted);
    if (old.length > 0) return [`Deployment ${name}: ${old.length} pods still have another image`];
    const { updated, available, statusReplicas } = deployment;
    if ([deployment.replicas, updated, available, statusReplicas].some((count) => count !== replicas)) {
      const waiting = pods.filter(({ ready }) => !ready).map(tellPod);
      return [
        `Deployment ${name}: ${available} of ${replicas} pods available, ${updated} updated, ${statusReplicas} in all${waiting.length > 0 ? ` (${waiting.join("; ")})` : ""}`,
      ];
    }
    const reachable = seen.endpoints.get(name)?.length ?? 0;
    return reachable < replicas ? [`Service ${name}: ${reachable} of ${replicas} addresses ready`] : [];
  });
}

/** Pods beside the services that do not run, one line each. */
export function listNeighbours({ neighbours }: Snapshot): string[] {
  return neighbours.map(
    ({ name, trouble }) => `beside it, pod ${name}: ${[trouble?.reason, trouble?.message].filter(Boolean).join(": ")}`,
  );
}

/** Services of the placement that could not answer a single request now. */
export function listUnserved(seen: Snapshot, placement: Placement): string[] {
  return listServices(placement.release).filter(
    (service) => (seen.endpoints.get(deploymentName(service, colourIn(placement, service)))?.length ?? 0) === 0,
  );
}

/** Services whose live Service does not select the placement's colour. A missing Service counts. */
export function listUnswitched(seen: Snapshot, placement: Placement): string[] {
  return listServices(placement.release).filter((service) => {
    const wanted = selectorOf(service, colourIn(placement, service));
    return !sameMap(seen.services.get(service)?.selector, wanted);
  });
}

/** Services whose traffic does not go to the placement's pods alone yet, one line each. */
export function listUnsettled(seen: Snapshot, placement: Placement): string[] {
  return listServices(placement.release).flatMap((service) => {
    const own = new Set(podsOf(seen, placement, service).map(({ name }) => name));
    const reached = seen.endpoints.get(service) ?? [];
    const foreign = reached.filter((name) => !own.has(name));
    if (reached.length === 0) return [`Service ${service} reaches no pod yet`];
    return foreign.length === 0 ? [] : [`Service ${service} still reaches ${foreign.join(", ")}`];
  });
}

/** Restarts of all pods of the placement. */
export function countRestarts(seen: Snapshot, placement: Placement): number {
  return listServices(placement.release)
    .flatMap((service) => podsOf(seen, placement, service))
    .reduce((sum, { restarts }) => sum + restarts, 0);
}

export function tellFailures(failures: readonly Failure[]): string {
  return failures
    .map(({ service, colour, pod, reason, message }) => {
      const who = pod === undefined ? `Deployment ${deploymentName(service, colour)}` : `pod ${pod}`;
      return `${who}: ${reason}${message === "" ? "" : `: ${message}`}`;
    })
    .join("\n    ");
}

/** The colour of a service in a placement. */
export function colourIn(placement: Placement, service: string): Colour {
  const colour = placement.colours[service];
  if (colour === undefined) throw new Error(`the record of ${placement.release.id} has no colour for ${service}`);
  return colour;
}

export function sameMap(
  left: Readonly<Record<string, string>> | null | undefined,
  right: Readonly<Record<string, string>>,
): boolean {
  if (left === null || left === undefined) return false;
  const keys = Object.keys(right);
  return Object.keys(left).length === keys.length && keys.every((key) => left[key] === right[key]);
}

/** The pods of one service of the placement, also those that are not ready. */
export function podsOf(seen: Snapshot, placement: Placement, service: string): PodSeen[] {
  const colour = colourIn(placement, service);
  return seen.pods.filter((pod) => pod.service === service && pod.colour === colour);
}

function tellPod({ name, trouble, restarts }: PodSeen): string {
  return `${name} ${trouble === undefined ? "not ready" : trouble.reason}${restarts > 0 ? `, ${restarts} restarts` : ""}`;
}
