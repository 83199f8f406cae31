import { canonicalJson } from "./canonical-json.ts";
import type { Ended } from "./ended.ts";
import type { Phase } from "./head.ts";
import type { LedgerEvent } from "./ledger.ts";
import { ANNOTATION, type Colour, type KubeObject, type Manager } from "./objects.ts";

/** What an action is for, and by which fields of its own something is decided. */
export type Change =
  /** `epoch`: what the run gets with the lease. */
  | { readonly purpose: "acquire-lease"; readonly epoch: number }
  | { readonly purpose: "renew-lease" }
  /** `ending`: what the run came to, for which it lets the ring go. `null` when an error ends it. */
  | { readonly purpose: "release-lease"; readonly ending: Ended | null }
  | {
      readonly purpose: "record";
      readonly from: Phase;
      readonly to: Phase;
      /** What the ledger gets for it next, and for which release; `null` when it gets nothing. */
      readonly happening: LedgerEvent["kind"] | null;
      readonly release: string | null;
    }
  | { readonly purpose: "event"; readonly happening: LedgerEvent["kind"]; readonly release: string }
  | { readonly purpose: "claim" | "apply-base" | "create-copy" | "delete-copy" | "create-colour" | "apply-colour" }
  | { readonly purpose: "create-job" | "start-job" | "delete-job" }
  | { readonly purpose: "apply-autoscaler" | "delete-autoscaler" | "hold-pods" | "release-pods" }
  /** `like`: the Deployment whose number of pods it takes over, which may change at any time. */
  | { readonly purpose: "scale"; readonly replicas: number; readonly like?: string }
  | { readonly purpose: "switch"; readonly colour: Colour }
  /** A Deployment changed in place. `content`: the hash of the manifest that it gets; empty when Slipway gave it none. */
  | { readonly purpose: "roll" | "restore"; readonly content: string };

/** One operation of RFC 6902. */
export type PatchOperation =
  | { readonly op: "test" | "add" | "replace"; readonly path: string; readonly value: unknown }
  | { readonly op: "remove"; readonly path: string };

export interface Target {
  readonly kind: string;
  readonly name: string;
}

/** One write to the cluster: exactly one `kubectl` call, which happens wholly or not at all. */
export type Action = Change & {
  /** The change as a person reads it. Nothing is decided by it. */
  readonly summary: string;
} & (
    | { readonly call: "create"; readonly manager: Manager; readonly object: KubeObject }
    /** Server-side apply. Of several objects each happens wholly or not at all. */
    | {
        readonly call: "apply";
        readonly manager: Manager;
        readonly force: boolean;
        readonly objects: readonly KubeObject[];
      }
    | {
        readonly call: "patch";
        readonly manager: Manager;
        readonly target: Target;
        readonly patch: readonly PatchOperation[];
      }
    /** Only in the version that was read: who relies on the object has written to it before. */
    | {
        readonly call: "delete";
        readonly manager: Manager;
        readonly target: Target;
        readonly resourceVersion: string;
      }
  );

/**
 * Do both make the same change? Whoever makes it, and when: times, versions and epochs are not looked at. Plans are held
 * to this.
 */
export function isSameChange(left: Action, right: Action): boolean {
  return canonicalJson(changeOf(left)) === canonicalJson(changeOf(right));
}

function changeOf(action: Action): unknown {
  const { purpose, call } = action;
  switch (purpose) {
    case "acquire-lease":
    case "renew-lease":
    case "release-lease":
      return { purpose };
    case "record":
      return { purpose, from: action.from, to: action.to, happening: action.happening, release: action.release };
    case "event":
      return { purpose, happening: action.happening, release: action.release };
    case "scale":
      return { purpose, objects: listObjects(action), to: action.like ?? action.replicas };
    case "switch":
      return { purpose, objects: listObjects(action), colour: action.colour };
    case "roll":
    case "restore":
      return { purpose, objects: listObjects(action), content: action.content };
    case "claim":
    case "apply-base":
    case "create-copy":
    case "delete-copy":
    case "apply-autoscaler":
    case "delete-autoscaler":
    case "hold-pods":
    case "release-pods":
    case "create-job":
    case "start-job":
    case "delete-job":
    case "create-colour":
    case "apply-colour":
      return { purpose, call, objects: listObjects(action) };
  }
}

