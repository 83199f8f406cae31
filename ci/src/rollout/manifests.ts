import { SlipwayError } from "../account.ts";
import { entries, fields } from "../input/fields.ts";
import { ownValue } from "../input/names.ts";
import { colourAutoscaler, findAutoscalers } from "./autoscalers.ts";
import { copyReads } from "./copies.ts";
import type { Placement } from "./head.ts";
import { listUnfit } from "./job-manifest.ts";
import { answeringAt, findColourIn, findNames, listGivenNames, type Names, namesIn } from "./names.ts";
import { ANNOTATION, COLOURS, type Colour, deploymentName, type KubeObject, LABEL, selectorOf } from "./objects.ts";
import {
  findOwners,
  giveCronJobImages,
  giveImages,
  listPlaceholders,
  ownContainer,
  podSpecOf,
  selectsPodsOf,
} from "./own-images.ts";
import type { RingPolicy } from "./policy.ts";
import { keyOfObject } from "./reads.ts";
import { listAnswering, listJobs, listServices, listStaying, type Release } from "./release.ts";
import { withContentHash, withEnvironment } from "./stamp.ts";

/** A ring's manifests, taken apart for one release. */
export interface RingManifests {
  /**
   * What the whole ring shares: everything but the Deployments and Jobs of the release and what only their pods read.
   * The live Services are without a selector.
   */
  readonly base: readonly KubeObject[];
  /** The Deployment of each service and worker of the release, with its images and without a colour. */
  readonly deployments: Readonly<Record<string, KubeObject>>;
  /** The Job of each job of the release, with its images and without the name of the release. */
  readonly jobs: Readonly<Record<string, KubeObject>>;
  /** The ConfigMaps and Secrets that the pods of each of them read, under the names that the Deployment or Job says. */
  readonly copies: Readonly<Record<string, readonly KubeObject[]>>;
  /** The autoscaler of each service that has one, as the manifests have it. */
  readonly autoscalers: Readonly<Record<string, KubeObject>>;
  /** What each of them is called. */
  readonly names: Readonly<Record<string, Names>>;
}

/** Everything of the manifests that a deploy may write, the Deployments left out. */
export function listObjects({ base, copies, jobs }: RingManifests): KubeObject[] {
  return [...base, ...Object.values(copies).flat(), ...Object.values(jobs)];
}

/**
 * Sorts the objects of a ring (as `kustomize` prints them) for a release: for each service a Deployment and a Service
 * of its name are expected, for each worker a Deployment, for each job a Job, and in it a container of its name.
 *
 * @param strategy `rolling`: nothing gets a colour, so that Services and autoscalers are the ring's, as they are
 * @throws SlipwayError `bad-manifest` with every problem.
 */
