import type { Descriptor } from "../oci.ts";

/** So many blobs are on their way at the same time. */
const SIDE_BY_SIDE = 4;

/**
 * Does something with each blob once, however often it is named.
 *
 * @param stop used at the first failure for good, so that the others end as well
 * @throws the first failure
 */
export async function eachBlob(
  blobs: readonly Descriptor[],
  stop: AbortController,
  work: (blob: Descriptor) => Promise<void>,
): Promise<void> {
  const waiting = [...new Map(blobs.map((blob) => [blob.digest, blob])).values()];
  let failure: unknown;
  const workThrough = async () => {
    for (let blob = waiting.shift(); blob !== undefined && failure === undefined; blob = waiting.shift()) {
      await work(blob).catch((error) => {
        failure ??= error;
        stop.abort();
      });
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, workThrough));
  if (failure !== undefined) throw failure;
}
