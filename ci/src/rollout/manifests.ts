import { SlipwayError } from "../account.ts";
import { entries, fields } from "../input/fields.ts";
import { ownValue } from "../input/names.ts";
import { colourAutoscaler, findAutoscalers } from "./autoscalers.ts";
import { contentName } from "./canonical-json.ts";
import { copyReads } from "./copies.ts";
import { ANNOTATION, COLOURS, type Colour, deploymentName, type KubeObject, LABEL, selectorOf } from "./objects.ts";
import { findOwners, giveImages, listPlaceholders, ownContainer, podSpecOf } from "./own-images.ts";
import { keyOfObject } from "./reads.ts";
import { listServices, type Release } from "./release.ts";

/** A ring's manifests, taken apart for one release. */
export interface RingManifests {
  /**
   * What the whole ring shares: everything but the services' Deployments and what only their pods read. The live
   * Services are without a selector.
   */
  readonly base: readonly KubeObject[];
  /** The Deployment of each service of the release, with its images and without a colour. */
  readonly deployments: Readonly<Record<string, KubeObject>>;
  /** The ConfigMaps and Secrets that the pods of each service read, under the names that the Deployments say. */
  readonly copies: Readonly<Record<string, readonly KubeObject[]>>;
  /** The autoscaler of each service that has one, as the manifests have it. */
  readonly autoscalers: Readonly<Record<string, KubeObject>>;
}

/** Everything of the manifests that a deploy may write, the Deployments left out. */
export function listObjects({ base, copies }: RingManifests): KubeObject[] {
  return [...base, ...Object.values(copies).flat()];
}

/**
 * Sorts the objects of a ring (as `kustomize` prints them) for a release: for each service a Deployment and a Service
 * of its name are expected, and a container of its name in the Deployment.
 *
 * @throws SlipwayError `bad-manifest` with every problem.
 */
export function sortManifests(objects: readonly KubeObject[], release: Release, ring: string): RingManifests {
  const { deployments: found, problems } = findDeployments(objects, release);
  const owners = findOwners(found, release);
  const { byService: autoscalers, problems: unfit } = findAutoscalers(objects, listServices(release));
  problems.push(...unfit.map(({ title, what }) => `${title} ${what}`));
  const { copies, replaced, deployments: named } = copyReads(objects, found, ring);
  const deployments = Object.fromEntries(
    Object.entries(named).map(([name, deployment]) => [name, giveImages(deployment, name, release, owners)]),
  );
  const names = listServices(release);
  const base = objects
    .filter((object) => !(object.kind === "Deployment" && Object.hasOwn(found, object.metadata.name)))
    .filter((object) => !replaced.has(keyOfObject(object)) && !Object.values(autoscalers).includes(object))
    .flatMap((object) =>
      object.kind === "Service" && names.includes(object.metadata.name)
        ? [liveService(object), ...COLOURS.map((colour) => colourService(object, colour))]
        : [object],
    )
    .map((object) => withContentHash(labelled(object, { [LABEL.ring]: ring })));
  for (const workload of [...Object.values(deployments), ...base])
    for (const container of listPlaceholders(podSpecOf(workload)))
      problems.push(
        `${workload.kind} ${workload.metadata.name}: no service of the release has the image of ${container}`,
      );
  for (const copy of Object.values(copies).flat())
    if (objects.some((object) => keyOfObject(object) === keyOfObject(copy)))
      problems.push(`${copy.kind} ${copy.metadata.name} is a name that Slipway gives itself`);
  if (problems.length > 0) {
    throw new SlipwayError("bad-manifest", {
      what: ["the manifests do not fit the release:", ...problems.map((line) => `  ${line}`)].join("\n"),
      where: `manifests of ring ${ring}`,
      todo: "give every service a Deployment, a Service and a container, all three called like the service, and every other container an image that is there",
    });
  }
  return { base, deployments, copies, autoscalers };
}

/** The Deployment of each service, and what is wrong with the parts that a release needs. */
function findDeployments(objects: readonly KubeObject[], release: Release) {
  const problems: string[] = [];
  const find = (kind: string, name: string) => {
    const found = objects.filter((object) => object.kind === kind && object.metadata.name === name);
    if (found.length !== 1) problems.push(`expected one ${kind} ${name}, found ${found.length}`);
    return found[0];
  };
  const deployments: Record<string, KubeObject> = {};
  for (const name of listServices(release)) {
    const deployment = find("Deployment", name);
    find("Service", name);
    for (const colour of COLOURS) {
      const taken = deploymentName(name, colour);
      if (
        objects.some(({ kind, metadata }) => (kind === "Service" || kind === "Deployment") && metadata.name === taken)
      )
        problems.push(`${taken} is a name that Slipway gives itself`);
    }
    if (deployment === undefined) continue;
    deployments[name] = deployment;
    if (ownContainer(deployment, name) === undefined) problems.push(`Deployment ${name} has no container ${name}`);
  }
  return { deployments, problems };
}

