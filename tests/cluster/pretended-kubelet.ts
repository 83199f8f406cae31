import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { Cluster } from "./cluster.ts";
import { NODE_ADDRESS } from "./namespaces.ts";

const podsSchema = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), deletionTimestamp: z.string().optional() }),
      spec: z.object({
        nodeName: z.string().optional(),
        containers: z.array(z.object({ name: z.string(), image: z.string() })),
      }),
      status: z.object({ podIP: z.string().optional(), containerStatuses: z.array(z.unknown()).optional() }),
    }),
  ),
});

const NODE = "pretended";
/** The controller manager takes a node for dead that says nothing for 40 s. */
const HEARTBEAT_MS = 5_000;

type Pod = z.output<typeof podsSchema>["items"][number];

/**
 * Does for a namespace what a kubelet would do, where no node runs any pod: says that a pod is ready at once, at an
 * address at which one server answers for all, or that its image cannot be pulled; and lets pods end that have to.
 */
export class PretendedKubelet {
  readonly #cluster: Cluster;
  readonly #namespace: string;
  /** Images that do not exist. */
  readonly missingImages = new Set<string>();
  #ended = false;
  #heartbeatAtMs = 0;
  #loop: Promise<void> = Promise.resolve();

  private constructor(cluster: Cluster, namespace: string) {
    this.#cluster = cluster;
    this.#namespace = namespace;
  }

  static async start(cluster: Cluster, namespace: string): Promise<PretendedKubelet> {
    const resources = { cpu: "64", memory: "64Gi", pods: "1000" };
    const conditions = [{ type: "Ready", status: "True", reason: "Pretended", message: "" }];
    const node = { apiVersion: "v1", kind: "Node", metadata: { name: NODE } };
    await cluster.readKubectl(["create", "--filename=-"], { input: JSON.stringify(node) });
    await cluster.readKubectl([
      ...["patch", "node", NODE, "--subresource=status", "--type=merge"],
      `--patch=${JSON.stringify({ status: { capacity: resources, allocatable: resources, conditions } })}`,
    ]);
    const kubelet = new PretendedKubelet(cluster, namespace);
    kubelet.#loop = kubelet.#run();
    return kubelet;
  }

  async close(): Promise<void> {
    this.#ended = true;
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#ended) {
      await this.#beat();
      const { exitCode, stdout } = await this.#cluster.kubectl([
        ...["get", "pods", `--namespace=${this.#namespace}`, "--output=json"],
      ]);
      const pods = exitCode === 0 ? podsSchema.parse(JSON.parse(stdout)).items : [];
      const ending = pods.filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
      const open = pods.filter(
        (pod) =>
          !ending.includes(pod) &&
          pod.spec.nodeName === NODE &&
          pod.status.podIP === undefined &&
          pod.status.containerStatuses === undefined,
      );
      await Promise.all([...open.map((pod) => this.#start(pod)), this.#end(ending)]);
      if (open.length === 0) await delay(100);
    }
  }

  async #beat(): Promise<void> {
    if (Date.now() - this.#heartbeatAtMs < HEARTBEAT_MS) return;
    this.#heartbeatAtMs = Date.now();
    const lease = {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { name: NODE, namespace: "kube-node-lease" },
      spec: {
        holderIdentity: NODE,
        leaseDurationSeconds: 40,
        renewTime: new Date().toISOString().replace("Z", "000Z"),
      },
    };
    const input = JSON.stringify(lease);
    await this.#cluster.readKubectl(["apply", "--server-side", "--force-conflicts", "--filename=-"], { input });
  }

  async #start({ metadata, spec }: Pod): Promise<void> {
    const lost = spec.containers.some(({ image }) => this.missingImages.has(image));
    const containerStatuses = spec.containers.map(({ name, image }) => ({
      name,
      image,
      imageID: "",
      ready: !lost,
      restartCount: 0,
      state: lost ? { waiting: { reason: "ImagePullBackOff", message: `Back-off pulling image "${image}"` } } : {},
    }));
    const condition = { type: "Ready", status: lost ? "False" : "True", lastTransitionTime: new Date().toISOString() };
    const status = {
      phase: lost ? "Pending" : "Running",
      conditions: [condition],
      containerStatuses,
      ...(lost ? {} : { podIP: NODE_ADDRESS, podIPs: [{ ip: NODE_ADDRESS }] }),
    };
    // The pod may be gone meanwhile.
    await this.#cluster.kubectl([
      ...["patch", "pod", metadata.name, `--namespace=${this.#namespace}`, "--subresource=status", "--type=merge"],
      `--patch=${JSON.stringify({ status })}`,
    ]);
  }

  async #end(pods: readonly Pod[]): Promise<void> {
    if (pods.length === 0) return;
    const names = pods.map(({ metadata }) => metadata.name);
    await this.#cluster.kubectl([
      ...["delete", "pod", ...names, `--namespace=${this.#namespace}`, "--ignore-not-found"],
      ...["--force", "--grace-period=0", "--wait=false"],
    ]);
  }
}
