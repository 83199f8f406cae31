import { type Head, listPlacements } from "./head.ts";
import { isPlain, namesIn } from "./names.ts";
import { listServices, listStaying } from "./release.ts";

/** The names that the services of a ring have in its objects, as its record has them. */
export class PlacedNames {
  /** By service: the containers of its placements. */
  readonly #containers = new Map<string, Set<string>>();
  /** The services and workers whose Deployments are changed in place, by the Deployment. */
  readonly #plain = new Map<string, string>();

  /** @param record of the ring; undefined: it has none yet */
  constructor(record: Head | undefined) {
    for (const placement of record === undefined ? [] : listPlacements(record)) {
      const { release } = placement;
      for (const service of listServices(release)) {
        const { container } = namesIn(placement, service);
        this.#containers.set(service, (this.#containers.get(service) ?? new Set()).add(container));
      }
      if (!isPlain(placement)) continue;
      for (const service of listStaying(release)) this.#plain.set(namesIn(placement, service).deployment, service);
    }
  }

  /** The service whose Deployment is changed in place, if it is one. */
  serviceOf(deployment: string): string | undefined {
    return this.#plain.get(deployment);
  }

  /** The container of a service, of those that a template or a pod has. */
  containerOf<C extends { readonly name: string }>(service: string, containers: readonly C[]): C | undefined {
    return containers.find(({ name }) => this.#containers.get(service)?.has(name) ?? name === service);
  }
}
