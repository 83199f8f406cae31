import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CommandOptions, type CommandResult, readCommand, runCommand } from "./command.ts";
import { type ControlPlane, SERVICE_ADDRESS, startControlPlane } from "./control-plane.ts";
import { openForeignCluster } from "./foreign-cluster.ts";
import { type Namespaces, NODE_ADDRESS, openNamespaces } from "./namespaces.ts";
import { type ClusterNode, startNode } from "./node.ts";
import { Part } from "./part.ts";
import { type Half, prepareTools, type Tools, WORKLOAD_IMAGE } from "./tools.ts";

/** A real Kubernetes that nobody else uses, or, with `SLIPWAY_TEST_KUBECONFIG`, the one that is named there. */
export interface Cluster {
  /** For programs that run in the cluster's network. */
  readonly kubeconfigPath: string;
  readonly server: string;
  /**
   * The same for containers of the embedded engine in the cluster's network: their own 127.0.0.1 is another one, and to
   * addresses of their host's interfaces the engine lets nobody.
   */
  readonly serverForContainers: string;
  /** Of an administrator. */
  readonly token: string;
  /** Certificate authority of the API server, PEM. */
  readonly ca: string;
  /** `host:port` in the cluster's network, without TLS and password; nodes pull from it by the same name. */
  readonly registry: string;
  /** An image that the nodes have: workload/main.go. */
  readonly workloadImage: string;
  /** Where NodePorts answer, in the cluster's network. */
  readonly nodePortHost: string;
  /**
   * Arguments in front of a command so that it shares the cluster's network and nothing else; it is killed when this
   * process ends. Empty for a cluster that is not ours.
   */
  readonly inNetwork: readonly string[];
  readonly kubectlProgram: string;
  /** Why nothing in the cluster's network reaches the outside; `undefined` when it does. */
  readonly egressProblem: string | undefined;
  /** Runs a command in the cluster's network, also `["node", …]` and `["./slipway", …]`. */
  exec(argv: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** kubectl as administrator. */
  kubectl(args: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** Standard output of kubectl. @throws Error with what it said, unless it ends with 0. */
  readKubectl(args: readonly string[], options?: CommandOptions): Promise<string>;
  /** Gives the node the image of an OCI or docker archive, under `name` or, without, under the names in the archive. */
  importImage(archive: string, name?: string): Promise<void>;
  /** The last lines of the log of each part. */
  tellLogs(): string;
  /** Ends and removes all of it. Safe to call twice; also done when this process ends in any way. */
  close(): Promise<void>;
}

export interface ClusterOptions {
  readonly half: Half;
  /** Without one of its own there is nothing at the registry's address, until a bridge leads there (bridge.ts). */
  readonly hasRegistry?: boolean;
  /** Whose tokens the API server takes besides its own: a file of `AuthenticationConfiguration`. */
  readonly authenticationConfig?: string;
  /** Told what takes long. */
  readonly say?: (line: string) => void;
}

/**
 * Starts a cluster and waits until it can be used. `SLIPWAY_TEST_LOGS` names a folder that gets the logs at the end.
 *
 * @throws Error with the last lines of the log of the part that does not come up; then nothing is left running.
 */
export async function startCluster({
  half,
  hasRegistry = true,
  authenticationConfig,
  say = tellOnStderr,
}: ClusterOptions): Promise<Cluster> {
  const foreign = process.env["SLIPWAY_TEST_KUBECONFIG"];
  if (foreign !== undefined && foreign !== "") return await openForeignCluster(foreign);
  const tools = await prepareTools(half, say);
  const namespaces = await openNamespaces(half);
  const close = async () => {
    keepLogs(namespaces);
    await namespaces.close();
  };
  try {
    const registry = hasRegistry ? await startRegistry(namespaces) : undefined;
    const control = await startControlPlane(namespaces, tools, authenticationConfig);
    const node = half === "node" ? await startNode(namespaces, tools, control) : undefined;
    if (node === undefined && namespaces.egressProblem === undefined) await routeServiceAddress(namespaces);
    return describeCluster({ tools, namespaces, control, node, registry, close });
  } catch (error) {
    await close();
    throw error;
  }
}

interface Started {
  readonly tools: Tools;
  readonly namespaces: Namespaces;
  readonly control: ControlPlane;
  readonly node: ClusterNode | undefined;
  readonly registry: Part | undefined;
  readonly close: () => Promise<void>;
}

function describeCluster({ tools, namespaces, control, node, registry, close }: Started): Cluster {
  const { kubectl, parts } = control;
  return {
    kubeconfigPath: control.kubeconfigPath,
    server: control.server,
    serverForContainers: `https://${SERVICE_ADDRESS}`,
    token: control.token,
    ca: control.ca,
    registry: REGISTRY,
    workloadImage: WORKLOAD_IMAGE,
    nodePortHost: "127.0.0.1",
    inNetwork: namespaces.inNetwork,
    kubectlProgram: tools.kubectl,
    egressProblem: namespaces.egressProblem,
    exec: (argv, options) => runCommand([...namespaces.inNetwork, ...argv], options),
    kubectl: (args, options) => runCommand([...kubectl, ...args], options),
    readKubectl: (args, options) => readCommand([...kubectl, ...args], options),
    importImage: async (archive, name) => {
      if (node === undefined) throw new Error("this half of a cluster has no node that could take an image");
      const named = name === undefined ? [] : ["--index-name", name];
      await readCommand([...node.ctr, "images", "import", ...named, archive]);
    },
    tellLogs: () =>
      [...(registry === undefined ? [] : [registry]), ...parts, ...(node?.parts ?? [])]
        .map((part) => `${part.name}:\n${part.tellLog()}`)
        .join("\n"),
    close,
  };
}

/** In the cluster's network. */
const REGISTRY = "127.0.0.1:5000";

async function startRegistry(namespaces: Namespaces): Promise<Part> {
  const config = {
    version: "0.1",
    log: { level: "warn" },
    storage: { filesystem: { rootdirectory: join(namespaces.folder, "registry") }, delete: { enabled: true } },
    http: { addr: REGISTRY },
  };
  const file = join(namespaces.folder, "registry.json");
  writeFileSync(file, JSON.stringify(config));
  const part = Part.start(namespaces, "docker-registry", ["docker-registry", "serve", file]);
  const probe = `fetch("http://${REGISTRY}/v2/").then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))`;
  await part.awaitReady(15_000, async () => {
    const { exitCode } = await runCommand([...namespaces.inNetwork, process.execPath, "-e", probe]);
    return exitCode === 0 ? undefined : `${REGISTRY} does not answer`;
  });
  return part;
}

/** Without a kube-proxy the API server's Service has an address that leads nowhere. */
async function routeServiceAddress(namespaces: Namespaces): Promise<void> {
  const from = ["-d", SERVICE_ADDRESS, "-p", "tcp", "--dport", "443"];
  const rule = ["iptables", "-t", "nat", "-A", "OUTPUT", ...from, "-j", "DNAT", "--to", `${NODE_ADDRESS}:6443`];
  await readCommand([...namespaces.inside, ...rule]);
}

function keepLogs({ folder }: Namespaces): void {
  const kept = process.env["SLIPWAY_TEST_LOGS"];
  if (kept === undefined || kept === "") return;
  mkdirSync(kept, { recursive: true });
  cpSync(join(folder, "log"), join(kept, folder.split("/").at(-1) ?? "cluster"), { recursive: true, force: true });
}

function tellOnStderr(line: string): void {
  process.stderr.write(`cluster: ${line}\n`);
}
