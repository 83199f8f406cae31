import { createReadStream, createWriteStream } from "node:fs";
import { open } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Blobs } from "./blobs.ts";
import { decompressor } from "./compression.ts";
import { END_OF_TAR, formatHeader, makeHeader, padding, readTar } from "./layer-tar.ts";
import {
  type ConfigFile,
  type Descriptor,
  formatPlatform,
  type Index,
  isIndex,
  type Manifest,
  OCI,
  parsePlatform,
} from "./oci.ts";

/** One image of `manifest.json`, the list in archives of `docker save`. */
interface DockerArchiveImage {
  readonly Config: string;
  readonly RepoTags: readonly string[] | null;
  readonly Layers: readonly string[];
}

const REF_NAME = "org.opencontainers.image.ref.name";

/**
 * Writes an image (or an index of images) as a tar that is an OCI layout and that `docker load` reads as well.
 * The same image gives the same bytes.
 */
export async function writeArchive(path: string, root: Descriptor, blobs: Blobs): Promise<void> {
  await pipeline(Readable.from(generateArchive(root, blobs), { objectMode: false }), createWriteStream(path));
}

async function* generateArchive(root: Descriptor, blobs: Blobs): AsyncGenerator<Buffer, void, undefined> {
  const manifests = await listManifests(root, blobs);
  const digests = new Set([root.digest]);
  for (const { descriptor, manifest } of manifests) {
    for (const { digest } of [descriptor, manifest.config, ...manifest.layers]) digests.add(digest);
  }
  for (const path of ["blobs/", "blobs/sha256/"])
    yield formatHeader(makeHeader({ path, type: "directory", mode: 0o755 }));
  for (const digest of [...digests].sort()) {
    const { size } = await blobs.describe(digest);
    yield formatHeader(makeHeader({ path: blobPath(digest), type: "file", size }));
    for await (const chunk of blobs.open(digest)) yield chunk as Buffer;
    yield padding(size);
  }
  const index: Index = { schemaVersion: 2, mediaType: OCI.index, manifests: [root] };
  yield formatFile("index.json", JSON.stringify(index));
  const [first] = manifests;
  const list: DockerArchiveImage[] =
    first === undefined
      ? []
      : [
          {
            Config: blobPath(first.manifest.config.digest),
            RepoTags: [],
            Layers: first.manifest.layers.map((layer) => blobPath(layer.digest)),
          },
        ];
  yield formatFile("manifest.json", JSON.stringify(list));
  yield formatFile("oci-layout", '{"imageLayoutVersion":"1.0.0"}');
  yield END_OF_TAR;
}

function blobPath(digest: string): string {
  return `blobs/${digest.replace(":", "/")}`;
}

function formatFile(path: string, text: string): Buffer {
  const body = Buffer.from(text);
  return Buffer.concat([
    formatHeader(makeHeader({ path, type: "file", size: body.length })),
    body,
    padding(body.length),
  ]);
}

interface FoundManifest {
  readonly descriptor: Descriptor;
  readonly manifest: Manifest;
}

/** @param seen digests that were looked at: each once, or a few indexes of indexes would be more than can be counted */
async function listManifests(root: Descriptor, blobs: Blobs, seen = new Set<string>()): Promise<FoundManifest[]> {
  if (seen.has(root.digest)) return [];
  seen.add(root.digest);
  const value = await blobs.readJson<Manifest | Index>(root.digest);
  if (!isIndex(value)) return [{ descriptor: root, manifest: value }];
  const found: FoundManifest[] = [];
  for (const entry of value.manifests)
    if (blobs.has(entry.digest)) found.push(...(await listManifests(entry, blobs, seen)));
  return found;
}

/**
 * Takes the blobs of an archive into the store: an OCI layout or a `docker save`, plain or compressed with gzip.
 *
 * @param tag which image, when there are several: its `org.opencontainers.image.ref.name`, or the end of a `RepoTags`
 * @returns the digest of the manifest for the platform
 * @throws Error `image archive import: …`
 */
export async function readArchive(path: string, platform: string, tag: string, blobs: Blobs): Promise<string> {
  try {
    const files = await takeFiles(path, blobs);
    const index = files.get("index.json");
    if (index !== undefined) return await findInLayout(await blobs.readJson<Index>(index), platform, tag, blobs);
    const list = files.get("manifest.json");
    if (list !== undefined)
      return await findInDockerArchive(await blobs.readJson<DockerArchiveImage[]>(list), files, platform, tag, blobs);
  } catch (error) {
    throw new Error(`image archive import: ${(error as Error).message}`, { cause: error });
  }
  throw new Error(
    "image archive import: the archive holds neither index.json nor manifest.json, so it is not an image",
  );
}

