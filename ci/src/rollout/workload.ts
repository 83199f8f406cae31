import { z } from "zod";
import { type Hints, REVISION } from "./hints.ts";
import { type Condition, conditionSchema, listOf, type Trouble, troubleOf } from "./trouble.ts";

/** What a Deployment's status says about its pods. */
export interface WorkloadState {
  readonly observedGeneration: number;
  readonly statusReplicas: number;
  readonly updated: number;
  readonly available: number;
  /** Message of the condition Progressing=False, which the controller sets after progressDeadlineSeconds. */
  readonly stuck: string | undefined;
  /** Why its pods are not made. */
  readonly trouble?: Trouble;
  /** The ReplicaSet of the template as it is now, if that is known. */
  readonly replicaSet?: string;
}

export const workloadSchema = z.object({
  metadata: z.object({ name: z.string(), annotations: z.record(z.string(), z.string()).nullish() }),
  spec: z.object({
    replicas: z.number().default(1),
    paused: z.boolean().nullish(),
    template: z.object({ spec: z.object({ containers: z.array(z.object({ name: z.string(), image: z.string() })) }) }),
  }),
  status: z
    .object({
      observedGeneration: z.number().default(0),
      replicas: z.number().default(0),
      updatedReplicas: z.number().default(0),
      availableReplicas: z.number().default(0),
      conditions: listOf(conditionSchema),
    })
    .prefault({}),
});

export function readWorkload(
  { metadata, spec, status }: z.output<typeof workloadSchema>,
  { warnings, replicaSets }: Hints,
): WorkloadState {
  const { conditions } = status;
  const progress = conditions.find(({ type, status: is }) => type === "Progressing" && is === "False");
  const late = progress !== undefined && isLate(progress);
  const revision = metadata.annotations?.[REVISION];
  const sets = replicaSets.get(metadata.name) ?? [];
  const set = sets.find((one) => revision !== undefined && one.revision === revision);
  const failure = conditions.find(({ type, status: is }) => type === "ReplicaFailure" && is === "True");
  const warning = set && status.replicas < spec.replicas ? warnings.get(`ReplicaSet/${set.name}`) : undefined;
  const troubles: (Trouble | undefined)[] = [
    failure && troubleOf(failure),
    set?.trouble,
    late || progress === undefined ? undefined : troubleOf(progress),
    spec.paused
      ? { reason: "DeploymentPaused", message: "its controller creates no pods until it is resumed" }
      : undefined,
    warning,
  ];
  const trouble = troubles.find((one) => one !== undefined);
  return {
    observedGeneration: status.observedGeneration,
    statusReplicas: status.replicas,
    updated: status.updatedReplicas,
    available: status.availableReplicas,
    stuck: late ? (progress.message ?? "") : undefined,
    ...(trouble === undefined ? {} : { trouble }),
    ...(set === undefined ? {} : { replicaSet: set.name }),
  };
}

/** The one reason that says that the controller has waited long enough; others say why it cannot begin. */
function isLate({ reason }: Condition): boolean {
  return !reason || reason === "ProgressDeadlineExceeded";
}
