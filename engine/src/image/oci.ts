import { createHash } from "node:crypto";
import type { ImageConfig } from "./image.ts";

/** Media types of the OCI image specification 1.1, and Docker's names for the same things. */
export const OCI = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar",
} as const;

export const DOCKER = {
  index: "application/vnd.docker.distribution.manifest.list.v2+json",
  manifest: "application/vnd.docker.distribution.manifest.v2+json",
  config: "application/vnd.docker.container.image.v1+json",
  layer: "application/vnd.docker.image.rootfs.diff.tar",
} as const;

export type Compression = "gzip" | "zstd" | "none";

export interface Descriptor {
  readonly mediaType: string;
  /** `sha256:…` */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface Manifest {
  readonly schemaVersion: 2;
  readonly mediaType?: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface Index {
  readonly schemaVersion: 2;
  readonly mediaType?: string;
  readonly manifests: readonly Descriptor[];
}

/** The JSON file that the `config` of a manifest names. */
export interface ConfigFile {
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string;
  readonly created?: string;
  readonly config?: ImageConfig;
  readonly rootfs: { readonly type: "layers"; readonly diff_ids: readonly string[] };
  readonly history?: readonly { readonly created_by?: string }[];
}

export function isDigest(value: unknown): value is string {
  return typeof value === "string" && /^sha256:[0-9a-f]{64}$/.test(value);
}

export function sha256(bytes: string | Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

export function isIndex(value: Manifest | Index): value is Index {
  return "manifests" in value;
}

/** How a layer's bytes are compressed, by its media type. */
export function compressionOf(mediaType: string): Compression {
  if (/[+.]gzip$/.test(mediaType)) return "gzip";
  if (/[+.]zstd$/.test(mediaType)) return "zstd";
  if (mediaType === OCI.layer || mediaType === DOCKER.layer) return "none";
  throw new Error(
    `cannot read a layer of the media type ${mediaType}\n  to do: use an image with tar layers (plain, gzip or zstd)`,
  );
}

export function layerMediaType(family: typeof OCI | typeof DOCKER, compression: Compression): string {
  const separator = family === OCI ? "+" : ".";
  return compression === "none" ? family.layer : `${family.layer}${separator}${compression}`;
}

export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

const ARCHITECTURES: Readonly<Record<string, string>> = {
  x86_64: "amd64",
  "x86-64": "amd64",
  aarch64: "arm64",
  armhf: "arm",
};

/** Reads `linux/arm64/v8`. `v8` of arm64 is the only one there is, so it is dropped. */
export function parsePlatform(text: string): Platform {
  const [os = "", spelt = "", variant] = text.split("/");
  const architecture = ARCHITECTURES[spelt] ?? spelt;
  if (os === "" || architecture === "")
    throw new Error(`"${text}" is not a platform\n  to do: write it as linux/amd64`);
  if (variant === undefined || (architecture === "arm64" && variant === "v8")) return { os, architecture };
  return { os, architecture, variant };
}

export function formatPlatform(platform: Platform): string {
  return [platform.os, platform.architecture, ...(platform.variant === undefined ? [] : [platform.variant])].join("/");
}

/** The entry of an index for a platform; an entry without a platform matches none. */
export function selectManifest(index: Index, platform: string): Descriptor | undefined {
  const wanted = formatPlatform(parsePlatform(platform));
  return index.manifests.find(
    (entry) => entry.platform !== undefined && formatPlatform(parsePlatform(formatPlatform(entry.platform))) === wanted,
  );
}
