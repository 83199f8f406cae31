import { appendFileSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openBridge } from "../cluster/bridge.ts";
import { type Cluster, startCluster } from "../cluster/cluster.ts";
import { RingRecord } from "./record-ring.ts";

/** A file that gets what happened in ring canary meanwhile (docs/pictures). */
const RECORD = process.env["SLIPWAY_DOCS_RECORD"] ?? "";

const API_PORT = 6443;
/** Of the second cluster, in the network of the first. */
const SECOND_PORT = 7443;
const REGISTRY_PORT = 5000;

/** An empty Kubernetes with a node and a registry, for one page; on demand with a second one beside it. */
export class PageCluster {
  readonly #cluster: Cluster;
  readonly #home: string;
  readonly #record: RingRecord | undefined;
  /** In the order in which they are called at the end. */
  readonly #closing: (() => Promise<void>)[];

  private constructor(cluster: Cluster, home: string) {
    this.#cluster = cluster;
    this.#home = home;
    this.#closing = [() => cluster.close()];
    this.#record = RECORD === "" ? undefined : new RingRecord(cluster, "canary");
  }

  /** Starts what a page needs, and gives it to a home as its own: kubectl, and the usual kubeconfig. */
  static async enter(home: string, withSecond: boolean): Promise<PageCluster> {
    const cluster = await startCluster({ half: "node" });
    mkdirSync(join(home, ".kube"));
    cpSync(cluster.kubeconfigPath, join(home, ".kube/config"));
    symlinkSync(cluster.kubectlProgram, join(home, "bin/kubectl"));
    const entered = new PageCluster(cluster, home);
    try {
      if (withSecond) await entered.#addSecond();
      return entered;
    } catch (error) {
      await entered.close();
      throw error;
    }
  }

  /** The nodes of both pull from the registry of the first. */
  async #addSecond(): Promise<void> {
    const second = await startCluster({ half: "node", hasRegistry: false });
    this.#closing.unshift(() => second.close());
    const [here, there] = [this.#cluster, second];
    const bridges = [
      { from: { cluster: here, port: SECOND_PORT }, to: { cluster: there, port: API_PORT } },
      { from: { cluster: there, port: REGISTRY_PORT }, to: { cluster: here, port: REGISTRY_PORT } },
    ];
    for (const bridge of bridges) this.#closing.unshift(await openBridge(bridge));
    const kubeconfig = readFileSync(second.kubeconfigPath, "utf8").replace(`:${API_PORT}`, `:${SECOND_PORT}`);
    writeFileSync(join(this.#home, ".kube/second"), kubeconfig, { mode: 0o600 });
  }

  /** What stands before a command. */
  get inNetwork(): readonly string[] {
    return this.#cluster.inNetwork;
  }

  /** Says in a repository where the cluster and its registry are, in a file that git ignores. */
  tellIn(folder: string): void {
    const lines = [
      `SLIPWAY_KUBECONFIG=file:${join(this.#home, ".kube/config")}`,
      `SLIPWAY_CLUSTER=tcp://127.0.0.1:${API_PORT}`,
      `SLIPWAY_REGISTRYSERVICE=tcp://127.0.0.1:${REGISTRY_PORT}`,
    ];
    writeFileSync(join(folder, ".env"), lines.map((line) => `${line}\n`).join(""));
    appendFileSync(join(folder, ".git/info/exclude"), ".env\n");
  }

  async close(): Promise<void> {
    await this.#record?.write(RECORD);
    for (const close of this.#closing) await close();
  }
}
