import { fields } from "../input/fields.ts";
import { type KubeObject, LABEL } from "./objects.ts";
import type { Release } from "./release.ts";
import { withContentHash, withEnvironment } from "./stamp.ts";

/** 40 bits of the release's name: enough to tell the releases of a ring apart. */
const RELEASE_DIGITS = 10;

/** The Job by which a release runs one of its jobs: named by both, so that there is one for each release. */
export function jobName(service: string, { id }: Release): string {
  return `${service}-${id.slice("r-".length, "r-".length + RELEASE_DIGITS)}`;
}

/** What of a Job is the release's to say, and why it cannot stand in the manifests. */
const DECIDED: Readonly<Record<string, string>> = {
  suspend: "Slipway starts it when its turn comes",
  ttlSecondsAfterFinished: "Slipway deletes it once a newer release is live, until then it shows that it has run",
  manualSelector: "the Jobs of two releases would take each other's pods for their own",
};

/** The fields of a Job that work against its release. */
export function listUnfit(spec: unknown): { readonly field: string; readonly why: string }[] {
  return Object.entries(DECIDED).flatMap(([field, why]) => (fields(spec)[field] === undefined ? [] : [{ field, why }]));
}

/** The Job of one job of a release, as it runs in a ring. @param template as `sortManifests` gives it */
export function releaseJob(
  template: KubeObject,
  at: { readonly ring: string; readonly service: string; readonly release: Release },
): KubeObject {
  const { ring, service, release } = at;
  const spec = fields(template["spec"]);
  const pod = fields(spec["template"]);
  const podMetadata = fields(pod["metadata"]);
  const labels = {
    [LABEL.service]: service,
    [LABEL.ring]: ring,
    [LABEL.release]: release.id,
    [LABEL.record]: "job",
  };
  const environment = { SLIPWAY_RING: ring, SLIPWAY_RELEASE: release.id };
  return withContentHash({
    ...template,
    metadata: {
      name: jobName(service, release),
      labels: { ...template.metadata.labels, ...labels },
      annotations: { ...template.metadata.annotations },
    },
    spec: {
      ...spec,
      template: {
        ...pod,
        metadata: { ...podMetadata, labels: { ...fields(podMetadata["labels"]), ...labels } },
        spec: withEnvironment(fields(pod["spec"]), service, environment),
      },
    },
  });
}
