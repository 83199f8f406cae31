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
} as const;