/** Digests by the name in the archive. */
async function takeFiles(path: string, blobs: Blobs): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const links = new Map<string, string>();
  for await (const { header, content } of readTar(await openTar(path))) {
    const name = header.path.replace(/^(?:\.?\/)+/, "");
    if (header.type === "symlink") links.set(name, new URL(header.linkPath, `file:///${name}`).pathname.slice(1));
    if (header.type === "hardlink") links.set(name, header.linkPath.replace(/^(?:\.?\/)+/, ""));
    if (header.type !== "file") continue;
    const { digest } = await blobs.putStream([Readable.from(content, { objectMode: false })]);
    const promised = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(name)?.[1];
    if (promised !== undefined && digest !== `sha256:${promised}`) throw new Error(`${name} has the content ${digest}`);
    files.set(name, digest);
  }
  for (const [name, target] of links) {
    const digest = files.get(target);
    if (digest !== undefined) files.set(name, digest);
  }
  return files;
}

async function openTar(path: string): Promise<Readable> {
  const file = await open(path);
  const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0).finally(() => file.close());
  const bytes = createReadStream(path, { highWaterMark: 1024 * 1024 });
  if (buffer[0] !== 0x1f || buffer[1] !== 0x8b) return bytes;
  const plain = decompressor("gzip");
  bytes.on("error", (error) => plain.destroy(error));
  return bytes.pipe(plain);
}

async function findInLayout(index: Index, platform: string, tag: string, blobs: Blobs): Promise<string> {
  const named = tag === "" ? index.manifests : index.manifests.filter((entry) => entry.annotations?.[REF_NAME] === tag);
  const found: FoundManifest[] = [];
  const seen = new Set<string>();
  for (const entry of named) if (blobs.has(entry.digest)) found.push(...(await listManifests(entry, blobs, seen)));
  const wanted = formatPlatform(parsePlatform(platform));
  for (const { descriptor, manifest } of found) {
    const { os, architecture, variant } = await blobs.readJson<ConfigFile>(manifest.config.digest);
    const has = formatPlatform(
      parsePlatform([os, architecture, ...(variant === undefined ? [] : [variant])].join("/")),
    );
    if (has === wanted) return descriptor.digest;
  }
  throw new Error(
    found.length === 0 && tag !== ""
      ? `no image named "${tag}" in the archive: not found`
      : `no image for the platform ${platform} in the archive: not found`,
  );
}

/** A `docker save` has no manifest, so one is made. Its layers are plain tars. */
async function findInDockerArchive(
  list: readonly DockerArchiveImage[],
  files: ReadonlyMap<string, string>,
  platform: string,
  tag: string,
  blobs: Blobs,
): Promise<string> {
  const image = list.find(
    (entry) => tag === "" || (entry.RepoTags ?? []).some((name) => name === tag || name.endsWith(`:${tag}`)),
  );
  if (image === undefined) throw new Error(`no image named "${tag}" in the archive: not found`);
  const take = async (name: string, mediaType: string): Promise<Descriptor> => {
    const digest = files.get(name);
    if (digest === undefined) throw new Error(`manifest.json names ${name}, which the archive does not hold`);
    return { mediaType, ...(await blobs.describe(digest)) };
  };
  const config = await take(image.Config, OCI.config);
  const { os, architecture } = await blobs.readJson<ConfigFile>(config.digest);
  const wanted = parsePlatform(platform);
  if (os !== wanted.os || architecture !== wanted.architecture)
    throw new Error(`the image is for ${os}/${architecture}, not for ${platform}`);
  const layers: Descriptor[] = [];
  for (const name of image.Layers) {
    const layer = await take(name, OCI.layer);
    layers.push({ ...layer, mediaType: (await startsLikeGzip(layer.digest, blobs)) ? `${OCI.layer}+gzip` : OCI.layer });
  }
  const manifest: Manifest = { schemaVersion: 2, mediaType: OCI.manifest, config, layers };
  return (await blobs.put(JSON.stringify(manifest))).digest;
}

async function startsLikeGzip(digest: string, blobs: Blobs): Promise<boolean> {
  const file = await open(blobs.path(digest));
  const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0).finally(() => file.close());
  return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
}
