import { findAutoscalers } from "../rollout/autoscalers.ts";
import { findNames } from "../rollout/names.ts";
import type { KubeObject } from "../rollout/objects.ts";
import type { RingPolicy } from "../rollout/policy.ts";
import { autoscalers } from "./rules/autoscalers.ts";
import { budgetRoom, budgets } from "./rules/budgets.ts";
import { closedByDefault, needs, ownPolicies, policySelectors } from "./rules/network.ts";
import { listPodSets } from "./rules/pod-sets.ts";
import {
  accounts,
  drain,
  nodeAccess,
  nonRoot,
  pinnedImages,
  privileges,
  probePorts,
  probes,
  readOnlyRoot,
  resources,
  seccomp,
} from "./rules/pods.ts";
import { type Finding, kindOf, type RingFacts, type Rule, serviceOf } from "./rules/rule.ts";
import {
  freeNames,
  liveSelectors,
  namespaces,
  ownPods,
  readable,
  releaseJobs,
  replicas,
  secrets,
  serviceContainers,
  serviceObjects,
  servicePorts,
} from "./rules/services.ts";
import { sortObjects } from "./rules/sort.ts";

/** Rules about one object at a time, in the order in which they are told. What each is for stands where it is written. */
const objectRules = {
  // The objects of a ring
  readable,
  namespaces,
  secrets,
  // What a release finds, and what it owns
  serviceObjects,
  serviceContainers,
  releaseJobs,
  freeNames,
  liveSelectors,
  replicas,
  autoscalers,
  // Pods
  ownPods,
  probes,
  probePorts,
  drain,
  resources,
  pinnedImages,
  accounts,
  // The profile `restricted` of Kubernetes, and more
  nonRoot,
  seccomp,
  privileges,
  nodeAccess,
  readOnlyRoot,
} satisfies Record<string, Rule>;

/** Rules about what objects say of each other. An object that cannot be read would break them for no reason. */
const relationRules = {
  // Who reaches whom
  servicePorts,
  closedByDefault,
  ownPolicies,
  policySelectors,
  needs,
  // Who stays
  budgets,
  budgetRoom,
} satisfies Record<string, Rule>;

const rules = { ...objectRules, ...relationRules };

export type RuleName = keyof typeof rules;

/** How strictly the rules are held: hardening is demanded (restricted), advised (basic), or not looked at (off). */
export type Level = "restricted" | "basic" | "off";

/** What a deploy needs, whatever the level: without it the API server or the rollout refuses, or a switch goes wrong. */
const NEEDED: ReadonlySet<RuleName> = new Set([
  "readable",
  "namespaces",
  "secrets",
  "serviceObjects",
  "serviceContainers",
  "releaseJobs",
  "freeNames",
  "liveSelectors",
  "replicas",
  "autoscalers",
  "ownPods",
  "servicePorts",
  "probePorts",
]);

export const ruleNames = Object.keys(rules) as RuleName[];

/** How many rules manifests are held to. */
export function countRules(level: Level): number {
  return level === "off" ? NEEDED.size : ruleNames.length;
}

/** One place where the manifests break a rule. */
export interface Problem extends Finding {
  readonly rule: RuleName;
  /** It is told, and hinders nothing. */
  readonly isAdvice?: true;
}

/** The manifests of a ring, and what slipway.yaml says of it. */
export interface RingToCheck {
  readonly ring: string;
  readonly namespace: string;
  /** As kustomize puts them together. */
  readonly objects: readonly KubeObject[];
  readonly services: RingFacts["wanted"];
  /** The Deployments of services that are not called like the service. */
  readonly deployments: Readonly<Record<string, string>>;
  /** Pods of each service while its colour serves, and while it does not. */
  readonly replicas: number;
  readonly idleReplicas: number;
  readonly level: Level;
  /** How a release takes the ring over; left out: in two colours. */
  readonly strategy?: RingPolicy["strategy"];
}

/** Every place where the manifests of a ring break a rule, in the order of the rules; empty when all hold. */
export function findProblems(toCheck: RingToCheck): Problem[] {
  const { ring, namespace, objects, services, deployments, replicas, idleReplicas, level, strategy } = toCheck;
  const isInPlace = strategy === "rolling";
  const sorted = sortObjects(objects);
  const fewestPods = idleReplicas > 0 ? Math.min(replicas, idleReplicas) : replicas;
  const called = Object.keys(services).map(
    (name) =>
      [
        name,
        findNames(objects, name, deployments[name] ?? name, kindOf({ wanted: services }, name) === "service"),
      ] as const,
  );
  const names = Object.fromEntries(called.map(([name, one]) => [name, one.names]));
  const unclearNames = called.flatMap(([, one]) =>
    one.problems.map((what) => ({ object: `Deployment ${one.names.deployment}`, what })),
  );
  const podSets = sorted.workloads.flatMap((workload) => {
    const service = serviceOf({ wanted: services, names }, workload);
    return listPodSets(workload, ring, workload.kind === "Deployment" && !isInPlace ? service : undefined);
  });
  const staying = Object.keys(services).filter((name) => kindOf({ wanted: services }, name) !== "job");
  const found = isInPlace ? { byService: {}, problems: [] } : findAutoscalers(objects, staying, names);
  const facts: RingFacts = {
    ...sorted,
    ring,
    namespace,
    isInPlace,
    objects,
    wanted: services,
    names,
    unclearNames,
    fewestPods,
    podSets,
    autoscalers: found,
  };
  return ruleNames
    .filter((rule) => sorted.unread.length === 0 || rule in objectRules)
    .filter((rule) => level !== "off" || NEEDED.has(rule))
    .flatMap((rule) => {
      const advice = level === "restricted" || NEEDED.has(rule) ? {} : ({ isAdvice: true } as const);
      return rules[rule](facts).map((finding) => ({ rule, ...advice, ...finding }));
    });
}
