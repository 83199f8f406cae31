import { fields } from "../../input/fields.ts";
import { ownValue } from "../../input/names.ts";
import type { PodSet } from "./pod-sets.ts";
import { type Finding, type RingFacts, serviceOf } from "./rule.ts";
import { selects } from "./selector.ts";
import type { Budget } from "./shapes.ts";

/**
 * Each colour has one budget of its own: one for both would count the idle pods as if they served, and of pods that
 * two budgets keep Kubernetes evicts none.
 */
export function budgets(ring: RingFacts): Finding[] {
  return ring.podSets.flatMap((set) => {
    const { workload, colour } = set;
    const about = ring.budgets.filter((budget) => listPods(ring, budget).includes(set));
    const ofItsOwn = about.filter((budget) => listPods(ring, budget).length === 1);
    if (about.length <= 1 && (colour === undefined || ofItsOwn.length === 1)) return [];
    const pods = colour === undefined ? `the pods of ${workload.name}` : `the ${colour} pods of ${workload.name}`;
    return {
      object: workload.title,
      path: "the selectors of PodDisruptionBudgets",
      what:
        about.length > 1
          ? `${about.map(({ title }) => title).join(" and ")} both protect ${pods}, and Kubernetes then evicts none of them`
          : `no budget protects ${pods}, and only those, when nodes are drained`,
      todo: "give each colour of a service one PodDisruptionBudget of its own",
    };
  });
}

/** A budget that lets no pod go blocks the emptying of nodes; one that selects nothing keeps nothing. */
export function budgetRoom(ring: RingFacts): Finding[] {
  return ring.budgets.flatMap((budget) => {
    const pods = listPods(ring, budget);
    if (pods.length === 0)
      return {
        object: budget.title,
        path: "spec.selector",
        what: "it selects no pods of the manifests",
        todo: "set labels that the pods have, or remove it",
      };
    const counts = pods.map((set) => countPods(ring, set));
    // How many a DaemonSet has depends on the nodes.
    if (counts.includes(undefined)) return [];
    const total = counts.reduce((sum: number, count) => sum + (count ?? 0), 0);
    const mayGo = countMayGo(budget, total);
    if (mayGo !== undefined && mayGo > 0) return [];
    const { minAvailable, maxUnavailable } = budget.spec;
    const path = maxUnavailable === undefined ? "spec.minAvailable" : "spec.maxUnavailable";
    return {
      object: budget.title,
      path,
      what:
        mayGo === undefined
          ? "it says neither minAvailable nor maxUnavailable as a number or in percent"
          : `with ${minAvailable === undefined ? `maxUnavailable ${maxUnavailable}` : `minAvailable ${minAvailable}`}, none of ${total} pods may be evicted, so no node can be drained`,
      todo: "allow at least one eviction: maxUnavailable: 1",
    };
  });
}

function listPods({ podSets }: RingFacts, { spec }: Budget): PodSet[] {
  return podSets.filter(({ labels }) => selects(spec.selector, labels));
}

function countPods(ring: RingFacts, { workload, colour }: PodSet): number | undefined {
  if (colour !== undefined) return countFewest(ring, serviceOf(ring, workload) ?? workload.name);
  // What a release brings has as many as the ring says, or more.
  if (ring.isInPlace && serviceOf(ring, workload) !== undefined) return workload.spec.replicas ?? ring.fewestPods;
  return workload.kind === "DaemonSet" ? undefined : (workload.spec.replicas ?? 1);
}

/** How few pods a colour of a service has: as few as its autoscaler leaves it, or as slipway.yaml says. */
function countFewest({ autoscalers, fewestPods }: RingFacts, service: string): number {
  const autoscaler = ownValue(autoscalers.byService, service);
  if (autoscaler === undefined) return fewestPods;
  const { minReplicas = 1 } = fields(autoscaler["spec"]);
  return typeof minReplicas === "number" ? minReplicas : 1;
}

/** As the disruption controller counts: percents of all pods, rounded up. */
function countMayGo({ spec }: Budget, total: number): number | undefined {
  const count = (value: number | string | undefined) => {
    if (value === undefined || typeof value === "number") return value;
    const percent = /^(\d+)%$/.exec(value)?.[1];
    return percent === undefined ? undefined : Math.ceil((Number(percent) * total) / 100);
  };
  const kept = count(spec.minAvailable);
  return spec.maxUnavailable === undefined
    ? kept === undefined
      ? undefined
      : total - kept
    : count(spec.maxUnavailable);
}
