import { appendFileSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Cluster, startCluster } from "../cluster/cluster.ts";
import { RingRecord } from "./record-ring.ts";

/** A file that gets what happened in ring canary meanwhile (docs/pictures). */
const RECORD = process.env["SLIPWAY_DOCS_RECORD"] ?? "";

/** An empty Kubernetes with a node and a registry, for one page. */
export class PageCluster {
  readonly #cluster: Cluster;
  readonly #home: string;
  readonly #record: RingRecord | undefined;

  private constructor(cluster: Cluster, home: string) {
    this.#cluster = cluster;
    this.#home = home;
    this.#record = RECORD === "" ? undefined : new RingRecord(cluster, "canary");
  }

  /** Starts one, and gives it to a home as its own: kubectl, and the usual kubeconfig. */
  static async enter(home: string): Promise<PageCluster> {
    const cluster = await startCluster({ half: "node" });
    mkdirSync(join(home, ".kube"));
    cpSync(cluster.kubeconfigPath, join(home, ".kube/config"));
    symlinkSync(cluster.kubectlProgram, join(home, "bin/kubectl"));
    return new PageCluster(cluster, home);
  }

  /** What stands before a command. */
  get inNetwork(): readonly string[] {
    return this.#cluster.inNetwork;
  }

  /** Says in a repository where the cluster and its registry are, in a file that git ignores. */
  tellIn(folder: string): void {
    const lines = [
      `SLIPWAY_KUBECONFIG=file:${join(this.#home, ".kube/config")}`,
      "SLIPWAY_CLUSTER=tcp://127.0.0.1:6443",
      "SLIPWAY_REGISTRY_SERVICE=tcp://127.0.0.1:5000",
    ];
    writeFileSync(join(folder, ".env"), lines.map((line) => `${line}\n`).join(""));
    appendFileSync(join(folder, ".git/info/exclude"), ".env\n");
  }

  async close(): Promise<void> {
    await this.#record?.write(RECORD);
    await this.#cluster.close();
  }
}
