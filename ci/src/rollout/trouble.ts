import { z } from "zod";

/** Why something does not run, in the words of the part of Kubernetes that says so. */
export interface Trouble {
  readonly reason: string;
  readonly message: string;
  /** Restarts of the container that it is about, if it is about one. */
  readonly restarts?: number;
  /** Since when, by the cluster's clock, if it says so. */
  readonly sinceMs?: number;
  /** What is to be expected, where the reason alone does not say it: a runtime gives an end any name. */
  readonly outlook?: Outlook;
}

/**
 * - `lost`: waiting does not mend it
 * - `crash`: some restarts are normal, so it counts after the policy's `crashLimit`
 * - `open`: the cluster or a person may still mend it, for which the policy's `patienceSeconds` are given
 * - `start`: it may be on its way up
 */
export type Outlook = "lost" | "crash" | "open" | "start";

const OUTLOOKS: Readonly<Record<string, Outlook>> = {
  // The kubelet's reasons of a waiting container.
  ImagePullBackOff: "lost",
  InvalidImageName: "lost",
  ErrImageNeverPull: "lost",
  ImageInspectError: "lost",
  SignatureValidationFailed: "lost",
  CreateContainerError: "lost",
  RunContainerError: "lost",
  CrashLoopBackOff: "crash",
  // A Secret, a ConfigMap or a key of one that is missing may still be made.
  CreateContainerConfigError: "open",
  RegistryUnavailable: "open",
  // The scheduler's: an autoscaler may bring a node, somebody may take a gate or a taint away.
  Unschedulable: "open",
  SchedulingGated: "open",
  SchedulerError: "open",
  // The controllers': a quota may be raised, a webhook may answer again, a service account may be made.
  FailedCreate: "open",
  ReplicaSetCreateError: "open",
  DeploymentPaused: "open",
  // Only events tell these: volumes, and the pod's network.
  FailedMount: "open",
  FailedMapVolume: "open",
  FailedAttachVolume: "open",
  FailedCreatePodSandBox: "open",
  FailedCreatePodContainer: "open",
  NetworkNotReady: "open",
};

export function outlookOf({ reason, outlook }: Trouble): Outlook {
  return outlook ?? OUTLOOKS[reason] ?? "start";
}

/** Reasons that say no more than that a pod is not up yet. */
const PLAIN: ReadonlySet<string> = new Set(["", "ContainerCreating", "PodInitializing", "ContainersNotReady"]);

/** Does it say no more than that it is not up yet? */
export function isPlain({ reason }: Trouble): boolean {
  return PLAIN.has(reason);
}

const RANKS: Readonly<Record<Outlook, number>> = { lost: 0, crash: 1, open: 2, start: 3 };

/** The one that says most about why it does not run. Of equals the first. */
export function worstOf(troubles: readonly Trouble[]): Trouble | undefined {
  const rank = (trouble: Trouble) => RANKS[outlookOf(trouble)] + (isPlain(trouble) ? 1 : 0);
  return troubles.toSorted((left, right) => rank(left) - rank(right))[0];
}

export function tellTrouble({ reason, message }: Trouble): string {
  return [reason, message].filter((part) => part !== "").join(": ");
}

/** A condition as Deployments, ReplicaSets and pods have them. */
export const conditionSchema = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().nullish(),
  message: z.string().nullish(),
  lastTransitionTime: z.string().nullish(),
});

export type Condition = z.output<typeof conditionSchema>;

/** A list that the API leaves out, or writes as null, when it is empty. */
export function listOf<Item extends z.ZodType>(item: Item) {
  return z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);
}

/** What a condition says is wrong. */
export function troubleOf({ type, reason, message, lastTransitionTime }: Condition): Trouble {
  return { reason: reason || type, message: message ?? "", ...since(lastTransitionTime) };
}

/** A time of the API as `sinceMs`; nothing when there is none. */
export function since(time: string | null | undefined): Pick<Trouble, "sinceMs"> {
  const ms = Date.parse(time ?? "");
  return Number.isNaN(ms) ? {} : { sinceMs: ms };
}
