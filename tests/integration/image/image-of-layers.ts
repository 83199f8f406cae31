import { createHash } from "node:crypto";
import { chmodSync, lutimesSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ImageContent, Images, type ImagesOptions } from "../../../engine/src/image/images.ts";

/** A fixed time: times are part of a layer. */
const MADE_AT_S = 1_600_000_000;

/** A store with an image of one layer for each number: that many bytes which compress badly, the same each time. */
export function makeImage(
  storeDir: string,
  sizes: readonly number[],
  options: Partial<ImagesOptions> = {},
): { images: Images; content: ImageContent } {
  const images = new Images({ storeDir, from: "registry", ...options });
  const ids = sizes.map((size, at) => {
    const id = `own-${at}`;
    const layer = join(storeDir, "layers", id);
    mkdirSync(layer, { recursive: true });
    chmodSync(layer, 0o755);
    const file = join(layer, `file-${at}`);
    writeFileSync(file, noise(size, id));
    for (const path of [file, layer]) lutimesSync(path, MADE_AT_S, MADE_AT_S);
    return id;
  });
  const config = { Env: ["A=1"], Entrypoint: ["/e"] };
  return { images, content: { platform: "linux/amd64", config, snapshot: { layers: ids } } };
}

function noise(size: number, seed: string): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at * 32 < size; at++) blocks.push(createHash("sha256").update(`${seed} ${at}`).digest());
  return Buffer.concat(blocks).subarray(0, size);
}
