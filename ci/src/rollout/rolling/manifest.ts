import { fields } from "../../input/fields.ts";
import type { Placement } from "../head.ts";
import type { RingManifests } from "../manifests.ts";
import { namesIn } from "../names.ts";
import { type KubeObject, LABEL } from "../objects.ts";
import { withContentHash, withEnvironment } from "../stamp.ts";

/**
 * The Deployment of a service as a release wants it, without `replicas`: that number is whoever's it is. Its selector and
 * the labels of its pods stay, because others know the pods by them.
 */
export function findRollingDeployment(
  { deployments }: RingManifests,
  at: { readonly ring: string; readonly service: string; readonly placement: Placement },
): KubeObject {
  const { ring, service, placement } = at;
  const template = deployments[service];
  if (template === undefined) throw new Error(`the manifests have no Deployment for ${service}`);
  const { release } = placement;
  const names = namesIn(placement, service);
  const { replicas: _, ...spec } = fields(template["spec"]);
  const pod = fields(spec["template"]);
  const metadata = fields(pod["metadata"]);
  const labels = { ...fields(metadata["labels"]), [LABEL.ring]: ring, [LABEL.release]: release.id };
  const environment = { SLIPWAY_RING: ring, SLIPWAY_RELEASE: release.id };
  return withContentHash({
    ...template,
    metadata: {
      name: names.deployment,
      labels: template.metadata.labels ?? {},
      annotations: { ...template.metadata.annotations, [LABEL.release]: release.id },
    },
    spec: {
      ...spec,
      template: {
        ...pod,
        metadata: { ...metadata, labels },
        spec: withEnvironment(fields(pod["spec"]), names.container, environment),
      },
    },
  });
}
