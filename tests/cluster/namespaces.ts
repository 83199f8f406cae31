import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readCommand, runCommand, withSystemFolders } from "./command.ts";
import type { Half } from "./tools.ts";
import { waitUntil } from "./wait.ts";

/** An address of the cluster's network that is not loopback; programs in it insist on one. */
export const NODE_ADDRESS = "10.98.0.1";

/**
 * The network, mount and process id namespaces that a cluster lives in. Their process 1 ends when this process does,
 * however it does, and the kernel then kills everything inside: processes, mounts, addresses, firewall rules. The folder
 * and the control groups are removed by a process outside that waits for the same end.
 */
export interface Namespaces {
  /** For files of the cluster; removed with it. */
  readonly folder: string;
  /** Control group below which a kubelet makes its own; the same in each hierarchy. */
  readonly cgroup: string;
  /** Arguments in front of a command so that it runs inside all of them, and dies with them. */
  readonly inside: readonly string[];
  /** Arguments in front of a command so that it shares only the network, and dies with this process. */
  readonly inNetwork: readonly string[];
  /** Why nothing inside reaches the outside; `undefined` when it does. */
  readonly egressProblem: string | undefined;
  /** Ends everything inside, and resolves when nothing is left. Safe to call twice. */
  close(): Promise<void>;
}

// Programs write below /run, /var/lib and /var/log at places that they do not let one choose; what is on the host stays
// readable. Without root the half of the cluster that runs does not write there.
const setUp = (half: Half) => `
set -eu
mount -t tmpfs tmpfs /run
mkdir /run/lock /run/netns
${
  half === "node"
    ? `for path in /var/lib /var/log; do
  mkdir -p /run/overlay$path/upper /run/overlay$path/work
  mount -t overlay -o lowerdir=$path,upperdir=/run/overlay$path/upper,workdir=/run/overlay$path/work overlay $path
done`
    : ""
}
: > /run/cluster-net
unshare --net=/run/cluster-net ip -batch - <<'END'
link set lo up
addr add ${NODE_ADDRESS}/32 dev lo
END
echo ready
exec cat > /dev/null
`;

// Ends itself: it waits for the end of its input, which is the end of the process that started it.
const remover = `
cat > /dev/null
tries=0
while [ $tries -lt 300 ]; do
  rm -rf -- "$FOLDER" 2>/dev/null
  find /sys/fs/cgroup -depth -type d -path "*$CGROUP*" -exec rmdir {} + 2>/dev/null
  if [ ! -e "$FOLDER" ] && [ -z "$(find /sys/fs/cgroup -maxdepth 2 -name "\${CGROUP#/}")" ]; then exit 0; fi
  tries=$((tries + 1))
  sleep 0.1
done
exit 1
`;

/** @throws Error when this machine does not let one make them, with the reason. */
export async function openNamespaces(half: Half): Promise<Namespaces> {
  const isRoot = process.getuid?.() === 0;
  if (half === "node" && !isRoot) throw new Error("a cluster with a node needs root; run the cluster tests as root");
  const folder = mkdtempSync(join(tmpdir(), "slipway-cluster-"));
  const cgroup = `/${folder.split("/").at(-1)}`;
  mkdirSync(join(folder, "log"));
  const env = { ...withSystemFolders(process.env), FOLDER: folder, CGROUP: cgroup };
  // In a session of its own: Ctrl-C at a terminal must not end it before its work.
  const removing = spawn("sh", ["-c", remover], { stdio: ["pipe", "ignore", "ignore"], detached: true, env });
  const removed = once(removing, "exit");
  let anchor: ChildProcess | undefined;
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= (async () => {
      if (anchor !== undefined && anchor.exitCode === null && anchor.signalCode === null) {
        const ended = once(anchor, "exit");
        anchor.kill("SIGKILL");
        await ended;
      }
      removing.stdin.end();
      const [code] = await removed;
      if (code !== 0) throw new Error(`${folder} or the control groups ${cgroup} could not be removed within 30 s`);
    })();
    return closing;
  };
  try {
    anchor = await startAnchor(half, isRoot);
    // unshare, which waits for process 1, shares its mounts, and names the namespace of its children.
    const proc = `/proc/${anchor.pid}`;
    const user = isRoot ? [] : [`--user=${proc}/ns/user`, "--preserve-credentials"];
    const net = `--net=${proc}/root/run/cluster-net`;
    const pid = `--pid=${proc}/ns/pid_for_children`;
    const mount = `--mount=${proc}/ns/mnt`;
    const inside = ["nsenter", ...user, mount, pid, net, "--"];
    const inNetwork = ["setpriv", "--pdeathsig", "KILL", "nsenter", ...user, net, "--"];
    const egressProblem = isRoot ? await startEgress(["nsenter", mount, pid, "--"]) : "only root may open the way out";
    return { folder, cgroup, inside, inNetwork, egressProblem, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startAnchor(half: Half, isRoot: boolean): Promise<ChildProcess> {
  const asUser = isRoot ? [] : ["--user", "--map-root-user"];
  const unshare = ["unshare", ...asUser, "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
  // tini reaps what containerd leaves behind; cat ends at the end of its input.
  const child = spawn(
    "setpriv",
    ["--pdeathsig", "KILL", ...unshare, "--", "tini-static", "-s", "--", "sh", "-c", setUp(half)],
    { stdio: ["pipe", "pipe", "pipe"], env: withSystemFolders(process.env), detached: true },
  );
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    said += chunk;
  });
  const answer = await new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code) => resolve(`exit code ${code}`));
    child.stdout.setEncoding("utf8").once("data", resolve);
  });
  if (answer.trim() === "ready") return child;
  child.kill("SIGKILL");
  throw new Error(`this machine does not let one make the cluster's namespaces: ${answer.trim()} ${said.trim()}`);
}

/** pasta carries packets by ordinary sockets of the host; nothing of the host's firewall or routes changes. */
async function startEgress(beside: readonly string[]): Promise<string | undefined> {
  const ports = ["--tcp-ports", "--udp-ports", "--tcp-ns", "--udp-ns"].flatMap((option) => [option, "none"]);
  const network = ["--config-net", "--ipv4-only", "--no-map-gw", ...ports, "--no-netns-quit"];
  const pasta = ["pasta", ...network, "--quiet", "--runas", "0", "--netns", "/run/cluster-net"];
  // It goes to the background by itself once the way is open, and stays in the process id namespace.
  const { exitCode, stderr } = await runCommand([...beside, ...pasta], { limitMs: 10_000 });
  if (exitCode !== 0) return `pasta does not start: ${stderr.trim()}`;
  const route = ["nsenter", `--net=/run/cluster-net`, "ip", "-4", "route", "show", "default"];
  await waitUntil("the cluster's network has a default route", 5_000, async () =>
    (await readCommand([...beside, ...route])) === "" ? "no default route" : undefined,
  );
  return undefined;
}
