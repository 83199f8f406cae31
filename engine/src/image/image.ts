import type { Snapshot } from "../store/snapshot.ts";

/** The part of an OCI image configuration that containers take over (image-spec, config.md). */
export interface ImageConfig {
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly WorkingDir?: string;
  readonly User?: string;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly ExposedPorts?: Readonly<Record<string, Record<string, never>>>;
  readonly StopSignal?: string;
  readonly Healthcheck?: unknown;
  readonly Volumes?: Readonly<Record<string, Record<string, never>>>;
  readonly OnBuild?: readonly string[];
  readonly Shell?: readonly string[];
}

/** An image that is in the store. */
export interface Image {
  /** `docker.io/library/debian:bookworm@sha256:…`, fully spelt. */
  readonly ref: string;
  /** `sha256:…` of its manifest (of its recipe when it was made by one). */
  readonly digest: string;
  /** `linux/amd64` */
  readonly platform: string;
  readonly config: ImageConfig;
  readonly snapshot: Snapshot;
  readonly annotations: Readonly<Record<string, string>>;
  /** Name of the recipe that made it, when no registry answered. */
  readonly recipe?: string;
}

export interface RegistryCredentials {
  readonly address: string;
  readonly username: string;
  readonly password: string;
}
