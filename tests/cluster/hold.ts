/**
 * A cluster to try things on, until Ctrl-C:
 *
 *     node --import tsx tests/cluster/hold.ts [node | control-plane]
 *
 * Prints its folder, and then how to run programs in its network.
 */
import { dirname } from "node:path";
import { startCluster } from "./cluster.ts";

const half = process.argv[2] === "control-plane" ? "control-plane" : "node";
const cluster = await startCluster({ half });
const inside = cluster.inNetwork.join(" ");
console.log(`ready ${dirname(cluster.kubeconfigPath)}
  kubectl:   ${inside} env KUBECONFIG=${cluster.kubeconfigPath} ${cluster.kubectlProgram} get pods --all-namespaces
  slipway:   ${inside} ./slipway …   (API server for its containers: ${cluster.serverForContainers})
  registry:  ${cluster.registry}, in that network`);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    void cluster.close().then(() => process.exit(0));
  });
}
// A timer keeps the process alive: the cluster's own programs do not.
setInterval(() => undefined, 2 ** 30);
