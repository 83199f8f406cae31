/**
 * Every image that the pipeline pulls, with its version, once.
 *
 * Tags and no digests: the embedded engine makes images of the same name where no registry answers.
 */
export const images = {
  /** Runs the checks and builds the services. Not slim: npm needs the system's certificates behind a proxy. */
  node: "node:24-bookworm",
  /** Runs the gateway of the stack. */
  nodeSlim: "node:24-bookworm-slim",
  /** What a service is shipped on, with the program of `node`. Has to be of the same Debian. */
  debian: "debian:bookworm-slim",
  kafka: "apache/kafka:4.1.1",
  /** Backing services that one word asks for, of the versions that Debian 12 has as well. */
  postgres: "postgres:15-bookworm",
  redis: "redis:7-bookworm",
  rabbitmq: "rabbitmq:3",
  /** Speaks to the cluster, and puts the manifests together. One minor version newer or older than the cluster is fine. */
  kubectl: "registry.k8s.io/kubectl:v1.34.5",
  /** Puts the manifests of charts together. */
  helm: "alpine/helm:3.18.0",
} as const;

/** Runs checks of a project in Node and builds it, of a major version. Those before 16 were never made on Debian 12. */
export function nodeImage(version: string): string {
  return Number(version) < 16 ? `node:${version}` : `node:${version}-bookworm`;
}

/** Runs checks of a project in Python and installs its packages: not all have a wheel, and some come by git. */
export function pythonImage(version: string): string {
  return isOldPython(version) ? `python:${version}` : `python:${version}-bookworm`;
}

/** What a service in Python is shipped on: the same Python and the same Debian, without a compiler and git. */
export function pythonSlimImage(version: string): string {
  return isOldPython(version) ? `python:${version}-slim` : `python:${version}-slim-bookworm`;
}

/** Those before 3.7 were never made on Debian 12. */
function isOldPython(version: string): boolean {
  return Number(version.replace(/^3\./, "")) < 7;
}

/** Runs checks of a project in Go and builds it. */
export function goImage(version: string): string {
  return `golang:${version}-bookworm`;
}

/** Runs checks of a project in Java and builds it; Maven is in it, Gradle comes by its wrapper. */
export function mavenImage(version: string): string {
  return `maven:3-eclipse-temurin-${version}`;
}

/** What installs packages, in the version that is taken when a repository pins none. */
export const PACKAGE_MANAGERS = {
  pnpm: "10.18.3",
  yarn: "1.22.22",
  berry: "4.10.3",
  uv: "0.9.5",
  poetry: "2.2.1",
  pdm: "2.29.4",
  pipenv: "2026.10.3",
} as const;

/** What a service in Java is shipped on. */
export function jreImage(version: string): string {
  return `eclipse-temurin:${version}-jre`;
}
