/** Pods of the cluster for tests: how they fare as time passes, and which of them a rolling update keeps. */

/** How pods of an image behave. */
export type Behaviour =
  | "good"
  | "pull-fails"
  | "crash-loops"
  | "never-ready"
  | "half-ready"
  | "half-crashes"
  | "slow"
  | "init-crashes"
  | "fits-nowhere"
  | "lacks-secret"
  | "lacks-volume"
  | "node-refuses";

export interface Pod {
  readonly name: string;
  /** Its Deployment's name, or its Job's. */
  readonly deployment: string;
  readonly ofJob?: true;
  readonly template: string;
  readonly labels: Record<string, string>;
  readonly image: string;
  /** The one that runs the image. */
  readonly container: string;
  readonly bornMs: number;
  /** Started beside another one of its Deployment, and takes a little longer. */
  readonly second: boolean;
  readonly ready: boolean;
  readonly restarts: number;
  readonly trouble: string | undefined;
  /** The init container waits with that trouble, and not the other one. */
  readonly inInit: boolean;
  /** Why it is Failed, or that it has Succeeded. Such a pod stays, and its ReplicaSet makes another one. */
  readonly ended: string | undefined;
}

/** Time from a pod's start until it is ready. */
const READY_AFTER_MS = 4000;
/** The same of one that takes its time. */
const SLOW_MS = 40_000;
/** The clock's smallest step. Controllers see the world of one step ago. */
export const TICK_MS = 2000;

/** What is the same of all pods that have just begun. */
export const NEWBORN = {
  second: false,
  ready: false,
  restarts: 0,
  trouble: undefined,
  inInit: false,
  ended: undefined,
};

/** The pod as it is now: the same one when nothing has changed. */
export function agePod(pod: Pod, nowMs: number, behaviours: ReadonlyMap<string, Behaviour>): Pod {
  if (pod.ended !== undefined) return pod;
  const behaviour = behaviours.get(pod.image.split("@")[1] ?? "") ?? "good";
  const changes = changesOf(pod, nowMs - pod.bornMs, behaviour);
  const isSame = (Object.keys(changes) as (keyof Pod)[]).every((key) => pod[key] === changes[key]);
  return isSame ? pod : { ...pod, ...changes };
}

function changesOf(pod: Pod, age: number, behaviour: Behaviour): Partial<Pod> {
  const readyAfterMs = behaviour === "slow" ? SLOW_MS : READY_AFTER_MS;
  switch (behaviour) {
    case "good":
    case "slow":
      if (pod.ofJob && age >= readyAfterMs) return { ready: false, ended: "Succeeded" };
      // Never all at once: a rollout that is content with the first pod has to show.
      return { ready: age >= readyAfterMs + (pod.second ? 2 * TICK_MS : 0) };
    case "pull-fails":
      return { trouble: age < TICK_MS * 2 ? "ErrImagePull" : "ImagePullBackOff" };
    case "crash-loops":
      return pod.ofJob ? { ended: "Error" } : { restarts: pod.restarts + 1, trouble: "CrashLoopBackOff" };
    case "init-crashes":
      return { inInit: true, restarts: pod.restarts + 1, trouble: "CrashLoopBackOff" };
    case "fits-nowhere":
      return { trouble: "Unschedulable" };
    case "lacks-secret":
      return { trouble: "CreateContainerConfigError" };
    case "lacks-volume":
      return { trouble: "ContainerCreating" };
    case "node-refuses":
      return { ended: "OutOfcpu" };
    case "half-ready":
      return { ready: !pod.second && age >= READY_AFTER_MS };
    case "half-crashes":
      return pod.second ? { ready: age >= SLOW_MS } : { restarts: pod.restarts + 1, trouble: "CrashLoopBackOff" };
    case "never-ready":
      return {};
  }
}

/** As Kubernetes rounds its 25 %, up and down. */
export function surgeOf(replicas: number): number {
  return Math.ceil(replicas / 4);
}

/**
 * The pods that a rolling update leaves for now: those of the template, and of the others as many as have to serve on. Who
 * is not ready goes first, and nobody who is needed.
 */
export function chooseKept(pods: readonly Pod[], template: string, replicas: number): Pod[] {
  const turned = pods.filter((pod) => pod.template === template).slice(0, replicas);
  if (replicas === 0) return [];
  const least = replicas - Math.floor(replicas / 4);
  const old = pods.filter((pod) => pod.template !== template);
  const serving = turned.filter(({ ready }) => ready).length;
  const needed = Math.max(0, least - serving);
  return [...turned, ...old.filter(({ ready }) => ready).slice(0, needed)];
}
