import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readCommand, runCommand } from "./command.ts";
import type { ControlPlane } from "./control-plane.ts";
import { type Namespaces, NODE_ADDRESS } from "./namespaces.ts";
import { Part } from "./part.ts";
import { type Tools, WORKLOAD_IMAGE } from "./tools.ts";

const podNetwork = "10.244.0.0/24";
/** Persistent volumes that wait for a claim; nothing here makes volumes on demand. */
const volumeCount = 4;

const nodeSchema = z.object({
  status: z.object({
    conditions: z
      .array(z.object({ type: z.string(), status: z.string(), message: z.string().default("") }))
      .default([]),
  }),
});

export interface ClusterNode {
  readonly parts: readonly Part[];
  /** Arguments in front of a command of containerd's client. */
  readonly ctr: readonly string[];
}

/** Starts containerd, kubelet, kube-proxy and the DNS server, and waits until the node is ready. */
export async function startNode(namespaces: Namespaces, tools: Tools, control: ControlPlane): Promise<ClusterNode> {
  const at = (name: string) => join(namespaces.folder, name);
  const socket = at("containerd.sock");
  mkdirSync(at("cni"));
  writeFileSync(at("cni/10-pods.conflist"), tellPodNetwork());
  writeFileSync(at("containerd.toml"), tellContainerd(at, socket));
  writeFileSync(at("kubelet.json"), JSON.stringify(describeKubelet(at, socket, namespaces.cgroup)));
  writeFileSync(at("kube-proxy.json"), JSON.stringify(describeProxy(control.kubeconfigPath)));
  await makeControlGroup(namespaces.cgroup);

  const start = (name: string, argv: readonly string[]) => Part.start(namespaces, name, argv);
  const ctr = [...namespaces.inside, "ctr", `--address=${socket}`, "--namespace=k8s.io"];
  const containerd = start("containerd", ["containerd", `--config=${at("containerd.toml")}`]);
  const proxy = start("kube-proxy", [tools.kubernetes, "kube-proxy", `--config=${at("kube-proxy.json")}`]);
  const kubeconfig = `--kubeconfig=${control.kubeconfigPath}`;
  const dns = start("cluster-dns", [tools.kubernetes, "cluster-dns", kubeconfig, `--listen=${NODE_ADDRESS}:53`]);
  await containerd.awaitReady(30_000, async () => {
    const { exitCode, stderr } = await runCommand([...ctr, "version"]);
    return exitCode === 0 ? undefined : stderr.trim();
  });
  await readCommand([...ctr, "images", "import", tools.workloadImage]);
  const kubelet = start("kubelet", [
    ...[tools.kubernetes, "kubelet", `--config=${at("kubelet.json")}`, kubeconfig],
    ...["--hostname-override=node-1", `--node-ip=${NODE_ADDRESS}`, `--root-dir=${at("kubelet")}`],
    `--cert-dir=${at("kubelet-certificates")}`,
  ]);
  await kubelet.awaitReady(60_000, async () => {
    const { exitCode, stdout, stderr } = await runCommand([...control.kubectl, "get", "node", "node-1", "-o", "json"]);
    if (exitCode !== 0) return stderr.trim();
    const { conditions } = nodeSchema.parse(JSON.parse(stdout)).status;
    const ready = conditions.find(({ type }) => type === "Ready");
    return ready?.status === "True" ? undefined : (ready?.message ?? "the node has said nothing yet");
  });
  await addVolumes(at, control);
  return { parts: [containerd, proxy, dns, kubelet], ctr };
}

function tellPodNetwork(): string {
  const ipam = { type: "host-local", ranges: [[{ subnet: podNetwork }]], routes: [{ dst: "0.0.0.0/0" }] };
  const bridge = { type: "bridge", bridge: "pods0", isGateway: true, ipMasq: true, hairpinMode: true };
  const plugins = [
    { ...bridge, ipam: { ...ipam, dataDir: "/run/cni" } },
    { type: "portmap", capabilities: { portMappings: true } },
  ];
  return JSON.stringify({ cniVersion: "0.4.0", name: "pods", plugins });
}

