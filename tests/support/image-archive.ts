import { OCI, sha256 } from "../../engine/src/image/oci.ts";
import { type Given, tarOf } from "./tar-of.ts";

/** What an image says that may not be true. */
export interface Claims {
  /** Plain tars, lowest first. */
  readonly layers: readonly Buffer[];
  /** In place of the digests of the layers. */
  readonly diffIds?: readonly unknown[];
  /** Fields of the configuration over the usual ones. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Fields of the manifest over the usual ones. */
  readonly manifest?: Readonly<Record<string, unknown>>;
  readonly index?: Readonly<Record<string, unknown>>;
}

/** An image as the blobs that a registry would send, by their digests; `root` is the manifest. */
export interface ImageBlobs {
  readonly root: { readonly mediaType: string; readonly digest: string; readonly size: number };
  readonly blobs: ReadonlyMap<string, Buffer>;
}

export function imageBlobs({ layers, diffIds, config = {}, manifest = {} }: Claims): ImageBlobs {
  const blobs = new Map<string, Buffer>();
  const put = (mediaType: string, bytes: Buffer) => {
    const digest = sha256(bytes);
    blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const json = (mediaType: string, value: unknown) => put(mediaType, Buffer.from(JSON.stringify(value)));
  const descriptors = layers.map((layer) => put(OCI.layer, layer));
  const ids = diffIds ?? descriptors.map(({ digest }) => digest);
  const rootfs = { type: "layers", diff_ids: ids };
  const file = json(OCI.config, { os: "linux", architecture: "amd64", config: {}, rootfs, ...config });
  const root = { schemaVersion: 2, mediaType: OCI.manifest, config: file, layers: descriptors, ...manifest };
  return { root: json(OCI.manifest, root), blobs };
}

/** The same as an OCI layout in a tar, as `Container.import` takes it. */
export function imageArchive(claims: Claims): Buffer {
  const { root, blobs } = imageBlobs(claims);
  const index = { schemaVersion: 2, mediaType: OCI.index, manifests: [root], ...claims.index };
  const files: Given[] = [...blobs].map(([digest, bytes]) => ({
    path: `blobs/${digest.replace(":", "/")}`,
    type: "file",
    text: bytes.toString("latin1"),
  }));
  return tarOf(...files, { path: "index.json", type: "file", text: JSON.stringify(index) });
}
