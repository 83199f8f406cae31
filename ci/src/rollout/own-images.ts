import { entries, type Fields, fields, isFields } from "../input/fields.ts";
import type { KubeObject } from "./objects.ts";
import { type Release, referTo } from "./release.ts";

/** The lists of containers in the specification of a pod. */
const CONTAINER_LISTS = ["initContainers", "containers", "ephemeralContainers"] as const;

/** Whose image a repository is, for the containers that do not have the name of a service. */
export type Owners = ReadonlyMap<string, string>;

/** The specification of the pods that a workload makes, a CronJob's too. */
export function podSpecOf(workload: unknown): Fields {
  const { spec } = fields(workload);
  const { template } = isFields(fields(spec)["jobTemplate"]) ? jobOf(spec) : fields(spec);
  return fields(fields(template)["spec"]);
}

/** Does the selector of a Service lead to the pods of a Deployment? An empty one leads to none. */
export function selectsPodsOf(selector: unknown, workload: unknown): boolean {
  const template = fields(fields(fields(workload)["spec"])["template"]);
  const labels = fields(fields(template["metadata"])["labels"]);
  const wanted = Object.entries(fields(selector));
  return wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value);
}

/** What a CronJob says of the Jobs that it makes. */
function jobOf(spec: unknown): Fields {
  return fields(fields(fields(spec)["jobTemplate"])["spec"]);
}

/** All containers of a pod's specification, those included that run before or beside the service. */
export function listAllContainers(podSpec: unknown): readonly Fields[] {
  return CONTAINER_LISTS.flatMap((list) => entries(fields(podSpec)[list]).map(fields));
}

/**
 * Registry and repository of an image, without tag and digest, as Docker completes it: `ingest:1` and
 * `docker.io/library/ingest@sha256:…` are the same.
 */
export function repositoryOf(image: string): string {
  const [named = ""] = image.split("@");
  const slash = named.lastIndexOf("/");
  // A colon before the last slash is the registry's port.
  const colon = named.indexOf(":", slash + 1);
  const bare = colon === -1 ? named : named.slice(0, colon);
  const [first = "", ...rest] = bare.split("/");
  if (rest.length === 0) return `docker.io/library/${bare}`;
  const isHost = /[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase();
  if (!isHost) return `docker.io/${bare}`;
  return first === "docker.io" && rest.length === 1 ? `docker.io/library/${rest[0]}` : bare;
}

/**
 * The repositories that the release fills in: those that the services' own containers name in the manifests, and those
 * of the release itself.
 */
export function findOwners(
  workloads: Readonly<Record<string, KubeObject>>,
  release: Release,
  names: Readonly<Record<string, { readonly container: string }>>,
): Owners {
  const owners = new Map<string, string>();
  for (const [service, { name }] of Object.entries(release.services)) owners.set(repositoryOf(name), service);
  for (const [service, workload] of Object.entries(workloads)) {
    const image = findOwnImage(workload, names[service]?.container ?? service);
    if (image !== undefined) owners.set(repositoryOf(image), service);
  }
  return owners;
}

/** The container of a service's Deployment, or of a job's Job, that runs it, by its name. */
export function ownContainer(workload: KubeObject, called: string): Fields | undefined {
  return entries(podSpecOf(workload)["containers"])
    .map(fields)
    .find(({ name }) => name === called);
}

function findOwnImage(workload: KubeObject, called: string): string | undefined {
  const { image } = ownContainer(workload, called) ?? {};
  return typeof image === "string" ? image : undefined;
}

/** A service, and the container that runs it. */
export interface Whose {
  readonly service: string;
  readonly container: string;
}

/**
 * The service whose image of the release a container of `service` gets; `undefined` when it keeps its own. The container
 * that runs the service gets the service's, and any other whose image is of a service's repository that one's:
 * whoever waits for a database by the service's own program has to run the same program.
 */
export function whoseImage(entry: unknown, of: Whose, owners: Owners, ownImage?: string): string | undefined {
  const { name, image } = fields(entry);
  const { service, container } = of;
  if (name === container) return service;
  if (typeof image !== "string") return undefined;
  const repository = repositoryOf(image);
  if (ownImage !== undefined && repositoryOf(ownImage) === repository) return service;
  return owners.get(repository);
}

/** A Deployment or Job of the release with its digests in all containers that run an image of the release. */
export function giveImages(workload: KubeObject, of: Whose, release: Release, owners: Owners): KubeObject {
  const ownImage = findOwnImage(workload, of.container);
  return withImages(workload, release, (container) => whoseImage(container, of, owners, ownImage));
}

/** A CronJob with the digests of the release in the containers whose image is of the repository of a service. */
export function giveCronJobImages(cronJob: KubeObject, release: Release, owners: Owners): KubeObject {
  return withImages(cronJob, release, ({ image }) =>
    typeof image === "string" ? owners.get(repositoryOf(image)) : undefined,
  );
}

function withImages(workload: KubeObject, release: Release, whose: (container: Fields) => string | undefined) {
  const give = (entry: unknown) => {
    const of = whose(fields(entry));
    return of === undefined ? entry : { ...fields(entry), image: referTo(release, of) };
  };
  const podSpec = podSpecOf(workload);
  const lists = CONTAINER_LISTS.filter((list) => Array.isArray(podSpec[list])).map((list) => [
    list,
    entries(podSpec[list]).map(give),
  ]);
  return withPodSpec(workload, { ...podSpec, ...Object.fromEntries(lists) });
}

/** The workload with another specification of its pods. */
export function withPodSpec(workload: KubeObject, podSpec: unknown): KubeObject {
  const spec = fields(workload["spec"]);
  const put = (into: Fields) => ({ ...into, template: { ...fields(into["template"]), spec: podSpec } });
  if (!isFields(spec["jobTemplate"])) return { ...workload, spec: put(spec) };
  return { ...workload, spec: { ...spec, jobTemplate: { ...spec["jobTemplate"], spec: put(jobOf(spec)) } } };
}

/** Whether an image stands for one that is still to be filled in: the digest of zeros is no content's. */
export function isPlaceholder(image: unknown): boolean {
  return typeof image === "string" && /@sha256:0{64}$/.test(image);
}

/** The images of a pod's containers that are placeholders still, as `container NAME: IMAGE`. */
export function listPlaceholders(podSpec: unknown): string[] {
  return listAllContainers(podSpec)
    .filter((container) => isFields(container) && isPlaceholder(container["image"]))
    .map(({ name, image }) => `container ${name}: ${image}`);
}
