import { createReadStream, readSync } from "node:fs";
import type { Readable } from "node:stream";
import { decompressorOf, ProgramMissing } from "../image/compression.ts";
import { readTar } from "../image/layer-tar.ts";
import { unpackArchive } from "../image/unpack.ts";
import { contentDigest } from "../store/content.ts";
import { resolveInside, useInside } from "../store/inside.ts";
import { useFile } from "../store/opened.ts";
import { EMPTY, type Snapshot } from "../store/snapshot.ts";
import type { Store } from "../store/store.ts";
import { ApiError } from "./errors.ts";

const MARK_BYTES = 6;

/**
 * What is in a tar archive, plain or compressed (gzip, bzip2, xz, zstd), as a tree of its own; undefined for any other file.
 *
 * @throws ApiError when it cannot be unpacked
 */
export async function archiveContent(store: Store, root: string, path: string): Promise<Snapshot | undefined> {
  const isFile = useInside(root, path, { followLast: true }, ({ stat }) => stat.isFile());
  if (!isFile || !(await isArchive(root, path))) return undefined;
  return await store.once(["archive", await contentDigest(root, path)], () =>
    store.change(EMPTY, async (into) => {
      try {
        await unpackArchive(await openArchive(root, path), into);
      } catch (error) {
        throw new ApiError(`failed to unpack source archive: ${(error as Error).message}`);
      }
    }),
  );
}

/** Whether it begins with an entry of a tar archive: nothing else says what a file is. */
async function isArchive(root: string, path: string): Promise<boolean> {
  const stream = await openArchive(root, path);
  try {
    return (await readTar(stream).next()).done !== true;
  } catch (error) {
    if (error instanceof ProgramMissing) throw new ApiError(`failed to unpack source archive: ${error.message}`);
    return false;
  } finally {
    stream.destroy();
  }
}

/** The plain bytes. Nobody changes the tree meanwhile, so the file may be opened by its name. */
async function openArchive(root: string, path: string): Promise<Readable> {
  const start = Buffer.alloc(MARK_BYTES);
  useInside(root, path, { followLast: true }, (opened) => useFile(opened, (fd) => readSync(fd, start)));
  const file = createReadStream(await resolveInside(root, path, { followLast: true }));
  const decompressed = decompressorOf(start);
  if (decompressed === undefined) return file;
  file.on("error", (error) => decompressed.destroy(error));
  decompressed.on("close", () => file.destroy());
  return file.pipe(decompressed);
}
