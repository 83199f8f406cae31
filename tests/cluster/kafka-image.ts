import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { images } from "../../ci/src/tool-images.ts";
import type { Cluster } from "./cluster.ts";

/**
 * Gives the node the broker's image under the name that manifests/ has for it: pulled, or made by a recipe where no
 * registry answers. On somebody else's cluster the nodes pull it by themselves.
 */
export async function giveKafkaImage(cluster: Cluster): Promise<void> {
  if (cluster.inNetwork.length === 0) return;
  const folder = mkdtempSync(join(tmpdir(), "kafka-image-"));
  try {
    const archive = join(folder, "kafka.tar");
    const query = join(folder, "query.graphql");
    const values = { address: JSON.stringify(images.kafka), path: JSON.stringify(archive) };
    writeFileSync(query, `{ container { from(address: ${values.address}) { export(path: ${values.path}) } } }`);
    const { exitCode, stderr } = await cluster.exec(["./slipway", "query", "--silent", "--doc", query]);
    if (exitCode !== 0) throw new Error(`${images.kafka} could not be exported: ${stderr}`);
    await cluster.importImage(archive, `docker.io/${images.kafka}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
