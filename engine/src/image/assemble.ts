import type { Snapshot } from "../store/snapshot.ts";
import { type Blobs, LostBlob } from "./blobs.ts";
import type { Image, ImageConfig } from "./image.ts";
import type { Layers } from "./layers.ts";
import {
  type Compression,
  type ConfigFile,
  type Descriptor,
  DOCKER,
  formatPlatform,
  type Index,
  isDigest,
  layerMediaType,
  type Manifest,
  OCI,
  parsePlatform,
} from "./oci.ts";

/** An image to be written: to a registry or into an archive. */
export interface ImageContent {
  /** `linux/amd64` */
  readonly platform: string;
  readonly config: ImageConfig;
  /** Its layers are written as they are; those that came from an image keep their digests. */
  readonly snapshot: Snapshot;
  readonly annotations?: Readonly<Record<string, string>>;
  /** RFC 3339. Absent: no time, so the same content is the same image whenever it is made. */
  readonly created?: string;
}

export interface WriteOptions {
  /** For all layers, also those of the base. Absent: as they are, gzip for new ones. */
  readonly compression?: Compression;
  /** Default `oci`. */
  readonly mediaTypes?: "oci" | "docker";
}

/** Writes configuration and manifest into the blobs. The descriptor names the platform. */
async function assembleManifest(
  image: ImageContent,
  blobs: Blobs,
  layers: Layers,
  options: WriteOptions,
): Promise<Descriptor> {
  const family = options.mediaTypes === "docker" ? DOCKER : OCI;
  const platform = parsePlatform(image.platform);
  const written = [];
  for (const id of image.snapshot.layers) written.push(await layers.blobOf(id, options.compression));

  const config: ConfigFile = {
    ...(image.created === undefined ? {} : { created: image.created }),
    ...platform,
    config: image.config,
    rootfs: { type: "layers", diff_ids: written.map((layer) => layer.diffId) },
    // One entry a layer: podman and buildah put nothing on an image without.
    history: written.map(() => ({ created_by: "slipway" })),
  };
  const hasAnnotations = image.annotations !== undefined && Object.keys(image.annotations).length > 0;
  const annotations = hasAnnotations ? { annotations: image.annotations } : {};
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: family.manifest,
    config: { mediaType: family.config, ...(await blobs.put(JSON.stringify(config))) },
    layers: written.map(({ compression, digest, size }) => ({
      mediaType: layerMediaType(family, compression),
      digest,
      size,
    })),
    ...annotations,
  };
  // The real engine repeats the annotations where the manifest is named.
  return { mediaType: family.manifest, ...(await blobs.put(JSON.stringify(manifest))), platform, ...annotations };
}

/** One image as its manifest, several as an index of them. */
export async function assembleImages(
  images: readonly ImageContent[],
  blobs: Blobs,
  layers: Layers,
  options: WriteOptions,
): Promise<Descriptor> {
  const manifests = [];
  for (const image of images) manifests.push(await assembleManifest(image, blobs, layers, options));
  const [only, ...more] = manifests;
  if (only === undefined) throw new Error("no containers to export");
  if (more.length === 0) return only;
  const mediaType = options.mediaTypes === "docker" ? DOCKER.index : OCI.index;
  const index: Index = { schemaVersion: 2, mediaType, manifests };
  return { mediaType, ...(await blobs.put(JSON.stringify(index))) };
}

/** Whether an image can be opened with what the store has. Of layers' blobs only the length is looked at. */
export async function isComplete(manifestDigest: string, blobs: Blobs, layers: Layers): Promise<boolean> {
  try {
    const { manifest, diffIds } = await readImage(manifestDigest, blobs);
    return manifest.layers.every(
      (layer, index) => layers.isKnown(layer, diffIds[index] ?? "") || blobs.hasLength(layer),
    );
  } catch (error) {
    if (error instanceof LostBlob) return false;
    throw error;
  }
}

interface ReadImage {
  readonly manifest: Manifest;
  readonly file: ConfigFile;
  /** Of each layer, lowest first. */
  readonly diffIds: readonly string[];
}

/**
 * What an image says of itself. Folders of the store are named after the digests of its layers: they have to be digests.
 *
 * @throws LostBlob; Error when it contradicts itself
 */
async function readImage(manifestDigest: string, blobs: Blobs): Promise<ReadImage> {
  const manifest = await blobs.readJson<Manifest>(manifestDigest);
  const file = await blobs.readJson<ConfigFile>(manifest.config.digest);
  const diffIds: unknown = file.rootfs?.diff_ids;
  if (!Array.isArray(diffIds) || !diffIds.every(isDigest)) {
    const named = JSON.stringify(Array.isArray(diffIds) ? diffIds.find((id) => !isDigest(id)) : (diffIds ?? null));
    throw new Error(
      `the configuration of the image ${manifestDigest} names a layer by ${named}, which is not a digest`,
    );
  }
  if (diffIds.length !== manifest.layers.length) {
    throw new Error(
      `the image ${manifestDigest} has ${manifest.layers.length} layers, but its configuration names ${diffIds.length}`,
    );
  }
  return { manifest, file, diffIds };
}

/** The image of a manifest whose blobs are all in the store. */
export async function openImage(
  manifestDigest: string,
  named: { readonly ref: string; readonly digest: string },
  blobs: Blobs,
  layers: Layers,
): Promise<Image> {
  const { manifest, file, diffIds } = await readImage(manifestDigest, blobs);
  const ids: string[] = [];
  for (const [index, layer] of manifest.layers.entries())
    ids.push(await layers.unpack(layer, diffIds[index] ?? "", ids));
  return {
    ref: named.ref,
    digest: named.digest,
    platform: formatPlatform({
      os: file.os,
      architecture: file.architecture,
      ...(file.variant === undefined ? {} : { variant: file.variant }),
    }),
    config: file.config ?? {},
    snapshot: { layers: ids },
    annotations: manifest.annotations ?? {},
  };
}
