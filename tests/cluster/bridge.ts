import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import type { Cluster } from "./cluster.ts";

const RELAY = fileURLToPath(new URL("relay.ts", import.meta.url));

/** A port of a cluster's loopback. */
export interface Port {
  readonly cluster: Pick<Cluster, "inNetwork">;
  readonly port: number;
}

/** Leads what is sent to a port in the network of one cluster to a port in that of another, until this process ends or it is closed. */
export async function openBridge({
  from,
  to,
}: {
  readonly from: Port;
  readonly to: Port;
}): Promise<() => Promise<void>> {
  // A socket is found by its path in every network.
  const folder = mkdtempSync(join(tmpdir(), "slipway-bridge-"));
  const socket = join(folder, "socket");
  const far = startRelay(to.cluster, [socket, `${to.port}`]);
  const near = startRelay(from.cluster, [`${from.port}`, socket]);
  const close = async () => {
    for (const { process } of [near, far]) {
      process.kill("SIGKILL");
      await process;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await Promise.all([far.ready, near.ready]);
    return close;
  } catch (error) {
    await close();
    throw error;
  }
}

function startRelay({ inNetwork }: Port["cluster"], words: readonly string[]) {
  const [program = "", ...args] = [...inNetwork, process.execPath, "--import", "tsx", RELAY, ...words];
  const child = execa(program, args, { stdin: "ignore", reject: false });
  const ready = new Promise<void>((resolve, reject) => {
    child.stdout.once("data", () => resolve());
    void child.then(({ stderr }) => reject(new Error(`the relay to ${words.join(" from ")} has ended: ${stderr}`)));
  });
  return { process: child, ready };
}
