import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path/posix";
import type { File } from "@dagger.io/dagger";

/**
 * What is in a file that is no text: `contents` would lose some of it. In a function `export` writes into the function's
 * own container, on every engine, and there it is read.
 */
export async function readBytes(file: File): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-"));
  try {
    const path = join(folder, "file");
    await file.export(path);
    return await readFile(path);
  } finally {
    await rm(folder, { recursive: true });
  }
}
