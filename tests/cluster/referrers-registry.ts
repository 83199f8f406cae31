import { spawn } from "node:child_process";
import type { Cluster } from "./cluster.ts";
import { prepareReferrersRegistry } from "./tools.ts";
import { waitUntil } from "./wait.ts";

/** Starts the registry of tests/cluster/registry in the cluster's network, with which it ends. */
export async function startReferrersRegistry(cluster: Cluster, address: string): Promise<void> {
  const program = await prepareReferrersRegistry();
  const [command = program, ...args] = [...cluster.inNetwork, program, address];
  spawn(command, args, { stdio: "ignore" }).unref();
  const ask = `fetch("http://${address}/v2/").then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))`;
  await waitUntil(`the registry answers at ${address}`, 30_000, async () => {
    const { exitCode } = await cluster.exec([process.execPath, "-e", ask]);
    return exitCode === 0 ? undefined : "it does not";
  });
}