// TOML. The registry of the cluster is at 127.0.0.1, which containerd reaches without TLS by itself.
function tellContainerd(at: (name: string) => string, socket: string): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return `
version = 2
root = "${at("containerd")}"
state = "/run/containerd"
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.aufs", "io.containerd.internal.v1.opt"]
[grpc]
address = "${socket}"
[${cri}]
sandbox_image = "${WORKLOAD_IMAGE}"
disable_apparmor = true
# Without CAP_SYS_RESOURCE, as in many CI machines, no sandbox starts otherwise.
restrict_oom_score_adj = true
[${cri}.cni]
bin_dir = "/usr/lib/cni"
conf_dir = "${at("cni")}"
[${cri}.containerd]
snapshotter = "overlayfs"
default_runtime_name = "runc"
[${cri}.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
`;
}

function describeKubelet(at: (name: string) => string, socket: string, cgroup: string): object {
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: "AlwaysAllow" },
    address: NODE_ADDRESS,
    containerRuntimeEndpoint: `unix://${socket}`,
    cgroupDriver: "cgroupfs",
    cgroupRoot: cgroup,
    failCgroupV1: false,
    failSwapOn: false,
    enforceNodeAllocatable: [],
    localStorageCapacityIsolation: false,
    oomScoreAdj: 0,
    // A full disk of the machine is not what is tested.
    evictionHard: { "memory.available": "1Mi", "nodefs.available": "0%", "imagefs.available": "0%" },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    clusterDNS: [NODE_ADDRESS],
    clusterDomain: "cluster.local",
    resolvConf: "",
    podLogsDir: at("pod-logs"),
    volumePluginDir: at("volume-plugins"),
    serializeImagePulls: false,
    // Reports what changed after this at the latest; most changes it reports at once.
    syncFrequency: "10s",
    // On a busy machine a slow start is not a failure yet.
    runtimeRequestTimeout: "4m",
  };
}

function describeProxy(kubeconfig: string): object {
  return {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    clientConnection: { kubeconfig },
    mode: "iptables",
    hostnameOverride: "node-1",
    clusterCIDR: podNetwork,
    // The limits of the machine's connection table are not this namespace's to change.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
    nodePortAddresses: ["127.0.0.0/8", `${NODE_ADDRESS}/32`],
    oomScoreAdj: 0,
  };
}

/**
 * The kubelet makes its control groups below this one, so that they can be told from all others and removed.
 *
 * A node's pods share its cores with a few groups of services. Here each process outside counts as much as a group, those
 * of the test and of the API server as well: all pods together would get no more time than one of them, and answer late.
 */
async function makeControlGroup(cgroup: string): Promise<void> {
  const script = `
for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/*; do
  case $(stat -f -c %T "$hierarchy") in cgroupfs | cgroup2fs) mkdir -p "$hierarchy$0" ;; esac
done
for file in cpuset.cpus cpuset.mems; do
  if [ -e "/sys/fs/cgroup/cpuset/$file" ]; then cat "/sys/fs/cgroup/cpuset/$file" > "/sys/fs/cgroup/cpuset$0/$file"; fi
done
if [ -e "/sys/fs/cgroup/cpu$0/cpu.shares" ]; then echo ${4 * 1024} > "/sys/fs/cgroup/cpu$0/cpu.shares"; fi`;
  // Folders of a control group hierarchy hold others: with cgroup v2 alone only the first of these is one.
  const onlyRoot = (await readCommand(["stat", "-f", "-c", "%T", "/sys/fs/cgroup"])).trim() === "cgroup2fs";
  const alone = `mkdir "/sys/fs/cgroup$0"
if [ -e "/sys/fs/cgroup$0/cpu.weight" ]; then echo ${4 * 100} > "/sys/fs/cgroup$0/cpu.weight"; fi`;
  await readCommand(["sh", "-c", onlyRoot ? alone : script, cgroup]);
}

async function addVolumes(at: (name: string) => string, control: ControlPlane): Promise<void> {
  const items = Array.from({ length: volumeCount }, (_, index) => {
    const path = at(`volumes/${index}`);
    mkdirSync(path, { recursive: true });
    return {
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name: `volume-${index}` },
      spec: {
        capacity: { storage: "10Gi" },
        accessModes: ["ReadWriteOnce"],
        persistentVolumeReclaimPolicy: "Retain",
        hostPath: { path },
      },
    };
  });
  const input = JSON.stringify({ apiVersion: "v1", kind: "List", items });
  // fsGroup does nothing to a folder of the host, and the pods run as ordinary users.
  await readCommand(["sh", "-c", 'chmod 777 "$0"/*', at("volumes")]);
  await readCommand([...control.kubectl, "create", "-f", "-"], { input });
}
