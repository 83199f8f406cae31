import { parseReference, type Reference } from "../reference.ts";

/** Where the images of a registry are asked for first, in this order: `mirror.example/hub`, by the registry. */
export type Mirrors = ReadonlyMap<string, readonly string[]>;

const NAME_PLACES =
  "  to do: set it to REGISTRY=MIRROR, several with blanks between them, such as docker.io=mirror.example/hub; mirrors are asked with TLS";

/**
 * Reads `SLIPWAY_REGISTRY_MIRROR`: `docker.io=mirror.example/hub registry.k8s.io=mirror.example/k8s`. A registry may have several.
 *
 * @throws Error with all that is wrong in it
 */
export function readMirrors(given: string | undefined): Mirrors {
  const mirrors = new Map<string, string[]>();
  const problems: string[] = [];
  for (const entry of (given ?? "").split(/[\s,]+/).filter((each) => each !== "")) {
    const [, name = "", place = ""] = /^([^=]+)=(?:https:\/\/)?(.+?)\/?$/.exec(entry) ?? [];
    const registry = registryOf(name);
    if (registry === undefined || name.includes("/")) problems.push(`${JSON.stringify(entry)} names no registry`);
    else if (registryOf(place) === undefined) problems.push(`${JSON.stringify(entry)} names no mirror`);
    else mirrors.set(registry, [...(mirrors.get(registry) ?? []), place]);
  }
  if (problems.length === 0) return mirrors;
  throw new Error([`SLIPWAY_REGISTRY_MIRROR: ${problems.join("; ")}`, NAME_PLACES].join("\n"));
}

/** The registry of an image below a place; undefined when that does not begin with one. */
function registryOf(place: string): string | undefined {
  try {
    const { registry } = parseReference(`${place}/image`);
    return registry === "docker.io" && !/^(?:index\.)?docker\.io(?:\/|$)/.test(place) ? undefined : registry;
  } catch {
    return undefined;
  }
}

/** The same image at each mirror of its registry. */
export function atMirrors(reference: Reference, mirrors: Mirrors): Reference[] {
  return (mirrors.get(reference.registry) ?? []).map((place) => {
    const { registry, repository } = parseReference(`${place}/${reference.repository}`);
    return { ...reference, registry, repository };
  });
}
