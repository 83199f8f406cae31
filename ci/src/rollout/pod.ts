import { z } from "zod";
import { conditionSchema, isPlain, listOf, since, type Trouble, troubleOf, worstOf } from "./trouble.ts";

/** A pod by itself, whoever's it is. */
export interface PodState {
  readonly ready: boolean;
  /** Restarts of what serves: its containers, and its init containers that run beside them. */
  readonly restarts: number;
  /** Why it is not up. */
  readonly trouble: Trouble | undefined;
  /** Why it has ended for good. Such a pod stays lying there, and neither serves nor counts. */
  readonly ended?: Trouble;
  /** The digest that a container's runtime says it runs, by the container's name, where it says so. */
  readonly running: ReadonlyMap<string, string>;
}

const stateSchema = z
  .object({
    waiting: z.object({ reason: z.string().nullish(), message: z.string().nullish() }).nullish(),
    running: z.object({}).nullish(),
    terminated: z
      .object({
        exitCode: z.number().default(0),
        reason: z.string().nullish(),
        message: z.string().nullish(),
        finishedAt: z.string().nullish(),
      })
      .nullish(),
  })
  .nullish()
  .transform((state) => state ?? {});

const containerSchema = z.object({
  name: z.string().default(""),
  restartCount: z.number().default(0),
  imageID: z.string().default(""),
  state: stateSchema,
  lastState: stateSchema,
});

type ContainerStatus = z.output<typeof containerSchema>;

export const podSchema = z.object({
  spec: z.object({
    containers: z.array(z.object({ name: z.string(), image: z.string() })),
    initContainers: listOf(z.object({ name: z.string(), restartPolicy: z.string().nullish() })),
  }),
  status: z
    .object({
      phase: z.string().default("Running"),
      reason: z.string().nullish(),
      message: z.string().nullish(),
      conditions: listOf(conditionSchema),
      containerStatuses: listOf(containerSchema),
      initContainerStatuses: listOf(containerSchema),
    })
    .prefault({}),
});

/** @param warning the latest event that warns of the pod: the only place where some things are told */
export function readPodState({ spec, status }: z.output<typeof podSchema>, warning: Trouble | undefined): PodState {
  const { phase, conditions, containerStatuses, initContainerStatuses } = status;
  const sidecars = new Set(spec.initContainers.flatMap((one) => (one.restartPolicy === "Always" ? [one.name] : [])));
  const serving = [...containerStatuses, ...initContainerStatuses.filter(({ name }) => sidecars.has(name))];
  const running = new Map(
    serving.flatMap(({ name, imageID }) => {
      const digest = /sha256:[0-9a-f]{64}$/.exec(imageID)?.[0];
      return digest === undefined ? [] : [[name, digest] as const];
    }),
  );
  const restarts = serving.reduce((sum, { restartCount }) => sum + restartCount, 0);
  // Unknown is what the cluster says of a pod whose node it has lost.
  if (phase === "Failed" || phase === "Succeeded" || phase === "Unknown")
    return { ready: false, restarts, trouble: undefined, ended: tellEnd(status), running };
  const ready = conditions.some(({ type, status: is }) => type === "Ready" && is === "True");
  if (ready) return { ready, restarts, trouble: undefined, running };
  const begun = conditions.some(({ type, status: is }) => type === "PodReadyToStartContainers" && is === "True");
  const troubles = [
    ...conditions.filter(({ type, status: is }) => type === "PodScheduled" && is === "False").map(troubleOf),
    ...initContainerStatuses.flatMap((one) => readContainer(one, !sidecars.has(one.name))),
    ...containerStatuses.flatMap((one) => readContainer(one, false)),
    ...conditions.filter(({ type, status: is, reason }) => type === "Ready" && is === "False" && reason).map(troubleOf),
  ];
  const trouble = worstOf(troubles);
  const tells = warning !== undefined && (trouble === undefined || isPlain(trouble)) && !(begun && isBefore(warning));
  return { ready, restarts, trouble: tells ? warning : trouble, running };
}

/** Is it about what comes before the first container? Once that has begun, such a warning is of the past. */
function isBefore({ reason }: Trouble): boolean {
  return reason !== "Unhealthy" && reason !== "BackOff" && reason !== "Failed";
}

/** @param passes it is one that runs before the others, and ends well when it is done */
function readContainer({ name, restartCount, state, lastState }: ContainerStatus, passes: boolean): Trouble[] {
  const { waiting, running, terminated } = state;
  const who = passes ? `init container ${name}: ` : "";
  const about = (reason: string, message: string) => [{ reason, message: `${who}${message}`, restarts: restartCount }];
  if (waiting?.reason === "CrashLoopBackOff" && lastState.terminated)
    return about(
      "CrashLoopBackOff",
      [waiting.message ?? "", tellExit(lastState.terminated)].filter((text) => text !== "").join("; "),
    );
  if (waiting?.reason)
    return isPlain({ reason: waiting.reason, message: "" })
      ? [{ reason: waiting.reason, message: waiting.message ?? "" }]
      : about(waiting.reason, waiting.message ?? "");
  if (running && passes) return [{ reason: "PodInitializing", message: `init container ${name} is still running` }];
  if (!terminated || (passes && terminated.exitCode === 0)) return [];
  // The kubelet says CrashLoopBackOff only when it looks at the pod again before the next start, which it need not.
  return about(terminated.reason || "Error", tellExit(terminated)).map((trouble) => ({ ...trouble, outlook: "crash" }));
}

function tellExit({ exitCode, reason, message }: NonNullable<ContainerStatus["state"]["terminated"]>): string {
  const why = reason && reason !== "Error" && reason !== "Completed" ? ` (${reason})` : "";
  return `it ended with exit code ${exitCode}${why}${message ? `: ${message.trim()}` : ""}`;
}

/** Why a pod is no more. Not every part of Kubernetes that ends one leaves a reason at the pod itself. */
function tellEnd({ phase, reason, message, containerStatuses, conditions }: z.output<typeof podSchema>["status"]) {
  const disrupted = conditions.find(({ type, status }) => type === "DisruptionTarget" && status === "True");
  const last = containerStatuses.map(({ state }) => state.terminated).find((one) => one && one.exitCode !== 0);
  if (reason) return { reason, message: message ?? "" };
  if (disrupted !== undefined) return troubleOf(disrupted);
  return { reason: phase, message: last ? tellExit(last) : (message ?? ""), ...since(last?.finishedAt) };
}
