import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DEPLOYER_ROLES } from "../../ci/src/init/deployer-roles.ts";
import { HostKubectl } from "../support/host-kubectl.ts";
import type { Cluster } from "./cluster.ts";
import { tellKubeconfig } from "./kubeconfig.ts";

/**
 * Makes the account of a ring, gives it roles of those that `init` writes there, and connects as it.
 *
 * @param folder for the kubeconfig
 */
export async function connectAsDeployer(
  cluster: Cluster,
  { ring, roles, folder }: { readonly ring: string; readonly roles: readonly string[]; readonly folder: string },
): Promise<HostKubectl> {
  const inRing = (...args: string[]) => cluster.readKubectl(["--namespace", ring, ...args]);
  await cluster.readKubectl(["apply", "--server-side", "--filename=-"], { input: DEPLOYER_ROLES });
  await inRing("create", "serviceaccount", "deployer");
  for (const role of roles)
    await inRing("create", "rolebinding", role, `--clusterrole=${role}`, `--serviceaccount=${ring}:deployer`);
  const token = (await inRing("create", "token", "deployer", "--duration=2h")).trim();
  const kubeconfigPath = join(folder, "kubeconfig");
  writeFileSync(kubeconfigPath, tellKubeconfig({ server: cluster.server, token, ca: cluster.ca }), { mode: 0o600 });
  return new HostKubectl(cluster, { kubeconfigPath, token });
}
