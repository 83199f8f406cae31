import { z } from "zod";

/** What can be said about an image without looking into its layers. */
export interface ImageFacts {
  /** Of the manifest: what a registry knows it by. */
  readonly digest: string;
  /** Number of layers, those of the base included. */
  readonly layers: number;
  /** Bytes of all layers as they are sent, so compressed. */
  readonly sizeBytes: number;
}

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const indexSchema = z.object({ manifests: z.array(z.object({ digest })).length(1) });
const manifestSchema = z.object({ layers: z.array(z.object({ size: z.int() })) });

/**
 * Reads the facts out of an OCI layout.
 *
 * @param read gives the text of a file of the layout, by its path in it
 */
export async function readImageFacts(read: (path: string) => Promise<string>): Promise<ImageFacts> {
  let text = await read("index.json");
  for (;;) {
    const [entry] = indexSchema.parse(JSON.parse(text)).manifests;
    // The schema has exactly one; an index inside the index is one image as well.
    if (entry === undefined) throw new Error("the archive holds no image");
    text = await read(`blobs/${entry.digest.replace(":", "/")}`);
    const manifest = manifestSchema.safeParse(JSON.parse(text));
    if (!manifest.success) continue;
    const { layers } = manifest.data;
    return { digest: entry.digest, layers: layers.length, sizeBytes: layers.reduce((sum, { size }) => sum + size, 0) };
  }
}
