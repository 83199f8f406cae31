import { SlipwayError } from "../account.ts";

interface Push {
  /** Registry and repository, without tag. */
  readonly image: string;
  /** Absent: nobody gave credentials. */
  readonly username: string | undefined;
}

interface Advice {
  readonly pattern: RegExp;
  todo(push: Push, registry: string): string;
}

/**
 * What can be done about what engines and registries say. It stands behind their words and never in place of them.
 * The first that matches counts; the order is from the specific to the general.
 */
const advices: readonly Advice[] = [
  {
    pattern: /x509:|certificate (?:signed by unknown|is not|has expired)|tls: failed to verify/i,
    todo: (_, registry) =>
      `the engine does not trust the certificate of ${registry}; give it its authority: SSL_CERT_FILE for ./slipway, /usr/local/share/ca-certificates for Dagger's own`,
  },
  {
    pattern: /server gave HTTP response to HTTPS client/i,
    todo: () =>
      "plain HTTP is spoken only on the engine's own machine (127.0.0.1, localhost): give the registry a certificate, or publish to it under a loopback address",
  },
  {
    pattern: /quota|storage resource|upper limit|exceed|\b507 Insuff|Insufficient Storage|no space left/i,
    todo: () => "free some space there, or ask the registry's administrators for more; then make the same call again",
  },
  {
    pattern: /\b429 Too|TOO_?MANY_?REQUESTS|rate limit/i,
    todo: ({ username }) =>
      username === undefined
        ? "wait, or give --username and --password env:VARIABLE: registries allow known users more requests"
        : "wait and make the same call again, or ask the registry's administrators for a higher limit",
  },
  {
    pattern: /\b413 [A-Z]|Request Entity Too Large|Payload Too Large/i,
    todo: () =>
      "let the registry, or the proxy in front of it, accept longer uploads (with nginx client_max_body_size)",
  },
  {
    pattern: /immutable|already exists|cannot be overwritten/i,
    todo: () => "the tag exists there: publish another commit, or allow the registry to move tags",
  },
  {
    pattern: /\b405 Method|read.?only|\bUNSUPPORTED:/i,
    todo: (_, registry) =>
      `see whether ${registry} accepts images at all now: it may be a mirror, or under maintenance`,
  },
  {
    pattern:
      /no such host|connection refused|i\/o timeout|no route to host|network is unreachable|temporary failure in name resolution|TLS handshake timeout|to CONNECT/i,
    todo: () => "check the address in --registry, and that the engine can reach it (network, proxy)",
  },
  {
    pattern:
      /\b50[0234] [A-Z]|\b52\d [A-Z]|connection reset|unexpected EOF|\bEOF\b|broken pipe|Gateway Timeout|Bad Gateway|Service Unavailable|Internal Server Error|failed to do request/i,
    todo: (_, registry) => `make the same call again when ${registry} works again; what was sent is not sent again`,
  },
  {
    pattern:
      /insufficient_scope|requested access to the resource is denied|push access denied|denied access to|\b403 Forbidden/i,
    todo: ({ image, username }) => `${mayPush(username)}; perhaps ${repositoryOf(image)} has to be created there first`,
  },
  {
    pattern: /\b401 Unauth|unauthorized|authentication required|access denied|incorrect username or password/i,
    todo: ({ username }) =>
      username === undefined
        ? "give --username and --password env:VARIABLE, with an access token where the registry has them"
        : `check the password of ${username}; some registries want an access token instead`,
  },
  {
    pattern: /\b404 Not|not found|name unknown|NAME_UNKNOWN|not known to registry/i,
    todo: ({ image }) => `create ${repositoryOf(image)} there, or correct --registry or images.name of slipway.yaml`,
  },
];

/** What can be done about the words of a registry. */
export function adviseOn(words: string, push: Push): string {
  const registry = push.image.split("/")[0] ?? push.image;
  const advice = advices.find(({ pattern }) => pattern.test(words));
  return advice?.todo(push, registry) ?? "read the registry's message; you can make the same call again";
}

/** What an engine said about a push that failed, whole, as an error that a person can act on. */
export function explainRefusal(message: string, push: Push): SlipwayError {
  const registry = push.image.split("/")[0] ?? push.image;
  const words = withoutAdvice(message);
  const todo = adviseOn(words, push);
  const what = `${registry} did not accept the image: ${words}`;
  return new SlipwayError("not-published", { what, where: `publish of ${push.image}`, todo });
}

/** An engine's own advice is about its API; ours is about this command. */
function withoutAdvice(message: string): string {
  const lines = message.trim().split("\n");
  return lines.filter((line) => !line.startsWith("  to do: ")).join("\n");
}

function mayPush(username: string | undefined): string {
  return username === undefined
    ? "give --username and --password env:VARIABLE of somebody who may push there"
    : `see whether ${username}, or the token given as password, may push there`;
}

function repositoryOf(image: string): string {
  return image.slice(image.indexOf("/") + 1);
}
