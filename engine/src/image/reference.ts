/** An image reference, fully spelt (distribution/reference, "Grammar"). */
export interface Reference {
  /** Host with an optional port: `docker.io`, `127.0.0.1:5000`. */
  readonly registry: string;
  /** `library/debian` */
  readonly repository: string;
  /** Absent only when a digest is given instead. */
  readonly tag?: string;
  /** `sha256:…` with 64 hex digits. */
  readonly digest?: string;
}

const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-f]{32,}$/;
const REGISTRY =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[0-9a-fA-F:]+\])(?::\d+)?$/;
const PATH_PART = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const LONGEST_NAME = 255;

/**
 * Reads an image address the way Docker does: `debian` is `docker.io/library/debian:latest`.
 *
 * @throws Error with the words of the real engine, `failed to parse image address X: invalid reference format…`.
 */
export function parseReference(address: string): Reference {
  const refuse = (reason?: string): never => {
    const detail = reason === undefined ? "" : `: ${reason}`;
    throw new Error(`failed to parse image address ${address}: invalid reference format${detail}`);
  };

  const at = address.indexOf("@");
  const digest = at === -1 ? undefined : address.slice(at + 1);
  const named = at === -1 ? address : address.slice(0, at);
  if (digest !== undefined && !DIGEST.test(digest)) refuse();

  const { registry, rest } = splitRegistry(named);
  const colon = rest.indexOf(":");
  const path = colon === -1 ? rest : rest.slice(0, colon);
  const givenTag = colon === -1 ? undefined : rest.slice(colon + 1);
  if (path === "") refuse();
  if (givenTag !== undefined && !TAG.test(givenTag)) refuse();

  const repository = registry === "docker.io" && !path.includes("/") ? `library/${path}` : path;
  if (repository !== repository.toLowerCase()) refuse(`repository name (${repository}) must be lowercase`);
  if (!REGISTRY.test(registry) || !repository.split("/").every((part) => PATH_PART.test(part))) refuse();
  if (repository.length > LONGEST_NAME) refuse(`repository name must not be more than ${LONGEST_NAME} characters`);

  const tag = givenTag ?? (digest === undefined ? "latest" : undefined);
  return { registry, repository, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

function splitRegistry(named: string): { registry: string; rest: string } {
  const slash = named.indexOf("/");
  const first = named.slice(0, Math.max(slash, 0));
  const isHost = first === "localhost" || /[.:]/.test(first) || first !== first.toLowerCase();
  if (slash === -1 || !isHost) return { registry: "docker.io", rest: named };
  const registry = first === "index.docker.io" ? "docker.io" : first;
  return { registry, rest: named.slice(slash + 1) };
}

/** The full spelling: `docker.io/library/debian:bookworm@sha256:…`. */
export function formatReference(reference: Reference): string {
  const tag = reference.tag === undefined ? "" : `:${reference.tag}`;
  const digest = reference.digest === undefined ? "" : `@${reference.digest}`;
  return `${reference.registry}/${reference.repository}${tag}${digest}`;
}

/** Whether the registry runs on this machine: such a one is spoken to without TLS, as Docker does. */
export function isLoopbackRegistry(registry: string): boolean {
  const host = registry.replace(/:\d+$/, "");
  return host === "localhost" || host === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(host);
}
