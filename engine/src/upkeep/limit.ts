import { statfsSync } from "node:fs";
import { readSize } from "../store/size-text.ts";

/** However large the disk is, a store takes no more by itself. */
const MOST_BYTES = 20 * 2 ** 30;

/**
 * How large the store may be, in bytes: `SLIPWAY_STORE_LIMIT`, else the smaller of 20 GiB and a tenth of its disk. `none` is
 * no limit.
 *
 * @throws Error when the variable is no size
 */
export function storeLimit(storeDir: string, env: Readonly<Record<string, string | undefined>> = process.env): number {
  const text = env["SLIPWAY_STORE_LIMIT"] ?? "";
  if (text === "none") return Number.POSITIVE_INFINITY;
  if (text !== "") {
    const bytes = readSize(text);
    if (bytes !== undefined) return bytes;
    throw new Error(`SLIPWAY_STORE_LIMIT is ${JSON.stringify(text)}: write a size such as 8g, or none`);
  }
  const { blocks, bsize } = statfsSync(storeDir);
  return Math.min(MOST_BYTES, Math.floor((blocks * bsize) / 10));
}