export function sortManifests(
  objects: readonly KubeObject[],
  release: Release,
  ring: string,
  otherDeployments: Readonly<Record<string, string>> = {},
  strategy: RingPolicy["strategy"] = "blue-green",
): RingManifests {
  const isInPlace = strategy === "rolling";
  const { workloads: found, names, problems } = findWorkloads(objects, release, otherDeployments, isInPlace);
  const owners = findOwners(found, release, names);
  const { byService: autoscalers, problems: unfit } = isInPlace
    ? { byService: {}, problems: [] }
    : findAutoscalers(objects, listStaying(release), names);
  problems.push(...unfit.map(({ title, what }) => `${title} ${what}`));
  const { copies, replaced, workloads: named } = copyReads(objects, found, ring);
  const pick = (wanted: readonly string[]) =>
    Object.fromEntries(
      Object.entries(named)
        .filter(([name]) => wanted.includes(name))
        .map(([name, workload]) => [
          name,
          giveImages(workload, { ...namesIn({ names }, name), service: name }, release, owners),
        ]),
    );
  const [deployments, jobs] = [pick(listStaying(release)), pick(listJobs(release))];
  const own = [...Object.values(found), ...Object.values(autoscalers)];
  const answering = listAnswering(release);
  const base = objects
    .filter((object) => !own.includes(object) && !replaced.has(keyOfObject(object)))
    .flatMap((object) => {
      if (isInPlace && object.kind !== "CronJob") return [object];
      if (object.kind === "CronJob") return [giveCronJobImages(object, release, owners)];
      const of = object.kind === "Service" ? answeringAt(answering, names, object.metadata.name) : undefined;
      if (of === undefined) return [object];
      return [liveService(object, of), ...COLOURS.map((colour) => colourService(object, of, colour))];
    })
    .map((object) => withContentHash(labelled(object, { [LABEL.ring]: ring })));
  for (const workload of [...Object.values(deployments), ...Object.values(jobs), ...base])
    for (const container of listPlaceholders(podSpecOf(workload)))
      problems.push(
        `${workload.kind} ${workload.metadata.name}: no service of the release has the image of ${container}`,
      );
  for (const copy of Object.values(copies).flat())
    if (objects.some((object) => keyOfObject(object) === keyOfObject(copy)))
      problems.push(`${copy.kind} ${copy.metadata.name} is a name that Slipway itself uses`);
  if (problems.length > 0) {
    throw new SlipwayError("bad-manifest", {
      what: ["the manifests do not fit the release:", ...problems.map((line) => `  ${line}`)].join("\n"),
      where: `manifests of ring ${ring}`,
      todo: "give every service a Deployment, a Service and a container, all three named like the service, every worker a Deployment and a container, every job a Job and a container, and every other container an existing image",
    });
  }
  return { base, deployments, jobs, copies, autoscalers, names };
}

/** The Deployment of each service and worker and the Job of each job, and what is wrong with what a release needs. */
function findWorkloads(
  objects: readonly KubeObject[],
  release: Release,
  otherDeployments: Readonly<Record<string, string>>,
  isInPlace: boolean,
) {
  const problems: string[] = [];
  const find = (kind: string, name: string) => {
    const found = objects.filter((object) => object.kind === kind && object.metadata.name === name);
    if (found.length !== 1) problems.push(`expected one ${kind} ${name}, found ${found.length}`);
    return found[0];
  };
  const [answering, jobs] = [listAnswering(release), listJobs(release)];
  const workloads: Record<string, KubeObject> = {};
  const names: Record<string, Names> = {};
  for (const name of listServices(release)) {
    const kind = jobs.includes(name) ? "Job" : "Deployment";
    const deployment = ownValue(otherDeployments, name) ?? name;
    const { names: called, problems: unclear } = findNames(objects, name, deployment, answering.includes(name));
    names[name] = called;
    problems.push(...unclear);
    const workload = find(kind, called.deployment);
    const service = answering.includes(name) ? find("Service", called.service) : undefined;
    // In two colours the switch sees to that; otherwise the manifests say it.
    const { selector } = fields(service?.["spec"]);
    if (isInPlace && service !== undefined && workload !== undefined && !selectsPodsOf(selector, workload))
      problems.push(`Service ${called.service} does not select the pods of Deployment ${called.deployment}`);
    if (workload !== undefined) {
      workloads[name] = workload;
      if (unclear.length === 0 && ownContainer(workload, called.container) === undefined)
        problems.push(`${kind} ${called.deployment} has no container ${called.container}`);
    }
    if (kind === "Job") {
      for (const { field, why } of listUnfit(workload?.["spec"])) problems.push(`Job ${name} has ${field}, but ${why}`);
      continue;
    }
    for (const taken of isInPlace ? [] : listGivenNames(called))
      if (
        objects.some(({ kind, metadata }) => (kind === "Service" || kind === "Deployment") && metadata.name === taken)
      )
        problems.push(`${taken} is a name that Slipway itself uses`);
  }
  return { workloads, names, problems };
}

