import { countWanted } from "./bounds.ts";
import type { Placement } from "./head.ts";
import { colourIn, deploymentIn, findColourIn, isPlain, liveServiceIn, ownServiceIn } from "./names.ts";
import { selectorOf } from "./objects.ts";
import { selectsPodsOf } from "./own-images.ts";
import { patienceMs, type RingPolicy } from "./policy.ts";
import { isSameImage, listAnswering, listStaying, referTo } from "./release.ts";
import type { PodSeen, Snapshot } from "./snapshot.ts";
import { outlookOf, type Trouble, tellTrouble } from "./trouble.ts";

/** A pod that will not come up, or a Deployment that the controller has given up. */
export interface Failure {
  readonly service: string;
  readonly deployment: string;
  /** `undefined` when it is the Deployment that is stuck. */
  readonly pod: string | undefined;
  readonly reason: string;
  readonly message: string;
}

/** The time in which a placement has been watched. */
export interface Watched {
  readonly nowMs: number;
  readonly sinceMs: number;
}

/**
 * What keeps a placement from ever coming up, worst first; empty when there is still hope.
 *
 * @param watched how long what may still be mended has had time for that; left out, it is hoped for
 */
export function findFailures(seen: Snapshot, placement: Placement, policy: RingPolicy, watched?: Watched): Failure[] {
  const services = listStaying(placement.release);
  const pods = services.flatMap((service) =>
    ownPodsOf(seen, placement, service).flatMap((pod): Failure[] => {
      const { name, trouble, restarts } = pod;
      if (trouble === undefined || !isLost(trouble, restarts, policy, watched)) return [];
      const deployment = deploymentIn(placement, service);
      return [{ service, deployment, pod: name, reason: trouble.reason, message: tellLasting(trouble, policy) }];
    }),
  );
  const stuck = services.flatMap((service): Failure[] => {
    const name = deploymentIn(placement, service);
    const deployment = seen.deployments.get(name);
    // What was before it may have been stuck: that is no reason not to mend it.
    if (isPlain(placement) && deployment?.release !== placement.release.id) return [];
    // An old generation's verdict says nothing about this template.
    if (deployment === undefined || deployment.observedGeneration < deployment.generation) return [];
    const { trouble, stuck: late } = deployment;
    const about = { service, deployment: name, pod: undefined };
    return [
      // What has been too late was so for a reason.
      ...(trouble !== undefined && (late !== undefined || isLost(trouble, 0, policy, watched))
        ? [{ ...about, reason: trouble.reason, message: tellLasting(trouble, policy) }]
        : []),
      ...(late === undefined ? [] : [{ ...about, reason: "ProgressDeadlineExceeded", message: late }]),
    ];
  });
  return [...pods, ...stuck, ...services.flatMap((service) => findEnding(seen, placement, service, policy, watched))];
}

/** Is waiting for it to end no use? @param restarts of the pod, where the trouble itself counts none */
export function isLost(trouble: Trouble, restarts: number, policy: RingPolicy, watched: Watched | undefined): boolean {
  const outlook = outlookOf(trouble);
  if (outlook === "crash") return (trouble.restarts ?? restarts) >= policy.crashLimit;
  return outlook === "lost" || (outlook === "open" && hasLasted(trouble, policy, watched));
}

function hasLasted({ sinceMs = 0 }: Trouble, policy: RingPolicy, watched: Watched | undefined): boolean {
  // Time before that was not this run's to wait in; and the cluster's clock may be another one.
  return watched !== undefined && watched.nowMs - Math.max(sinceMs, watched.sinceMs) >= patienceMs(policy);
}

function tellLasting(trouble: Trouble, policy: RingPolicy): string {
  const patience = `${patienceMs(policy) / 1000} seconds`;
  return outlookOf(trouble) === "open" ? `${trouble.message} (waited ${patience} for it to be fixed)` : trouble.message;
}

/** Pods that end again and again, because their node does not take them or throws them out. */
function findEnding(
  seen: Snapshot,
  placement: Placement,
  service: string,
  policy: RingPolicy,
  watched: Watched | undefined,
): Failure[] {
  const ended = endedPodsOf(seen, placement, service).filter(
    ({ bornMs }) => watched !== undefined && bornMs !== undefined && bornMs >= watched.sinceMs,
  );
  const last = ended.at(-1);
  if (last?.ended === undefined || ended.length < policy.crashLimit) return [];
  const message = [last.ended.message, `${ended.length} pods have ended like this`]
    .filter((part) => part !== "")
    .join("; ");
  return [
    { service, deployment: deploymentIn(placement, service), pod: last.name, reason: last.ended.reason, message },
  ];
}

/**
 * What is still missing until every service of the placement has all its pods, one line each; empty when it is fully
 * up. Looks at the generation first: without it an old status passes for the new one.
 */
