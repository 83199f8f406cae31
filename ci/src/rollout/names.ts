import { z } from "zod";
import { entries, fields } from "../input/fields.ts";
import { mapping } from "../input/problems.ts";
import { COLOURS, type Colour, deploymentName, type KubeObject } from "./objects.ts";
import { podSpecOf, selectsPodsOf } from "./own-images.ts";
import { listStaying, type Release } from "./release.ts";

/** What the parts of a service are called in a ring. */
export const namesSchema = mapping({
  deployment: z
    .string()
    .describe("The Deployment of the manifests: in two colours the Deployments are `NAME-blue` and `NAME-green`."),
  service: z.string().describe("Its Service."),
  container: z.string().describe("The container in its pods."),
});

export type Names = z.output<typeof namesSchema>;

/** What a placement says of where its services are. */
interface Placed {
  readonly release: Release;
  readonly colours: Readonly<Record<string, Colour>>;
  readonly names?: Readonly<Record<string, Names>> | undefined;
}

/** The names of a service in a placement: where nothing else is written down, all are the service's. */
export function namesIn({ names }: Pick<Placed, "names">, service: string): Names {
  return names?.[service] ?? { deployment: service, service, container: service };
}

/** Those names that are not just the service's, for a record; `undefined` when there are none. */
export function otherNames(all: Readonly<Record<string, Names>>): Record<string, Names> | undefined {
  const other = Object.entries(all).filter(([service, names]) => Object.values(names).some((name) => name !== service));
  return other.length === 0 ? undefined : Object.fromEntries(other);
}

/** Which of the services that answer has a Service of this name; `undefined` when none has. */
export function answeringAt(
  answering: readonly string[],
  names: Readonly<Record<string, Names>>,
  name: string,
): string | undefined {
  return answering.find((service) => names[service]?.service === name);
}

/** The names that Slipway gives itself to the Deployments and Services of a service's colours. */
export function listGivenNames({ deployment, service }: Names): string[] {
  return [...new Set([deployment, service])].flatMap((name) => COLOURS.map((colour) => deploymentName(name, colour)));
}

/** Are its Deployments changed in place, so that there are no colours? Jobs have none in any ring. */
export function isPlain({ colours, release }: Pick<Placed, "colours" | "release">): boolean {
  return Object.keys(colours).length === 0 && listStaying(release).length > 0;
}

/** The Deployment that runs a service in a placement. */
export function deploymentIn(placement: Placed, service: string): string {
  return deploymentName(namesIn(placement, service).deployment, findColourIn(placement, service));
}

/** The Service that reaches a placement's own pods alone; where there are no colours, the one that everybody asks. */
export function ownServiceIn(placement: Placed, service: string): string {
  return deploymentName(namesIn(placement, service).service, findColourIn(placement, service));
}

/** The Service that everybody asks. */
export function liveServiceIn(placement: Placed, service: string): string {
  return namesIn(placement, service).service;
}

/** The colour of a service in a placement; `undefined` where there are none. */
export function findColourIn(placement: Placed, service: string): Colour | undefined {
  return isPlain(placement) ? undefined : colourIn(placement, service);
}

/** The colour of a service in a placement that has them. */
export function colourIn(placement: Placed, service: string): Colour {
  const colour = placement.colours[service];
  if (colour === undefined) throw new Error(`the record of ${placement.release.id} has no colour for ${service}`);
  return colour;
}

/**
 * Finds out what the Service and the container of a service or worker are called. A Service belongs to it that is called like
 * the service or, if none is, that selects its pods; a container that is called like the service or like the Deployment, or
 * that is the only one.
 *
 * @param deployment the name of its Deployment: the service's, or the one of slipway.yaml
 * @param answers it has a Service
 * @returns the names as far as they are clear, and what is not
 */
export function findNames(
  objects: readonly KubeObject[],
  service: string,
  deployment: string,
  answers: boolean,
): { readonly names: Names; readonly problems: readonly string[] } {
  const workload = objects.find(({ kind, metadata }) => kind === "Deployment" && metadata.name === deployment);
  if (workload === undefined) return { names: { deployment, service, container: service }, problems: [] };
  const services = answers ? findServices(objects, service, workload) : [];
  const containers = entries(podSpecOf(workload)["containers"]).map((entry) => String(fields(entry)["name"]));
  const usual = [...new Set([service, deployment])];
  const container =
    usual.find((name) => containers.includes(name)) ?? (containers.length === 1 ? containers[0] : undefined);
  const problems = [
    ...(services.length > 1
      ? [`service ${service} has several Services for Deployment ${deployment}: ${services.join(", ")}`]
      : []),
    ...(container === undefined
      ? [`Deployment ${deployment} has no container ${usual.join(" or ")}, but ${containers.join(", ")}`]
      : []),
  ];
  return { names: { deployment, service: services[0] ?? service, container: container ?? service }, problems };
}

function findServices(objects: readonly KubeObject[], service: string, workload: KubeObject): string[] {
  const all = objects.filter(({ kind }) => kind === "Service");
  if (all.some(({ metadata }) => metadata.name === service)) return [service];
  return all
    .filter(({ spec }) => {
      const { selector, clusterIP } = fields(spec);
      // Without an address of its own it is for finding each pod.
      return clusterIP !== "None" && selectsPodsOf(selector, workload);
    })
    .map(({ metadata }) => metadata.name);
}
