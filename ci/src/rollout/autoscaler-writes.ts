import { type Action, type PatchOperation, pointerPart } from "./action.ts";
import { DEFAULT_POLICY, HOLDING_POLICY } from "./autoscalers.ts";
import { ANNOTATION, type KubeObject } from "./objects.ts";
import type { AutoscalerSeen } from "./snapshot.ts";
import { atVersion, claim, deleteAsSeen, testVersion } from "./writes.ts";

/** Gives a colour its autoscaler. By force, as the Deployment: it has to be exactly the release's. */
export function applyAutoscaler(whole: KubeObject, seen: AutoscalerSeen | undefined): Action {
  return {
    purpose: "apply-autoscaler",
    summary: `apply ${whole.kind} ${whole.metadata.name}, which removes no pods yet`,
    call: "apply",
    manager: "slipway",
    force: true,
    objects: [atVersion(whole, seen?.resourceVersion)],
  };
}

export function deleteAutoscaler(seen: AutoscalerSeen): Action {
  return { purpose: "delete-autoscaler", ...deleteAsSeen(AUTOSCALER, seen) };
}

/** Lets an autoscaler remove no pods, and notes how it chose before. */
export function holdAutoscaler(seen: AutoscalerSeen, epoch: number): Action {
  return {
    purpose: "hold-pods",
    summary: `let ${AUTOSCALER} ${seen.name} remove no pods`,
    ...patchAutoscaler(seen, epoch, [
      { op: "add", path: HELD_PATH, value: seen.policy },
      { op: "add", path: POLICY_PATH, value: HOLDING_POLICY },
    ]),
  };
}

/** Lets an autoscaler remove pods again, in the way it did before. */
export function releaseAutoscaler(seen: AutoscalerSeen, epoch: number): Action {
  return {
    purpose: "release-pods",
    summary: `let ${AUTOSCALER} ${seen.name} remove pods again`,
    ...patchAutoscaler(seen, epoch, [
      { op: "remove", path: HELD_PATH },
      { op: "add", path: POLICY_PATH, value: seen.held ?? DEFAULT_POLICY },
    ]),
  };
}

const AUTOSCALER = "HorizontalPodAutoscaler";
const HELD_PATH = `/metadata/annotations/${pointerPart(ANNOTATION.held)}`;
const POLICY_PATH = "/spec/behavior/scaleDown/selectPolicy";

function patchAutoscaler(
  { name, resourceVersion }: AutoscalerSeen,
  epoch: number,
  operations: readonly PatchOperation[],
) {
  return {
    call: "patch",
    manager: "slipway-scale",
    target: { kind: AUTOSCALER, name },
    patch: [testVersion(resourceVersion), claim(epoch), ...operations],
  } as const;
}
