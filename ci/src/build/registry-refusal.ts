import { type Account, tellAccount } from "../rollout/slipway-error.ts";

/** A registry did not take an image. Its message is for a person: what, where, and what to do. */
export class PublishError extends Error {
  override readonly name = "PublishError";
}

interface Push {
  /** Registry and repository, without tag. */
  readonly image: string;
  /** Absent: nobody gave credentials. */
  readonly username: string | undefined;
}

interface Refusal {
  readonly pattern: RegExp;
  explain(push: Push, registry: string): Omit<Account, "where">;
}

/**
 * What registries answer, in the words of both engines: of skopeo (embedded engine) and of containerd (Dagger's own).
 * The first that matches counts; the order is from the specific to the general.
 */
const refusals: readonly Refusal[] = [
  {
    pattern: /x509:|certificate (?:signed by unknown|is not|has expired)|tls: failed to verify/i,
    explain: (_, registry) => ({
      what: `the certificate of ${registry} is not one that the engine trusts`,
      todo: "give the engine its authority: SSL_CERT_FILE for ./slipway, /usr/local/share/ca-certificates for Dagger's own",
    }),
  },
  {
    pattern: /server gave HTTP response to HTTPS client/i,
    explain: (_, registry) => ({
      what: `${registry} speaks plain HTTP, which is used only on the engine's own machine (127.0.0.1, localhost)`,
      todo: "give the registry a certificate, or publish to it under a loopback address",
    }),
  },
  {
    pattern:
      /no such host|connection refused|i\/o timeout|no route to host|network is unreachable|connection reset|temporary failure in name resolution|TLS handshake timeout|Gateway Timeout|Bad Gateway|Service Unavailable|failed to do request/i,
    explain: (_, registry) => ({
      what: `${registry} does not answer`,
      todo: "check the address in --registry, and that the engine has a way there (network, proxy)",
    }),
  },
  {
    pattern:
      /insufficient_scope|requested access to the resource is denied|push access denied|denied access to|\b403\b|Forbidden/i,
    explain: ({ image, username }, registry) => ({
      what: `${registry} does not let ${whoPushes(username)} push to ${repositoryOf(image)}: the repository is missing there, or the permission is`,
      todo:
        username === undefined
          ? "give --username and --password env:VARIABLE; some registries also want the repository to be created first"
          : "create the repository, or give the user or its token the right to write there",
    }),
  },
  {
    pattern: /\b401\b|unauthorized|authentication required|access denied|incorrect username or password/i,
    explain: ({ username }, registry) => ({
      what:
        username === undefined
          ? `${registry} wants a user and a password`
          : `${registry} does not accept the password of ${username}`,
      todo: "give --username and --password env:VARIABLE, with an access token where the registry has them",
    }),
  },
  {
    pattern: /\b404\b|not found|name unknown|NAME_UNKNOWN|not known to registry/i,
    explain: ({ image }, registry) => ({
      what: `${registry} has no repository ${repositoryOf(image)}`,
      todo: "create it, or correct --registry or images.name of slipway.yaml",
    }),
  },
];

/** What an engine said about a push that failed, as an error that a person can act on. */
export function explainRefusal(message: string, push: Push): PublishError {
  const registry = push.image.split("/")[0] ?? push.image;
  const refusal = refusals.find(({ pattern }) => pattern.test(message));
  const account = refusal?.explain(push, registry) ?? {
    what: `${registry} did not take the image: ${firstLine(message)}`,
    todo: "see what the registry says about it; the same call can be made again",
  };
  return new PublishError(tellAccount({ ...account, where: `publish of ${push.image}` }));
}

function whoPushes(username: string | undefined): string {
  return username ?? "a nameless user";
}

function repositoryOf(image: string): string {
  return image.slice(image.indexOf("/") + 1);
}

function firstLine(message: string): string {
  return message.trim().split("\n")[0] ?? "";
}
