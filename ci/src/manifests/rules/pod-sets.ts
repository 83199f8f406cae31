import { COLOURS, type Colour, LABEL, selectorOf } from "../../rollout/objects.ts";
import type { Workload } from "./shapes.ts";

/** Pods that are alike: those of a workload, or of one colour of a service. */
export interface PodSet {
  readonly workload: Workload;
  readonly colour?: Colour;
  readonly labels: Readonly<Record<string, string>>;
}

/** The pods of a workload as they will be in the ring: a service's Deployment becomes one of each colour. */
export function listPodSets(workload: Workload, ring: string, isService: boolean): PodSet[] {
  const { labels } = workload.spec.template.metadata;
  if (!isService) return [{ workload, labels }];
  return COLOURS.map((colour) => ({
    workload,
    colour,
    labels: { ...labels, ...selectorOf(workload.name, colour), [LABEL.ring]: ring, [LABEL.release]: "r-any" },
  }));
}
