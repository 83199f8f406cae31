import { applyAutoscaler, deleteAutoscaler, holdAutoscaler, releaseAutoscaler } from "./autoscaler-writes.ts";
import { boundsOf, listAutoscalers } from "./bounds.ts";
import type { Placement } from "./head.ts";
import { listDeployments } from "./health.ts";
import { contentOf } from "./manifests.ts";
import { deploymentIn } from "./names.ts";
import { act, type Step } from "./next-step.ts";
import type { KubeObject } from "./objects.ts";
import type { AutoscalerSeen, DeploymentSeen, Snapshot } from "./snapshot.ts";
import { scaleColour } from "./writes.ts";

/** What a colour that is not live gets its number of pods from. */
export interface ScaleInput {
  readonly seen: Snapshot;
  readonly replicas: number;
  readonly epoch: number;
  /** Who has the pods now whose work this colour takes over. */
  readonly after: Placement | null;
  /** More pods than that are too many, too. */
  readonly exactly: boolean;
}

/**
 * Gives a colour as many pods as the ring says. Where an autoscaler does it: at least as many as those have whose work it
 * takes over, within its bounds; what it adds is left to it.
 */
export function scaleUp(input: ScaleInput, deployment: DeploymentSeen): Step | undefined {
  const { seen, replicas, epoch, after, exactly } = input;
  const { name, service } = deployment;
  const { min, max } = boundsOf(seen, name, replicas);
  const follows = listAutoscalers(seen, name).length > 0 && after?.colours[service] !== undefined;
  const before = follows ? deploymentIn(after, service) : undefined;
  const wanted = Math.min(max, Math.max(min, seen.deployments.get(before ?? "")?.replicas ?? 0));
  const isEnough = deployment.replicas >= wanted && !(exactly && deployment.replicas > max);
  return isEnough ? undefined : act(scaleColour(deployment, wanted, epoch, before));
}

/** How many pods a colour keeps that serves nobody: an autoscaler leaves none alone, but fills up what is below its bounds. */
export function idleReplicas(seen: Snapshot, deployment: string, idle: number): number {
  return idle === 0 ? 0 : Math.max(idle, boundsOf(seen, deployment, idle).min);
}

/** Gives a colour the autoscaler of its release, or takes away the one that an older release had. */
export function bringAutoscaler(seen: Snapshot, deployment: string, wanted: KubeObject | undefined): Step | undefined {
  const own = listOwn(seen, [deployment]);
  const other = own.find(({ name }) => name !== wanted?.metadata.name);
  if (other !== undefined) return act(deleteAutoscaler(other));
  if (wanted === undefined) return undefined;
  const [there] = own;
  const isThere = there !== undefined && there.content === contentOf(wanted) && there.held !== undefined;
  return isThere ? undefined : act(applyAutoscaler(wanted, there));
}

/** Keeps the autoscalers of a placement from taking pods away: it will lose its traffic, and may have to take it back. */
export function holdPods(seen: Snapshot, placement: Placement | null, epoch: number): Step | undefined {
  const free = listOwn(seen, listDeployments(placement)).find(({ held }) => held === undefined);
  return free === undefined ? undefined : act(holdAutoscaler(free, epoch));
}

/** Leaves the number of pods of who serves to its autoscalers. */
export function releasePods(seen: Snapshot, placement: Placement, epoch: number): Step | undefined {
  const held = listOwn(seen, listDeployments(placement)).find((one) => one.held !== undefined);
  return held === undefined ? undefined : act(releaseAutoscaler(held, epoch));
}

function listOwn(seen: Snapshot, deployments: readonly string[]): AutoscalerSeen[] {
  return deployments.flatMap((name) => listAutoscalers(seen, name)).filter(({ own }) => own);
}
