import { z } from "zod";
import type { Cluster } from "./cluster.ts";
import { readCommand, runCommand } from "./command.ts";

const configSchema = z.object({
  clusters: z
    .array(
      z.object({ cluster: z.object({ server: z.string(), "certificate-authority-data": z.string().default("") }) }),
    )
    .length(1),
  users: z.array(z.object({ user: z.object({ token: z.string().default("") }) })).length(1),
});

/**
 * A cluster that somebody else started (kind, k3d, a real one): nothing of it is ours to start or to remove. Its kubectl
 * is the one in PATH. What the suites need beside it is named in the environment:
 *
 * - `SLIPWAY_TEST_REGISTRY`: `host:port` of a registry that its nodes pull from
 * - `SLIPWAY_TEST_WORKLOAD_IMAGE`: tests/cluster/workload as an image that its nodes have or can pull
 * - `SLIPWAY_TEST_NODE_PORT_HOST`: where NodePorts answer
 * - `SLIPWAY_TEST_SERVER_FOR_CONTAINERS`: the API server for containers of the embedded engine, when the kubeconfig's
 *   address is not theirs, as with 127.0.0.1
 */
export async function openForeignCluster(kubeconfigPath: string): Promise<Cluster> {
  const kubectl = ["kubectl", `--kubeconfig=${kubeconfigPath}`];
  const view = ["config", "view", "--raw", "--flatten", "--minify", "-o", "json"];
  const { clusters, users } = configSchema.parse(JSON.parse(await readCommand([...kubectl, ...view])));
  const server = clusters[0]?.cluster.server ?? "";
  return {
    kubeconfigPath,
    server,
    serverForContainers: process.env["SLIPWAY_TEST_SERVER_FOR_CONTAINERS"] || server,
    token: users[0]?.user.token ?? "",
    ca: Buffer.from(clusters[0]?.cluster["certificate-authority-data"] ?? "", "base64").toString("utf8"),
    registry: process.env["SLIPWAY_TEST_REGISTRY"] ?? "",
    workloadImage: process.env["SLIPWAY_TEST_WORKLOAD_IMAGE"] ?? "",
    nodePortHost: process.env["SLIPWAY_TEST_NODE_PORT_HOST"] || "127.0.0.1",
    inNetwork: [],
    kubectlProgram: "kubectl",
    egressProblem: undefined,
    exec: (argv, options) => runCommand(argv, options),
    kubectl: (args, options) => runCommand([...kubectl, ...args], options),
    readKubectl: (args, options) => readCommand([...kubectl, ...args], options),
    importImage: () =>
      Promise.reject(new Error("SLIPWAY_TEST_KUBECONFIG is set: push the image to SLIPWAY_TEST_REGISTRY instead")),
    tellLogs: () => "the logs of this cluster are not ours",
    close: () => Promise.resolve(),
  };
}
