import { readdirSync, statSync } from "node:fs";
import { locateInRoot } from "./root-path.ts";

/** Places of the bundle of trusted certificates in Debian, Red Hat and Alpine images, and on hosts. */
const bundlePaths = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/**
 * The host's bundle when somebody added certificates of their own to this machine (a proxy that re-signs, an internal registry),
 * else nothing: images then keep the certificates they came with.
 */
export function findHostBundle(
  addedDir = "/usr/local/share/ca-certificates",
  candidates: readonly string[] = bundlePaths,
): string | undefined {
  let added: string[];
  try {
    added = readdirSync(addedDir, { recursive: true }).filter(
      (name): name is string => typeof name === "string" && name.endsWith(".crt"),
    );
  } catch {
    return undefined;
  }
  if (added.length === 0) return undefined;
  return candidates.find((path) => isFile(path));
}

/** The bundles that exist in the root, links followed, each once. */
export function findContainerBundles(rootDir: string): string[] {
  const found = bundlePaths
    .map((path) => locateInRoot(rootDir, path))
    .filter((located) => located?.stats?.isFile() === true);
  return [...new Set(found.map((located) => located?.containerPath ?? ""))];
}

/**
 * Whether a command may write the bundle of its image anew, which it cannot while something is mounted over it: what installs or
 * upgrades the package of certificates, or adds one of its own. It is told of the host's certificates by variables alone.
 */
export function writesBundle(args: readonly string[]): boolean {
  return args.some((text) =>
    /ca-certificates(?!\.crt)|update-ca-trust|trust extract|\b(dist-|full-)?upgrade\b/.test(text),
  );
}

/** Programs that bring authorities of their own and do not look at the bundle of their image, until a variable names one. */
const ownAuthorities =
  /(^|[\s/;&|(`'"=])(node|npm|npx|pnpm|pnpx|yarn|corepack|bunx?|deno|python[\d.]*|pip[\d.]*|pipx|poetry|pdm|uv|mvnw?|gradlew?|aws)(?=$|[\s;&|)`'"])/;

/** Whether a command names a program that fails behind a proxy that re-signs, unless it is told of the proxy's authority. */
export function bringsAuthorities(args: readonly string[]): boolean {
  return args.some((text) => ownAuthorities.test(text));
}

/** Whether a file stands at the path; what cannot be looked at is none. */
export function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