export function listMissing(seen: Snapshot, placement: Placement, replicas: number): string[] {
  return listStaying(placement.release).flatMap((service) => listMissingOf(seen, placement, service, replicas));
}

/**
 * The same only of services that have fewer pods able to serve than they should: with anything else that is odd about
 * the colour the release can answer all the same.
 */
export function listShort(seen: Snapshot, placement: Placement, replicas: number): string[] {
  return listStaying(placement.release).flatMap((service) => {
    const name = deploymentIn(placement, service);
    const deployment = seen.deployments.get(name);
    const knows = deployment !== undefined && deployment.observedGeneration >= deployment.generation;
    const counts = knows ? [deployment.updated, deployment.available, countReachable(seen, placement, service)] : [0];
    const able = isSameImage(deployment?.image, referTo(placement.release, service)) ? Math.min(...counts) : 0;
    return able >= countPods(seen, placement, service, replicas)
      ? []
      : listMissingOf(seen, placement, service, replicas);
  });
}

function listMissingOf(seen: Snapshot, placement: Placement, service: string, replicas: number): string[] {
  const name = deploymentIn(placement, service);
  const wanted = referTo(placement.release, service);
  const deployment = seen.deployments.get(name);
  if (deployment === undefined) return [`Deployment ${name} does not exist`];
  if (!isSameImage(deployment.image, wanted))
    return [`Deployment ${name} has the image ${deployment.image}, not ${wanted}`];
  if (deployment.observedGeneration < deployment.generation)
    return [`Deployment ${name}: the controller has not seen generation ${deployment.generation} yet`];
  const pods = podsOf(seen, placement, service);
  const old = pods.filter(({ image, running }) => !isSameImage(image, wanted, running));
  if (old.length > 0) return [`Deployment ${name}: ${old.length} pods still have another image`];
  const { updated, available, statusReplicas } = deployment;
  // More than the ring says is right: somebody's hand has seen the need.
  const count = Math.max(deployment.replicas, countPods(seen, placement, service, replicas));
  if ([deployment.replicas, updated, available, statusReplicas].some((one) => one !== count)) {
    const why = tellWhy(seen, placement, service);
    return [
      `Deployment ${name}: ${available} of ${count} pods available, ${updated} updated, ${statusReplicas} in all${why.length > 0 ? ` (${why.join("; ")})` : ""}`,
    ];
  }
  const reachable = countReachable(seen, placement, service);
  return reachable < count ? [`Service ${name}: ${reachable} of ${count} addresses ready`] : [];
}

/** How many pods a service should have. Where its Deployment is changed in place that number is whoever's it is. */
function countPods(seen: Snapshot, placement: Placement, service: string, replicas: number): number {
  const name = deploymentIn(placement, service);
  if (isPlain(placement)) return Math.max(1, seen.deployments.get(name)?.replicas ?? 0);
  return countWanted(seen, name, replicas);
}

/** Why a service does not have its pods: what keeps them from being made, then what each of them lacks. */
function tellWhy(seen: Snapshot, placement: Placement, service: string): string[] {
  const { trouble, stuck } = seen.deployments.get(deploymentIn(placement, service)) ?? {};
  const waiting = podsOf(seen, placement, service).filter(({ ready }) => !ready);
  const ended = endedPodsOf(seen, placement, service);
  const last = ended.at(-1);
  return [
    ...(trouble === undefined ? [] : [tellTrouble(trouble)]),
    ...(stuck === undefined || stuck === "" ? [] : [stuck]),
    ...waiting.map(tellPod),
    ...(last?.ended === undefined
      ? []
      : [
          `${last.name} ended: ${tellTrouble(last.ended)}${ended.length > 1 ? `, and ${ended.length - 1} more pods ended` : ""}`,
        ]),
  ];
}

/** Pods beside the services that do not run, one line each. */
export function listNeighbours({ neighbours }: Snapshot): string[] {
  return neighbours.map(
    ({ name, trouble }) => `beside it, pod ${name}: ${trouble === undefined ? "" : tellTrouble(trouble)}`,
  );
}

/** Services and workers of the placement that could not do anything now: nobody reaches a pod, or none is ready. */
export function listUnserved(seen: Snapshot, placement: Placement): string[] {
  return listStaying(placement.release).filter((service) => countReachable(seen, placement, service) === 0);
}

/** The pods of one service's colour that its own Service leads to; a worker has none, so those that are ready. */
function countReachable(seen: Snapshot, placement: Placement, service: string): number {
  if (listAnswering(placement.release).includes(service))
    return seen.endpoints.get(ownServiceIn(placement, service))?.length ?? 0;
  return podsOf(seen, placement, service).filter(({ ready }) => ready).length;
}

