import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { Cluster } from "./cluster.ts";
import { NODE_ADDRESS } from "./namespaces.ts";

const podsSchema = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), deletionTimestamp: z.string().optional() }),
      spec: z.object({ containers: z.array(z.object({ name: z.string(), image: z.string() })) }),
      status: z.object({ podIP: z.string().optional(), containerStatuses: z.array(z.unknown()).optional() }),
    }),
  ),
});

/**
 * Says of every pod of a namespace what a kubelet would say, where no node runs any: ready at once, at an address at
 * which one server answers for all; or that its image cannot be pulled.
 */
export class PretendedKubelet {
  readonly #cluster: Cluster;
  readonly #namespace: string;
  /** Images that do not exist. */
  readonly missingImages = new Set<string>();
  #ended = false;
  readonly #loop: Promise<void>;

  constructor(cluster: Cluster, namespace: string) {
    this.#cluster = cluster;
    this.#namespace = namespace;
    this.#loop = this.#run();
  }

  async close(): Promise<void> {
    this.#ended = true;
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#ended) {
      const { exitCode, stdout } = await this.#cluster.kubectl([
        ...["get", "pods", `--namespace=${this.#namespace}`, "--output=json"],
      ]);
      const pods = exitCode === 0 ? podsSchema.parse(JSON.parse(stdout)).items : [];
      const open = pods.filter(
        ({ metadata, status }) =>
          metadata.deletionTimestamp === undefined &&
          status.podIP === undefined &&
          status.containerStatuses === undefined,
      );
      await Promise.all(open.map((pod) => this.#tell(pod)));
      if (open.length === 0) await delay(100);
    }
  }

  async #tell({ metadata, spec }: z.output<typeof podsSchema>["items"][number]): Promise<void> {
    const lost = spec.containers.some(({ image }) => this.missingImages.has(image));
    const containerStatuses = spec.containers.map(({ name, image }) => ({
      name,
      image,
      imageID: "",
      ready: !lost,
      restartCount: 0,
      state: lost ? { waiting: { reason: "ImagePullBackOff", message: `Back-off pulling image "${image}"` } } : {},
    }));
    const addresses = { podIP: NODE_ADDRESS, podIPs: [{ ip: NODE_ADDRESS }] };
    const condition = { type: "Ready", status: lost ? "False" : "True", lastTransitionTime: new Date().toISOString() };
    const status = {
      phase: lost ? "Pending" : "Running",
      conditions: [condition],
      containerStatuses,
      ...(lost ? {} : addresses),
    };
    // The pod may be gone meanwhile.
    await this.#cluster.kubectl(
      [
        ...["patch", "pod", metadata.name, `--namespace=${this.#namespace}`, "--subresource=status", "--type=merge"],
        "--patch-file=/dev/stdin",
      ],
      { input: JSON.stringify({ status }) },
    );
  }
}
