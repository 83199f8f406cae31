import { isLoopbackRegistry, type Reference } from "../reference.ts";
import { RegistryError } from "./fault.ts";
import { withoutQuery } from "./judge.ts";
import type { Outgoing } from "./transport.ts";

/**
 * Where a redirect leads.
 *
 * @throws RegistryError when it leads nowhere or out of TLS: only what is compared with its digest may come from anybody
 */
export function onward(
  url: string,
  target: string,
  { method, path }: Pick<Outgoing, "method"> & { path: string },
): string {
  const [from, to] = [new URL(url), placeOf(target, url)];
  const kept = withTls(from, to);
  if (kept !== undefined) return kept;
  if (method === "GET" && /\/sha256:[0-9a-f]{64}$/.test(path)) return to.href;
  throw new RegistryError(
    "failed",
    `the answer to the ${method} request to ${withoutQuery(url)} leads to ${withoutQuery(to.href)}, without TLS, where anybody could have answered\n  to do: let the registry name an address with https, or name the image by its digest`,
  );
}

/**
 * Where a registry's upload goes on, or its tokens are given out: an address that gets what only the registry may have.
 *
 * @param base an address of the registry
 * @param what stands there, for the person
 * @throws RegistryError when that is without TLS and the registry is not
 */
export function entrusted(base: string, place: string, what: string): string {
  const [from, to] = [new URL(base), placeOf(place, base)];
  const kept = withTls(from, to);
  if (kept !== undefined) return kept;
  throw new RegistryError(
    "failed",
    `the registry ${from.host} names ${withoutQuery(to.href)} for ${what}, without TLS, where anybody could read it\n  to do: tell those who run the registry`,
  );
}

/**
 * The place that an answer names.
 *
 * @param url where the answer came from
 * @throws RegistryError when that is not an address
 */
export function placeOf(place: string, url: string): URL {
  if (URL.canParse(place, url)) return new URL(place, url);
  throw new RegistryError(
    "failed",
    `${new URL(url).host} leads to ${JSON.stringify(withoutQuery(place))}, which is not an address\n  to do: tell those who run it`,
  );
}

/** The address of the registry of an image, or one below it. */
export function registryUrl({ registry }: Reference, isPlain = isLoopbackRegistry(registry)): string {
  const host = registry === "docker.io" ? "registry-1.docker.io" : registry;
  return `${isPlain ? "http" : "https"}://${host}`;
}

/** The second address where it is no step out of TLS, or one that is meant with it; undefined otherwise. */
function withTls(from: URL, to: URL): string | undefined {
  if (from.protocol !== "https:" || to.protocol !== "http:") return to.href;
  // A registry that does not know that it stands behind TLS names itself without.
  return from.hostname === to.hostname ? Object.assign(to, { protocol: "https:" }).href : undefined;
}
