import type { AutoscalerSeen, Snapshot } from "./snapshot.ts";

/** How few and how many pods a Deployment may have. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** The autoscalers that are about a Deployment, whoever made them. */
export function listAutoscalers({ autoscalers }: Snapshot, deployment: string): AutoscalerSeen[] {
  return autoscalers.filter(({ target }) => target === deployment);
}

/** What an autoscaler says of the number of pods; what the ring says, where there is none. */
export function boundsOf(seen: Snapshot, deployment: string, replicas: number): Bounds {
  const [autoscaler] = listAutoscalers(seen, deployment);
  return autoscaler ?? { min: replicas, max: replicas };
}

/** How many pods a Deployment should have now: where an autoscaler decides, what it has decided. */
export function countWanted(seen: Snapshot, deployment: string, replicas: number): number {
  if (listAutoscalers(seen, deployment).length === 0) return replicas;
  return Math.max(seen.deployments.get(deployment)?.replicas ?? 0, boundsOf(seen, deployment, replicas).min);
}
