import type { Kubectl, KubectlAnswer } from "../../../../ci/src/cluster/kubectl.ts";
import type { Action, PatchOperation } from "../../../../ci/src/rollout/action.ts";
import type { KubeObject } from "../../../../ci/src/rollout/objects.ts";
import type { ModelCluster, Refusal } from "../rollout/model-cluster.ts";

const KINDS: Readonly<Record<string, string>> = {
  configmaps: "ConfigMap",
  "deployments.apps": "Deployment",
  "leases.coordination.k8s.io": "Lease",
  secrets: "Secret",
  services: "Service",
};

/** How kubectl tells each refusal of an API server. */
const WORDS: Readonly<Record<Refusal, string>> = {
  AlreadyExists: 'Error from server (AlreadyExists): error when creating "STDIN": configmaps "x" already exists',
  Conflict: 'Error from server (Conflict): Operation cannot be fulfilled on x "x": the object has been modified',
  FieldConflict: 'error: Apply failed with 1 conflict: conflict with "somebody": .spec.x',
  Immutable: "Error from server (Invalid): field is immutable when `immutable` is set",
  NotFound: 'Error from server (NotFound): services "x" not found',
  TestFailed: "The request is invalid: the server rejected our request due to an error in our request",
};

/** kubectl in front of a model cluster. */
export class ModelKubectl implements Kubectl {
  readonly #cluster: ModelCluster;
  /** Looked at before the cluster: what it returns is the answer. */
  readonly #instead: (args: readonly string[]) => KubectlAnswer | undefined;
  /** Looked at after a write has happened: what it returns is told in place of success. */
  lose: (args: readonly string[], stdin: string) => KubectlAnswer | undefined = () => undefined;
  readonly calls: string[] = [];

  constructor(
    cluster: ModelCluster,
    instead: (args: readonly string[]) => KubectlAnswer | undefined = () => undefined,
  ) {
    this.#cluster = cluster;
    this.#instead = instead;
  }

  async run(args: readonly string[], stdin = ""): Promise<KubectlAnswer> {
    this.calls.push(args.join(" "));
    const instead = this.#instead(args);
    if (instead !== undefined) return instead;
    const [verb = "", what = ""] = args;
    if (verb === "get") return done(what.startsWith("--raw") ? "ok" : this.#list(what, args));
    if (!["create", "apply", "patch", "delete"].includes(verb)) return done("");
    const refusal = this.#cluster.execute(readAction(verb, args, stdin));
    if (refusal !== undefined) return { exitCode: 1, stdout: "", stderr: WORDS[refusal] };
    return this.lose(args, stdin) ?? done("");
  }

  #list(what: string, args: readonly string[]): string {
    const [, label, value] =
      args.map((arg) => /^--selector=(.*)=(.*)$/.exec(arg)).find((found) => found !== null) ?? [];
    const items = this.#cluster
      .items()
      .filter(({ metadata }) => label === undefined || metadata.labels?.[label] === value);
    const events = items.filter(({ kind }) => kind === "Event");
    if (what === "events") return JSON.stringify({ items: events });
    if (what === "replicasets.apps") return JSON.stringify({ items: [] });
    return JSON.stringify({ items: items.filter((item) => !events.includes(item)) });
  }
}

function done(stdout: string): KubectlAnswer {
  return { exitCode: 0, stdout, stderr: "" };
}

function readAction(verb: string, args: readonly string[], stdin: string): Action {
  const manager = (args.find((one) => one.startsWith("--field-manager="))?.split("=")[1] ?? "") as Action["manager"];
  const described = { purpose: "claim", summary: args.join(" "), manager } as const;
  const read: unknown = JSON.parse(stdin);
  if (verb === "create") return { ...described, call: "create", object: read as KubeObject };
  if (verb === "apply") {
    const { items } = read as { items: KubeObject[] };
    return { ...described, call: "apply", force: args.includes("--force-conflicts"), objects: items };
  }
  const [resource = "", name = ""] = args[1]?.split("/").slice(-2) ?? [];
  const kind = KINDS[resource] ?? resource;
  if (verb === "delete") {
    const { preconditions } = read as { preconditions: { resourceVersion: string } };
    return { ...described, call: "delete", target: { kind, name }, ...preconditions };
  }
  return { ...described, call: "patch", target: { kind, name }, patch: read as PatchOperation[] };
}