/** The live Service without its selector: that field belongs to `slipway-switch`, and naming it would take it back. */
function liveService(service: KubeObject, of: string): KubeObject {
  const { selector: _, ...spec } = fields(service["spec"]);
  return labelled({ ...service, spec }, { [LABEL.service]: of });
}

/** The Service of one colour, whose selector never changes. */
function colourService(service: KubeObject, of: string, colour: Colour): KubeObject {
  // The node's ports and addresses are the live Service's.
  const { ports } = fields(service["spec"]);
  return labelled(
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: deploymentName(service.metadata.name, colour) },
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
 * The Deployment of one colour of a service, without `replicas` (that field belongs to `slipway-scale`). Without a colour it
 * is the one that is changed in place: the number of its pods is whoever's it is, and its selector and the labels of its
 * pods stay, because others know the pods by them.
 *
 * @param template as `sortManifests` gives it, with the images of the release
 */
export function releaseDeployment(
  template: KubeObject,
  at: {
    readonly ring: string;
    readonly service: string;
    readonly colour: Colour | undefined;
    readonly release: Release;
    readonly names: Names;
  },
): KubeObject {
  const { ring, service, colour, release, names } = at;
  const { replicas: _, ...spec } = fields(template["spec"]);
  const pod = fields(spec["template"]);
  const podMetadata = fields(pod["metadata"]);
  const selector = colour && selectorOf(service, colour);
  const labels = { ...selector, [LABEL.ring]: ring };
  const environment = {
    SLIPWAY_RING: ring,
    ...(colour && { SLIPWAY_COLOUR: colour }),
    SLIPWAY_RELEASE: release.id,
  };
  return withContentHash({
    ...template,
    metadata: {
      name: deploymentName(names.deployment, colour),
      labels: { ...template.metadata.labels, ...(selector && labels) },
      annotations: { ...template.metadata.annotations, [LABEL.release]: release.id },
    },
    spec: {
      ...spec,
      ...(selector && { selector: { matchLabels: selector } }),
      template: {
        ...pod,
        metadata: {
          ...podMetadata,
          labels: { ...fields(podMetadata["labels"]), ...labels, [LABEL.release]: release.id },
        },
        spec: withEnvironment(fields(pod["spec"]), names.container, environment),
      },
    },
  });
}

/** The Deployment of a service or worker in a placement, as the manifests want it. */
export function findDeployment(
  { deployments }: RingManifests,
  at: { readonly ring: string; readonly service: string; readonly placement: Placement },
): KubeObject {
  const { ring, service, placement } = at;
  const template = deployments[service];
  if (template === undefined) throw new Error(`the manifests have no Deployment for ${service}`);
  const [colour, names] = [findColourIn(placement, service), namesIn(placement, service)];
  return releaseDeployment(template, { ring, service, colour, release: placement.release, names });
}

/**
 * What a colour's Deployment is born as: no pods, and of the rest only what Kubernetes insists on. It is created, not
 * applied, because only `create` fails when somebody else was faster.
 */
export function bareDeployment(whole: KubeObject, called: string, epoch: number): KubeObject {
  const spec = fields(whole["spec"]);
  const container = ownContainer(whole, called) ?? {};
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
        spec: { containers: [{ name: called, image: container["image"] }] },
      },
    },
  };
}

/** The autoscaler of one colour, of a service that has one. It takes no pods away until the colour serves. */
export function findColourAutoscaler(
  { autoscalers, names }: RingManifests,
  at: { readonly ring: string; readonly service: string; readonly colour: Colour },
): KubeObject | undefined {
  const template = ownValue(autoscalers, at.service);
  if (template === undefined) return undefined;
  return withContentHash(colourAutoscaler(template, { ...at, deployment: namesIn({ names }, at.service).deployment }));
}

/** The hash that `releaseDeployment` and `sortManifests` left on an object. */
export function contentOf(object: KubeObject): string | undefined {
  return object.metadata.annotations?.[ANNOTATION.content];
}

function labelled(object: KubeObject, labels: Record<string, string>): KubeObject {
  return { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...labels } } };
}
