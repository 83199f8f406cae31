import type { Finding, RingFacts } from "./rule.ts";

/** A service has one autoscaler at most, of a kind that goes together with two colours. */
export function autoscalers(ring: RingFacts): Finding[] {
  return ring.autoscalers.problems.map(({ title, what }) => ({
    object: title,
    path: "spec",
    what: `it ${what}`,
    todo: "give a service that is to be scaled one HorizontalPodAutoscaler (autoscaling/v2) for the Deployment of its name",
  }));
}