/** What an action writes to and, where a manifest is applied, the hash of it. */
function listObjects(action: Action): (Target & { readonly content?: string })[] {
  if (action.call === "patch" || action.call === "delete") return [action.target];
  const objects = action.call === "create" ? [action.object] : action.objects;
  return objects.map(({ kind, metadata: { name, annotations } }) => {
    const content = annotations?.[ANNOTATION.content];
    return { kind, name, ...(content === undefined ? {} : { content }) };
  });
}

/** Does this write begin the way back, or end an attempt that has none? After it the candidate's pods end. */
export function givesUp(action: Action): boolean {
  return action.purpose === "record" && (action.to === "ROLLBACK" || action.happening === "failed");
}

/** An action as arguments of `kubectl` and what it reads on standard input. */
export interface KubectlCall {
  readonly args: readonly string[];
  readonly stdin: string;
}

const RESOURCES: Readonly<Record<string, string>> = {
  ConfigMap: "configmaps",
  Deployment: "deployments.apps",
  Lease: "leases.coordination.k8s.io",
  Secret: "secrets",
  HorizontalPodAutoscaler: "horizontalpodautoscalers.autoscaling",
  Job: "jobs.batch",
  Service: "services",
};

/**
 * The one `kubectl` call that an action is. Everything big or free goes through standard input, so that no argument
 * grows beyond what a process may take and nothing has to be quoted.
 */
export function kubectlCall(action: Action, namespace: string): KubectlCall {
  const common = [`--namespace=${namespace}`, `--field-manager=${action.manager}`];
  switch (action.call) {
    case "create":
      return { args: ["create", ...common, "--filename=-"], stdin: JSON.stringify(action.object) };
    case "apply":
      return {
        args: ["apply", "--server-side", ...common, ...(action.force ? ["--force-conflicts"] : []), "--filename=-"],
        stdin: JSON.stringify({ apiVersion: "v1", kind: "List", items: action.objects }),
      };
    case "patch": {
      const { name } = action.target;
      const resource = resourceOf(action.target);
      return {
        args: ["patch", `${resource}/${name}`, ...common, "--type=json", "--patch-file=/dev/stdin"],
        stdin: JSON.stringify(action.patch),
      };
    }
    case "delete": {
      const { kind, name } = action.target;
      const path = `${PATHS[kind] ?? "/api/v1"}/namespaces/${namespace}/${resourceOf(action.target).split(".")[0]}/${name}`;
      // The only way on which kubectl passes preconditions on.
      return {
        args: ["delete", `--raw=${path}`, "--filename=-"],
        stdin: JSON.stringify({
          apiVersion: "v1",
          kind: "DeleteOptions",
          preconditions: { resourceVersion: action.resourceVersion },
          // Else its pods would go on; so it is there until they are gone.
          ...(kind === "Job" ? { propagationPolicy: "Foreground" } : {}),
        }),
      };
    }
  }
}

/** Where the kinds are found that are deleted; the others are of the core. */
const PATHS: Readonly<Record<string, string>> = {
  HorizontalPodAutoscaler: "/apis/autoscaling/v2",
  Job: "/apis/batch/v1",
};

function resourceOf({ kind }: Target): string {
  const resource = RESOURCES[kind];
  if (resource === undefined) throw new Error(`no resource name for kind ${kind}`);
  return resource;
}

/** The kinds that `observe` needs, for `kubectl get … --output json`. The base's own kinds are added by the caller. */
export const OBSERVED_RESOURCES: readonly string[] = [
  "deployments.apps",
  "services",
  "endpointslices.discovery.k8s.io",
  "pods",
  "configmaps",
  "leases.coordination.k8s.io",
  "horizontalpodautoscalers.autoscaling",
];

/** A key as it stands in a JSON pointer (RFC 6901). */
export function pointerPart(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}
