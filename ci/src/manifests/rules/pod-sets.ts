import { COLOURS, type Colour, LABEL, selectorOf } from "../../rollout/objects.ts";
import type { Workload } from "./shapes.ts";

/** Pods that are alike: those of a workload, or of one colour of a service. */
export interface PodSet {
  readonly workload: Workload;
  readonly colour?: Colour;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * The pods of a workload as they will be in the ring: a service's Deployment becomes one of each colour.
 *
 * @param service what the workload runs, if it is a service of the release
 */
export function listPodSets(workload: Workload, ring: string, service: string | undefined): PodSet[] {
  const { labels } = workload.spec.template.metadata;
  if (service === undefined) return [{ workload, labels }];
  return COLOURS.map((colour) => ({
    workload,
    colour,
    labels: { ...labels, ...selectorOf(service, colour), [LABEL.ring]: ring, [LABEL.release]: "r-any" },
  }));
}
