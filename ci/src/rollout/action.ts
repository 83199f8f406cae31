import type { KubeObject, Manager } from "./objects.ts";

/** What an action is for. */
export type Purpose =
  | "acquire-lease"
  | "renew-lease"
  | "release-lease"
  | "record"
  | "event"
  | "claim"
  | "apply-base"
  | "create-colour"
  | "apply-colour"
  | "scale"
  | "switch";

/** One operation of RFC 6902. */
export type PatchOperation =
  | { readonly op: "test" | "add" | "replace"; readonly path: string; readonly value: unknown }
  | { readonly op: "remove"; readonly path: string };

export interface Target {
  readonly kind: string;
  readonly name: string;
}

interface Described {
  readonly purpose: Purpose;
  /** Says the same for the same change, whoever makes it and when: plans are compared by it. */
  readonly summary: string;
}

/** One write to the cluster: exactly one `kubectl` call, which happens wholly or not at all. */
export type Action = Described &
  (
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
  );

/** An action as arguments of `kubectl` and what it reads on standard input. */
export interface KubectlCall {
  readonly args: readonly string[];
  readonly stdin: string;
}

const RESOURCES: Readonly<Record<string, string>> = {
  ConfigMap: "configmaps",
  Deployment: "deployments.apps",
  Lease: "leases.coordination.k8s.io",
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
      const { kind, name } = action.target;
      const resource = RESOURCES[kind];
      if (resource === undefined) throw new Error(`no resource name for kind ${kind}`);
      return {
        args: ["patch", `${resource}/${name}`, ...common, "--type=json", "--patch-file=/dev/stdin"],
        stdin: JSON.stringify(action.patch),
      };
    }
  }
}

/** The kinds that `observe` needs, for `kubectl get … --output json`. The base's own kinds are added by the caller. */
export const OBSERVED_RESOURCES: readonly string[] = [
  "deployments.apps",
  "services",
  "endpointslices.discovery.k8s.io",
  "pods",
  "configmaps",
  "leases.coordination.k8s.io",
];

/** A key as it stands in a JSON pointer (RFC 6901). */
export function pointerPart(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}