/** The live Service without its selector: that field belongs to `slipway-switch`, and naming it would take it back. */
function liveService(service: KubeObject): KubeObject {
  const { selector: _, ...spec } = fields(service["spec"]);
  return labelled({ ...service, spec }, { [LABEL.service]: service.metadata.name });
}

/** The Service of one colour, whose selector never changes. */
function colourService(service: KubeObject, colour: Colour): KubeObject {
  const of = service.metadata.name;
  // The node's ports and addresses are the live Service's.
  const { ports } = fields(service["spec"]);
  return labelled(
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: deploymentName(of, colour) },
      spec: {
        selector: selectorOf(of, colour),
        ports: entries(ports).map((port) => {
          const { nodePort: _, ...rest } = fields(port);
          return rest;
        }),
      },
    },
    { ...service.metadata.labels, [LABEL.service]: of, [LABEL.colour]: colour },
  );
}

/**
 * The Deployment of one colour of a service, without `replicas` (that field belongs to `slipway-scale`).
 *
 * @param template as `sortManifests` gives it, with the images of the release
 */
export function colourDeployment(
  template: KubeObject,
  at: { readonly ring: string; readonly service: string; readonly colour: Colour; readonly release: Release },
): KubeObject {
  const { ring, service, colour, release } = at;
  const { replicas: _, ...spec } = fields(template["spec"]);
  const pod = fields(spec["template"]);
  const podSpec = fields(pod["spec"]);
  const podMetadata = fields(pod["metadata"]);
  const selector = selectorOf(service, colour);
  const labels = { ...selector, [LABEL.ring]: ring };
  const environment = [
    { name: "SLIPWAY_RING", value: ring },
    { name: "SLIPWAY_COLOUR", value: colour },
    { name: "SLIPWAY_RELEASE", value: release.id },
  ];
  const containers = entries(podSpec["containers"]).map((entry) => {
    const container = fields(entry);
    if (container["name"] !== service) return entry;
    const kept = entries(container["env"]).filter(
      (entry) => !environment.some(({ name }) => fields(entry)["name"] === name),
    );
    return { ...container, env: [...kept, ...environment] };
  });
  return withContentHash({
    ...template,
    metadata: {
      name: deploymentName(service, colour),
      labels: { ...template.metadata.labels, ...labels },
      annotations: { ...template.metadata.annotations, [LABEL.release]: release.id },
    },
    spec: {
      ...spec,
      selector: { matchLabels: selector },
      template: {
        ...pod,
        metadata: {
          ...podMetadata,
          labels: { ...fields(podMetadata["labels"]), ...labels, [LABEL.release]: release.id },
        },
        spec: { ...podSpec, containers },
      },
    },
  });
}

/**
 * What a colour's Deployment is born as: no pods, and of the rest only what Kubernetes insists on. It is created, not
 * applied, because only `create` fails when somebody else was faster.
 */
export function bareDeployment(whole: KubeObject, service: string, epoch: number): KubeObject {
  const spec = fields(whole["spec"]);
  const container = ownContainer(whole, service) ?? {};
  return {
    apiVersion: whole.apiVersion,
    kind: whole.kind,
    metadata: {
      name: whole.metadata.name,
      labels: whole.metadata.labels ?? {},
      annotations: { [ANNOTATION.epoch]: String(epoch) },
    },
    spec: {
      replicas: 0,
      selector: spec["selector"],
      template: {
        metadata: { labels: fields(fields(spec["template"])["metadata"])["labels"] },
        spec: { containers: [{ name: service, image: container["image"] }] },
      },
    },
  };
}

/** The autoscaler of one colour, of a service that has one. It takes no pods away until the colour serves. */
export function findColourAutoscaler(
  { autoscalers }: RingManifests,
  at: { readonly ring: string; readonly service: string; readonly colour: Colour },
): KubeObject | undefined {
  const template = ownValue(autoscalers, at.service);
  return template === undefined ? undefined : withContentHash(colourAutoscaler(template, at));
}

/** The hash that `colourDeployment` and `sortManifests` left on an object. */
export function contentOf(object: KubeObject): string | undefined {
  return object.metadata.annotations?.[ANNOTATION.content];
}

function withContentHash(object: KubeObject): KubeObject {
  const annotations = { ...object.metadata.annotations, [ANNOTATION.content]: contentName(object) };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

function labelled(object: KubeObject, labels: Record<string, string>): KubeObject {
  return { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...labels } } };
}
