import { chmod, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Duplex, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { makeFolders } from "../store/folders.ts";
import { isFolder } from "../store/records.ts";
import { type Blobs, LostBlob, meter } from "./blobs.ts";
import { compressor, decompressor } from "./compression.ts";
import { type Compression, compressionOf, type Descriptor, isDigest } from "./oci.ts";
import { packLayer } from "./pack.ts";
import { unpackLayer } from "./unpack.ts";

/** A layer's bytes as they are sent to registries. */
export interface LayerBlob {
  readonly compression: Compression;
  readonly digest: string;
  readonly size: number;
  /** The layer came as this blob; it goes on as it. */
  readonly original?: true;
}

/** What is known about a layer folder: kept beside the blobs, so that no layer is compressed twice. */
interface LayerRecord {
  /** `sha256:…` of the plain tar. */
  readonly diffId: string;
  readonly blobs: readonly LayerBlob[];
}

/** Short, since all layers of a mount have to fit into one page. 64 bits are plenty within one store. */
const LAYER_ID_DIGITS = 16;

/** The layer folders of the store, seen from images: `layers/<id>` and the tar files that mean the same. */
export class Layers {
  readonly #blobs: Blobs;
  readonly #dir: string;
  readonly #packing = new Map<string, Promise<LayerBlob & { readonly diffId: string }>>();

  readonly #bringBack: () => Promise<void>;

  /**
   * @param dir `layers/` of the store
   * @param bringBack pulls what is missing of the images that are used
   */
  constructor(dir: string, blobs: Blobs, bringBack: () => Promise<void>) {
    makeFolders(dir);
    this.#bringBack = bringBack;
    this.#dir = dir;
    this.#blobs = blobs;
  }

  path(id: string): string {
    return join(this.#dir, id);
  }

  has(id: string): boolean {
    return isFolder(this.path(id));
  }

  idOf(diffId: string): string {
    return diffId.slice("sha256:".length, "sha256:".length + LAYER_ID_DIGITS);
  }

  /** Gives a folder that is complete its name. When another process was faster, its layer counts; a file there does not. */
  async adopt(dir: string, id: string): Promise<void> {
    if (!this.has(id)) await rm(this.path(id), { force: true });
    await rename(dir, this.path(id)).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
      await rm(dir, { recursive: true, force: true });
    });
  }

  /** Whether the layer is there, and that very blob is known to be what its folder was made of. */
  isKnown(blob: Descriptor, diffId: string): boolean {
    const id = this.idOf(diffId);
    const known = this.has(id) ? this.#recall(id) : undefined;
    return known?.diffId === diffId && known.blobs.some(({ digest }) => digest === blob.digest);
  }

  /**
   * The folder of a layer whose blob is in the store, unpacked when it is not there yet.
   *
   * What an image says of its layers is believed only when it brings them: else an image could be made of layers that it
   * only names, those of others, or put a blob of its own in the place of theirs.
   *
   * @param below ids of the layers below, lowest first
   * @throws LostBlob when the blob is not there or was damaged; it is removed then
   * @throws Error when the content is not what the image's configuration promises
   */
  async unpack(blob: Descriptor, diffId: string, below: readonly string[]): Promise<string> {
    const id = this.idOf(diffId);
    const compression = compressionOf(blob.mediaType);
    if (this.isKnown(blob, diffId)) return id;
    if (this.has(id)) await this.#compare(blob, compression, diffId);
    else {
      const temporary = await this.#blobs.makeTemporary();
      try {
        const dir = join(temporary, "layer");
        await mkdir(dir);
        await chmod(dir, 0o755);
        const content = meter();
        const unpacking = unpackLayer(
          content.stream,
          dir,
          below.map((lower) => this.path(lower)),
        );
        const reading = pipeline([...this.#plain(blob.digest, compression), content.stream]);
        const [read, written] = await Promise.allSettled([reading, unpacking]);
        if (written.status === "rejected") throw written.reason;
        if (read.status === "rejected") throw read.reason;
        refuseOther(blob, content.result().digest, diffId);
        await this.adopt(dir, id);
      } catch (error) {
        // It was read to be unpacked; only when that fails is it worth another reading to know why.
        if (!(await this.#blobs.isSound(blob.digest))) throw new LostBlob(blob.digest);
        throw error;
      } finally {
        await rm(temporary, { recursive: true, force: true });
      }
    }
    await this.#remember(id, diffId, { compression, digest: blob.digest, size: blob.size, original: true });
    return id;
  }

  /** Reads a blob of a layer that is there already, to be sure that it is one of it. */
  async #compare(blob: Descriptor, compression: Compression, diffId: string): Promise<void> {
    if (!(await this.#blobs.isSound(blob.digest))) throw new LostBlob(blob.digest);
    const content = meter();
    await pipeline([...this.#plain(blob.digest, compression), content.stream.resume()]);
    refuseOther(blob, content.result().digest, diffId);
  }

  #plain(digest: string, compression: Compression): [Readable, ...Duplex[]] {
    return [this.#blobs.open(digest), ...(compression === "none" ? [] : [decompressor(compression)])];
  }

  /**
   * The blob of a layer: the one it came as, or the one made of it before, or a new one.
   *
   * @param compression the only one that will do; absent: as it came, else gzip. Never what another call once asked for:
   * the digest of an image must not depend on what was done in the store before
   */
  async blobOf(id: string, compression?: Compression): Promise<LayerBlob & { readonly diffId: string }> {
    const key = `${id} ${compression ?? ""}`;
    let packing = this.#packing.get(key);
    if (packing === undefined) {
      packing = this.#findOrPack(id, compression).finally(() => this.#packing.delete(key));
      this.#packing.set(key, packing);
    }
    return await packing;
  }

  async #findOrPack(
    id: string,
    compression: Compression | undefined,
  ): Promise<LayerBlob & { readonly diffId: string }> {
    const known = this.#recall(id);
    const present = await this.#soundBlobs(known);
    const original = compression === undefined ? present.find((blob) => blob.original === true) : undefined;
    const usable = original ?? present.find((blob) => blob.compression === (compression ?? "gzip"));
    if (known !== undefined && usable !== undefined) return { ...usable, diffId: known.diffId };

    const wanted = compression ?? "gzip";
    const content = meter();
    // A blob in another compression is unpacked, so that the content stays the same to the byte.
    const [source] = present;
    const tar: [Readable, ...Duplex[]] =
      source === undefined ? [packLayer(this.path(id))] : this.#plain(source.digest, source.compression);
    const made = await this.#blobs.putStream([
      ...tar,
      content.stream,
      ...(wanted === "none" ? [] : [compressor(wanted)]),
    ] as [Readable, ...Duplex[]]);
    const { digest: diffId } = content.result();
    const blob: LayerBlob = { compression: wanted, ...made };
    await this.#remember(id, diffId, blob);
    return { ...blob, diffId };
  }

  /** @throws LostBlob when the one that the layer came as cannot be brought back: one made of the folder has another digest */
  async #soundBlobs(known: LayerRecord | undefined): Promise<LayerBlob[]> {
    const sound: LayerBlob[] = [];
    for (const blob of known?.blobs ?? []) {
      if (blob.original === true && !(await this.#blobs.isSound(blob.digest))) {
        await this.#bringBack();
        if (!(await this.#blobs.isSound(blob.digest))) throw new LostBlob(blob.digest);
      }
      if (await this.#blobs.isSound(blob.digest)) sound.push(blob);
    }
    return sound;
  }

  #recall(id: string): LayerRecord | undefined {
    return this.#blobs.recall<LayerRecord>(
      `layer-${id}`,
      ({ diffId, blobs }) => isDigest(diffId) && Array.isArray(blobs) && blobs.every(isLayerBlob),
    );
  }

  async #remember(id: string, diffId: string, blob: LayerBlob): Promise<void> {
    const known = this.#recall(id);
    const others = known?.diffId === diffId ? known.blobs.filter((other) => other.digest !== blob.digest) : [];
    if (known?.diffId === diffId && others.length < known.blobs.length) return;
    await this.#blobs.record(`layer-${id}`, { diffId, blobs: [...others, blob] } satisfies LayerRecord);
  }
}

function refuseOther({ digest }: Descriptor, found: string, promised: string): void {
  if (found !== promised)
    throw new Error(`the layer ${digest} has the content ${found}, but the image promises ${promised}`);
}

function isLayerBlob(value: Partial<LayerBlob> | null): boolean {
  const isKnown = ["gzip", "zstd", "none"].includes(value?.compression ?? "");
  return isKnown && isDigest(value?.digest) && typeof value?.size === "number";
}
