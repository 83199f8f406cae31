import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ContainerMount, ContainerSpec } from "./container.ts";
import { isFile } from "./host-certificates.ts";
import { javaTrustStore, TRUST_STORE_PASSWORD } from "./java-trust-store.ts";

/** Variables by name, as this machine or a container has them. */
export type Variables = Readonly<Record<string, string | undefined>>;

const proxyNames = ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"];

/**
 * The proxies that a process is told of beside its own variables, as the real engine does it: under both spellings of each name what
 * the container says, and where it says nothing what this machine says. None of it is in an image, nor in what a result is known by.
 */
export function proxyVariables(own: Variables, host: Variables): Record<string, string> {
  const told: Record<string, string> = {};
  for (const upper of proxyNames) {
    const lower = upper.toLowerCase();
    const value = own[upper] ?? own[lower] ?? host[upper] ?? host[lower];
    if (value === undefined) continue;
    for (const name of [upper, lower]) if (own[name] === undefined) told[name] = value;
  }
  return told;
}

/** What programs of containers ask for a file of the authorities that they trust, each with its own word for it. */
export const HANDED_ON_CERTIFICATES = [
  "PIP_CERT",
  "REQUESTS_CA_BUNDLE",
  "CURL_CA_BUNDLE",
  "GIT_SSL_CAINFO",
  "AWS_CA_BUNDLE",
  "CARGO_HTTP_CAINFO",
  "NPM_CONFIG_CAFILE",
  "npm_config_cafile",
  "DENO_CERT",
  "BUNDLE_SSL_CA_CERT",
  "NIX_SSL_CERT_FILE",
  "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
];

/** The same, with what the engine asks itself. */
const certificateNames = ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", ...HANDED_ON_CERTIFICATES];

/** What a container gets of this machine's own authorities. */
export interface ToldCertificates {
  readonly env: Readonly<Record<string, string>>;
  readonly mounts: readonly ContainerMount[];
}

/**
 * The files of certificates that this machine's environment names, under the same names, at paths of their own: an image may have
 * no bundle, or write it anew. What the container says itself counts more.
 */
export function certificateVariables(
  own: Variables,
  host: Variables,
  isThere: (path: string) => boolean = isFile,
): ToldCertificates {
  const places = new Map<string, string>();
  const env: Record<string, string> = {};
  for (const name of certificateNames) {
    const source = host[name];
    if (own[name] !== undefined || source === undefined || !source.startsWith("/") || !isThere(source)) continue;
    const place = places.get(source) ?? `/.certificates${places.size === 0 ? "" : `-${places.size + 1}`}.crt`;
    places.set(source, place);
    env[name] = place;
  }
  const mounts = [...places].map(
    ([source, destination]): ContainerMount => ({ kind: "bind", source, destination, readOnly: true }),
  );
  return { env, mounts };
}

/** Where a container finds the same certificates in Java's form. */
const TRUST_STORE = "/.certificates.jks";

/** What Maven and Gradle give to Java. `JAVA_TOOL_OPTIONS` would reach every program, and make each print a line about it. */
const javaNames = ["MAVEN_OPTS", "GRADLE_OPTS"];

/** @param store a file with the certificates in Java's form */
export function javaVariables(own: Variables, store: string): ToldCertificates {
  const options = `-Djavax.net.ssl.trustStore=${TRUST_STORE} -Djavax.net.ssl.trustStorePassword=${TRUST_STORE_PASSWORD}`;
  const open = javaNames.filter((name) => own[name]?.includes("javax.net.ssl.trustStore") !== true);
  const env = Object.fromEntries(open.map((name) => [name, `${own[name] ?? ""} ${options}`.trim()]));
  return { env, mounts: [{ kind: "bind", source: store, destination: TRUST_STORE, readOnly: true }] };
}

/** What only this machine can say to the containers that it runs. */
export class HostEnvironment {
  readonly #variables: Variables;
  readonly #dir: string;
  #store: string | undefined;

  /** @param dir a folder of the engine's own, where the trust store is written when it is first needed */
  constructor(variables: Variables, dir: string) {
    this.#variables = variables;
    this.#dir = dir;
  }

  /** A container as it is started on this machine. */
  addTo(spec: ContainerSpec): ContainerSpec {
    const told = spec.trustsHost === true ? this.#certificates(spec.env) : [];
    return {
      ...spec,
      env: Object.assign({}, spec.env, proxyVariables(spec.env, this.#variables), ...told.map(({ env }) => env)),
      mounts: [...spec.mounts, ...told.flatMap(({ mounts }) => mounts)],
    };
  }

  #certificates(own: Variables): ToldCertificates[] {
    const bundle = this.#variables["SSL_CERT_FILE"];
    const files = certificateVariables(own, this.#variables);
    if (bundle === undefined || !isFile(bundle)) return [files];
    if (this.#store === undefined) {
      this.#store = join(this.#dir, "certificates.jks");
      writeFileSync(this.#store, javaTrustStore(readFileSync(bundle, "utf8")), { mode: 0o644 });
    }
    return [files, javaVariables(own, this.#store)];
  }
}
