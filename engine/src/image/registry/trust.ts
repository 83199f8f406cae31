import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { createSecureContext, rootCertificates, type SecureContext } from "node:tls";
import { readIfThere } from "../../store/absent.ts";
import { namesIn } from "../../store/folders.ts";

/** Where Debian, Red Hat and Alpine have their bundle. */
const BUNDLES = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/** Folders with one folder for each registry, `HOST:PORT/*.crt` (docker-certs.d, containers-certs.d(5)). */
const REGISTRY_FOLDERS = [
  join(homedir(), ".config/containers/certs.d"),
  "/etc/containers/certs.d",
  "/etc/docker/certs.d",
];

/**
 * Whose certificates count for a registry: those of this machine (or of `SSL_CERT_FILE` in their place, as with Go
 * programs), and what a person has put down for this registry, with a certificate of our own where there is one.
 */
export function trustFor(
  registry: string,
  env: NodeJS.ProcessEnv = process.env,
  folders: readonly string[] = REGISTRY_FOLDERS,
): SecureContext {
  const named = env["SSL_CERT_FILE"] ?? "";
  const bundle = (named === "" ? BUNDLES : [named]).map((path) => readIfThere(path)).find((text) => text !== undefined);
  const extra = readExtra(env["NODE_EXTRA_CA_CERTS"] ?? "");
  const files = folders.flatMap((folder) => listFiles(join(folder, registry)));
  const own = files.filter((path) => path.endsWith(".crt")).map((path) => readIfThere(path));
  const ca = [...(bundle === undefined ? rootCertificates : [bundle]), extra, ...own].filter(isText);
  const certificate = files.find((path) => path.endsWith(".cert"));
  const identity =
    certificate === undefined
      ? {}
      : { cert: readIfThere(certificate), key: readIfThere(certificate.replace(/\.cert$/, ".key")) };
  return createSecureContext({ ca, ...identity });
}

function isText(text: string | undefined): text is string {
  return text !== undefined && text !== "";
}

const told = new Set<string>();

/** What is in the file of more authorities. One that cannot be read is told once, as Node tells it at its start. */
function readExtra(path: string): string | undefined {
  try {
    return path === "" ? undefined : readFileSync(path, "utf8");
  } catch (error) {
    if (!told.has(path)) process.emitWarning(`Ignoring extra certs from \`${path}\`, load failed: ${String(error)}`);
    told.add(path);
    return undefined;
  }
}

function listFiles(folder: string): string[] {
  return namesIn(folder)
    .sort()
    .map((name) => join(folder, name));
}
