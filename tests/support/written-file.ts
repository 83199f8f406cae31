import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { waitUntil } from "../cluster/wait.ts";

/** Waits until a container has written a file at the top of its root. @returns its path in the store, beside the container's mounts */
export async function untilWritten(storeDir: string, name: string): Promise<string> {
  const scratch = join(storeDir, "scratch");
  let written = "";
  await waitUntil(`${name} is in a layer of the store`, 20_000, async () => {
    const layers = readdirSync(scratch).flatMap((engine) =>
      readdirSync(join(scratch, engine)).flatMap((layer) =>
        layer.startsWith("upper") ? [join(scratch, engine, layer)] : [],
      ),
    );
    written = layers.map((layer) => join(layer, name)).find(existsSync) ?? "";
    return written === "" ? `not in ${layers.join()}` : undefined;
  });
  return written;
}