/**
 * Services whose live Service does not select the placement's colour or, where there is none, the pods of the Deployment.
 * A missing Service counts.
 */
export function listUnswitched(seen: Snapshot, placement: Placement): string[] {
  return listAnswering(placement.release).filter((service) => {
    const selector = seen.services.get(liveServiceIn(placement, service))?.selector;
    if (isPlain(placement))
      return !selectsPodsOf(selector, seen.uncoloured.get(deploymentIn(placement, service))?.object);
    return !sameMap(selector, selectorOf(service, colourIn(placement, service)));
  });
}

/** Services whose traffic does not go to the placement's pods alone yet, one line each. */
export function listUnsettled(seen: Snapshot, placement: Placement): string[] {
  return listAnswering(placement.release).flatMap((service) => {
    // A Deployment that is changed in place has pods of before, too.
    const pods = isPlain(placement) ? ownPodsOf(seen, placement, service) : podsOf(seen, placement, service);
    const own = new Set(pods.map(({ name }) => name));
    const live = liveServiceIn(placement, service);
    const reached = seen.endpoints.get(live) ?? [];
    const foreign = reached.filter((name) => !own.has(name));
    if (reached.length === 0) return [`Service ${live} reaches no pod yet`];
    return foreign.length === 0 ? [] : [`Service ${live} still reaches ${foreign.join(", ")}`];
  });
}

/** Restarts of all pods of the placement that live. */
export function countRestarts(seen: Snapshot, placement: Placement): number {
  return listStaying(placement.release)
    .flatMap((service) => ownPodsOf(seen, placement, service))
    .reduce((sum, { restarts }) => sum + restarts, 0);
}

export function tellFailures(failures: readonly Failure[]): string {
  return failures
    .map(({ deployment, pod, reason, message }) => {
      const who = pod === undefined ? `Deployment ${deployment}` : `pod ${pod}`;
      return `${who}: ${reason}${message === "" ? "" : `: ${message}`}`;
    })
    .join("\n    ");
}

/** The names of the Deployments that run a placement; none for nothing. */
export function listDeployments(placement: Placement | null): string[] {
  if (placement === null) return [];
  return listStaying(placement.release).map((service) => deploymentIn(placement, service));
}

function sameMap(
  left: Readonly<Record<string, string>> | null | undefined,
  right: Readonly<Record<string, string>>,
): boolean {
  if (left === null || left === undefined) return false;
  const keys = Object.keys(right);
  return Object.keys(left).length === keys.length && keys.every((key) => left[key] === right[key]);
}

/** The living pods of one service's colour, also those that are not ready, and those of another release. */
export function podsOf(seen: Snapshot, placement: Placement, service: string): PodSeen[] {
  return listPods(seen, placement, service).filter(({ ended }) => ended === undefined);
}

/** Those of them that are of this very release, and of the template that its Deployment has now. */
function ownPodsOf(seen: Snapshot, placement: Placement, service: string): PodSeen[] {
  return podsOf(seen, placement, service).filter((pod) => isOwn(seen, placement, pod));
}

/** Pods of the release that have ended, the last one last. */
function endedPodsOf(seen: Snapshot, placement: Placement, service: string): PodSeen[] {
  return listPods(seen, placement, service)
    .filter((pod) => pod.ended !== undefined && isOwn(seen, placement, pod))
    .toSorted((left, right) => (left.bornMs ?? 0) - (right.bornMs ?? 0));
}

function listPods(seen: Snapshot, placement: Placement, service: string): PodSeen[] {
  const colour = findColourIn(placement, service);
  return seen.pods.filter((pod) => pod.service === service && pod.colour === colour);
}

/** What a pod does not say of itself, such as its release when somebody else has made it, is not held against it. */
function isOwn(seen: Snapshot, placement: Placement, pod: PodSeen): boolean {
  const { release } = placement;
  const { service, image, running } = pod;
  const {
    replicaSet,
    generation = 0,
    observedGeneration = 0,
  } = seen.deployments.get(deploymentIn(placement, service)) ?? {};
  // Until the controller has seen a new template, the known one is that of before.
  const set = observedGeneration < generation ? undefined : replicaSet;
  return (
    isSameImage(image, referTo(release, service), running) &&
    // A Deployment that is changed in place has pods of before, which may say nothing.
    (pod.release ?? (isPlain(placement) ? undefined : release.id)) === release.id &&
    (pod.replicaSet === undefined || set === undefined || pod.replicaSet === set)
  );
}

function tellPod({ name, trouble, restarts }: PodSeen): string {
  return `${name} ${trouble === undefined ? "not ready" : tellTrouble(trouble)}${restarts > 0 ? `, ${restarts} restarts` : ""}`;
}
