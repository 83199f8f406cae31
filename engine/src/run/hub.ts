import { spawn } from "node:child_process";
import { closeSync, constants, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { bridgeAddress, prefixLength } from "./address-pool.ts";
import { hostToolEnv, ownSession, runCommand, runCommandOrThrow } from "./command.ts";
import type { RunHost } from "./run-host.ts";
import { childrenOf } from "./signal.ts";

const bridgeName = "slipway0";
/** Fixed: a bridge otherwise takes the lowest of its ports, and the end of one container cuts off what others hold open. */
const bridgeMac = "02:57:10:87:00:01";
/** Packets to this address are answered by the host's own resolver; it belongs to nobody. */
export const nameserverAddress = "169.254.87.53";
const egressDeadlineMs = 5_000;

/** The network namespace in the middle of a session: a bridge to which every container is tied, and the way out. */
export class Hub {
  readonly namespacePath: string;
  /** Why containers cannot reach the outside through the hub; `undefined` when they can. */
  readonly egressProblem: string | undefined;
  readonly #host: RunHost;
  readonly #egressPid: number | undefined;
  #toRemove: string[] = [];
  #removing: Promise<void> = Promise.resolve();

  private constructor(host: RunHost, namespacePath: string, egress: Egress) {
    this.#host = host;
    this.namespacePath = namespacePath;
    this.egressProblem = egress.problem;
    this.#egressPid = egress.pid;
  }

  static async start(host: RunHost): Promise<Hub> {
    await host.mounted();
    const namespacePath = join(host.dir, host.uniqueName("hub"));
    await makeNamespace(namespacePath, [
      "link set lo up",
      `link add ${bridgeName} address ${bridgeMac} type bridge`,
      `addr add ${bridgeAddress}/${prefixLength} dev ${bridgeName}`,
      `link set ${bridgeName} up`,
    ]);
    return new Hub(host, namespacePath, await startEgress(host, namespacePath));
  }

  /** A namespace with an address on the bridge. Returns its file. */
  async addNamespace(address: string): Promise<string> {
    const name = this.#host.uniqueName("n");
    const path = join(this.#host.dir, name);
    const outer = `v${name}`;
    await makeNamespace(path, [
      "link set lo up",
      `link add eth0 type veth peer name ${outer} netns ${this.namespacePath}`,
      `addr add ${address}/${prefixLength} dev eth0`,
      "link set eth0 up",
      ...(this.egressProblem === undefined ? [`route add default via ${bridgeAddress}`] : []),
    ]);
    await this.#ip([`link set ${outer} master ${bridgeName} up`]);
    return path;
  }

  /** An address that belongs to the hub itself, where the relay agent can listen. */
  addAddress(address: string): Promise<void> {
    return this.#ip([`addr add ${address}/${prefixLength} dev ${bridgeName}`]);
  }

  removeAddress(address: string): Promise<void> {
    return this.#ip([`addr del ${address}/${prefixLength} dev ${bridgeName}`]);
  }

  /** Lets go of a namespace; many at a time with one program. It ends with its last process. */
  removeNamespace(path: string): Promise<void> {
    this.#toRemove.push(path);
    this.#removing = this.#removing.then(() => this.#removeWaiting());
    return this.#removing;
  }

  async close(): Promise<void> {
    if (this.#egressPid !== undefined) for (const pid of childrenOf(this.#egressPid)) killQuietly(pid);
    await this.removeNamespace(this.namespacePath);
  }

  async #removeWaiting(): Promise<void> {
    const paths = this.#toRemove.splice(0);
    if (paths.length === 0) return;
    await runCommandOrThrow(["umount", "-l", ...paths]);
    for (const path of paths) rmSync(path);
  }

  async #ip(lines: readonly string[]): Promise<void> {
    await runCommandOrThrow(["nsenter", `--net=${this.namespacePath}`, "ip", "-batch", "-"], `${lines.join("\n")}\n`);
  }
}

async function makeNamespace(path: string, lines: readonly string[]): Promise<void> {
  writeFileSync(path, "");
  await runCommandOrThrow(["unshare", `--net=${path}`, "ip", "-batch", "-"], `${lines.join("\n")}\n`);
}

interface Egress {
  readonly problem: string | undefined;
  readonly pid: number | undefined;
}

/** The way out: pasta carries packets by ordinary sockets of the host, nothing of the host's firewall or routes is changed. */
async function startEgress(host: RunHost, namespacePath: string): Promise<Egress> {
  const problem = findEgressProblem() ?? (await translateAddresses(namespacePath));
  if (problem !== undefined) return { problem, pid: undefined };
  const pidFile = join(host.dir, host.uniqueName("pasta"));
  const options = [
    "--config-net",
    "--ipv4-only",
    "--foreground",
    "--quiet",
    "--runas",
    "0",
    "--pid",
    pidFile,
    // Neither the host's loopback nor its ports are reachable from inside, and nothing inside from the host.
    "--no-map-gw",
    "--tcp-ports",
    "none",
    "--udp-ports",
    "none",
    "--tcp-ns",
    "none",
    "--udp-ns",
    "none",
    "--dns-forward",
    nameserverAddress,
    "--netns",
    namespacePath,
  ];
  const [program, ...args] = [...(await host.anchor.enterArgs()), "pasta", ...options];
  const child = spawn(program ?? "nsenter", args, {
    stdio: ["ignore", "ignore", "pipe"],
    env: hostToolEnv(),
    ...ownSession,
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (said = (said + chunk).slice(-4000)));
  child.once("error", (error) => (said = error.message));
  const deadline = Date.now() + egressDeadlineMs;
  while (readOptional(pidFile) === "") {
    if (child.exitCode !== null || child.pid === undefined || Date.now() > deadline) {
      for (const pid of child.pid === undefined ? [] : childrenOf(child.pid)) killQuietly(pid);
      return { problem: `pasta does not start: ${withoutSyslogNoise(said) || "it said nothing"}`, pid: undefined };
    }
    await delay(2);
  }
  child.unref();
  if ("unref" in child.stderr && typeof child.stderr.unref === "function") child.stderr.unref();
  return { problem: undefined, pid: child.pid };
}

function findEgressProblem(): string | undefined {
  try {
    closeSync(openSync("/dev/net/tun", constants.O_RDWR));
    return undefined;
  } catch (error) {
    return `/dev/net/tun cannot be opened (${error instanceof Error && "code" in error ? String(error.code) : "unknown error"})`;
  }
}

/** Containers leave with the hub's address, because pasta knows one address only; the host's other addresses stay closed to them. */
async function translateAddresses(namespacePath: string): Promise<string | undefined> {
  const own = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === "IPv4" && !internal);
  const rules = [
    "*nat",
    `-A POSTROUTING -s ${bridgeAddress}/${prefixLength} ! -o ${bridgeName} -j MASQUERADE`,
    "COMMIT",
    // pasta of 2023 sends some segments without the ACK flag; address translation passes those to the hub, which would answer with a reset.
    "*filter",
    "-A INPUT -i lo -j ACCEPT",
    `-A INPUT ! -i ${bridgeName} -j DROP`,
    ...own.map(({ address }) => `-A FORWARD -d ${address}/32 -j REJECT`),
    "COMMIT",
    "",
  ].join("\n");
  const script = 'echo 1 > /proc/sys/net/ipv4/ip_forward && exec "$0" --noflush';
  const problems: string[] = [];
  for (const program of ["iptables-restore", "iptables-legacy-restore"]) {
    const result = await runCommand(["nsenter", `--net=${namespacePath}`, "sh", "-c", script, program], rules);
    if (result.code === 0) return undefined;
    problems.push(`${program}: ${result.stderr.trim().split("\n")[0] ?? ""}`);
  }
  return `address translation cannot be set up (${problems.join("; ")})`;
}

/** pasta logs to syslog first and complains when there is none. */
function withoutSyslogNoise(text: string): string {
  return text
    .split("\n")
    .filter((line) => !line.includes("to syslog"))
    .join(" ")
    .trim();
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Already gone.
  }
}

function readOptional(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
