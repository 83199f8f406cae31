import { once } from "node:events";
import { closeSync, constants, existsSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { hostToolEnv, ownSession } from "../store/host-tools.ts";
import { unmount } from "../store/overlay.ts";
import { startProgram } from "../store/start-program.ts";
import { bridgeAddress, prefixLength } from "./address-pool.ts";
import { runNetworkProgram } from "./command.ts";
import { redirectingRules, type SessionPlaces, setPacketRules, translatingRules } from "./packet-rules.ts";
import type { RunHost } from "./run-host.ts";
import { childrenOf } from "./signal.ts";

const bridgeName = "slipway0";
/** Fixed: a bridge otherwise takes the lowest of its ports, and the end of one container cuts off what others hold open. */
const bridgeMac = "02:57:10:87:00:01";
/** Packets to this address are answered by the host's own resolver; it belongs to nobody. */
export const nameserverAddress = "169.254.87.53";
const egressDeadlineMs = 5_000;
/** Ports of the hub where the relay takes what leaves the session's network, when nothing carries packets. */
export const relayPorts = { tcp: 10_870, udp: 10_871 } as const;

const places: SessionPlaces = {
  bridge: bridgeName,
  addresses: `${bridgeAddress}/${prefixLength}`,
  nameserver: nameserverAddress,
};

/** How containers reach the outside. */
export type WayOutForm =
  /** Packets are carried: every protocol. */
  | { readonly kind: "packets"; readonly pid: number | undefined }
  /** The relay makes their TCP connections and asks for names; why packets cannot be carried. */
  | { readonly kind: "relay"; readonly reason: string }
  | { readonly kind: "none"; readonly reason: string };

const NOT_OPEN: WayOutForm = { kind: "none", reason: "nothing leaves this session" };

/** pasta, as it runs: a child of the process that has entered the anchor. */
interface Pasta {
  readonly pid: number | undefined;
  /** Ends it, and with it all that it has put into the namespace. */
  stop(): Promise<void>;
}

/** The network namespace in the middle of a session: a bridge to which every container is tied, and the way out. */
export class Hub {
  readonly namespacePath: string;
  readonly #host: RunHost;
  #wayOut: WayOutForm;
  #toRemove: string[] = [];
  #removing: Promise<void> = Promise.resolve();

  private constructor(host: RunHost, namespacePath: string, wayOut: WayOutForm) {
    this.#host = host;
    this.namespacePath = namespacePath;
    this.#wayOut = wayOut;
  }

  /** Without a way out, which `openWayOut` makes. */
  static async start(host: RunHost): Promise<Hub> {
    // pasta and every container run inside of it; it comes up while the namespace is made. Whoever needs it hears why it did not.
    host.anchor.enterArgs().catch(() => undefined);
    await host.mounted();
    const namespacePath = join(host.dir, host.uniqueName("hub"));
    await makeNamespace(namespacePath, [
      "link set lo up",
      `link add ${bridgeName} address ${bridgeMac} type bridge`,
      `addr add ${bridgeAddress}/${prefixLength} dev ${bridgeName}`,
      `link set ${bridgeName} up`,
    ]);
    return new Hub(host, namespacePath, NOT_OPEN);
  }

  /** How containers reach the outside. */
  get wayOut(): WayOutForm {
    return this.#wayOut;
  }

  /** Nothing runs in a namespace on the bridge before this is done. */
  async openWayOut(): Promise<void> {
    this.#wayOut = await openWayOut(this.#host, this.namespacePath);
  }

  /**
   * A namespace with an address on the bridge. Returns its file.
   *
   * @param hasRoute whether what leaves goes to the hub
   */
  async addNamespace(address: string, hasRoute: boolean): Promise<string> {
    const name = this.#host.uniqueName("n");
    const path = join(this.#host.dir, name);
    const outer = `v${name}`;
    await makeNamespace(path, [
      "link set lo up",
      `link add eth0 type veth peer name ${outer} netns ${this.namespacePath}`,
      `addr add ${address}/${prefixLength} dev eth0`,
      "link set eth0 up",
      ...(hasRoute ? [`route add default via ${bridgeAddress}`] : []),
    ]);
    try {
      await this.#ip([`link set ${outer} master ${bridgeName} up`]);
    } catch (error) {
      await this.removeNamespace(path).catch(() => undefined);
      throw error;
    }
    return path;
  }

  /** Leaves a namespace nothing but the bridge. */
  async removeRoute(namespacePath: string): Promise<void> {
    const enter = ["nsenter", `--net=${namespacePath}`, "ip", "route", "del", "default"];
    await runNetworkProgram("a container's network could not be changed", enter);
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
    // One that failed was told to whoever asked for it.
    this.#removing = this.#removing.catch(() => undefined).then(() => this.#removeWaiting());
    return this.#removing;
  }

  async close(): Promise<void> {
    const pid = this.wayOut.kind === "packets" ? this.wayOut.pid : undefined;
    if (pid !== undefined) for (const child of childrenOf(pid)) killQuietly(child);
    // Nobody has to wait: what is left of it goes with the host's folder.
    this.removeNamespace(this.namespacePath).catch(() => undefined);
  }

  async #removeWaiting(): Promise<void> {
    const paths = this.#toRemove.splice(0);
    if (paths.length === 0) return;
    await runNetworkProgram("networks of containers could not be removed", ["umount", "-l", ...paths]);
    for (const path of paths) rmSync(path);
  }

  async #ip(lines: readonly string[]): Promise<void> {
    const enter = ["nsenter", `--net=${this.namespacePath}`, "ip", "-batch", "-"];
    await runNetworkProgram("the session's network could not be changed", enter, lines.join("\n"));
  }
}

async function makeNamespace(path: string, lines: readonly string[]): Promise<void> {
  writeFileSync(path, "");
  const enter = ["unshare", `--net=${path}`, "ip", "-batch", "-"];
  try {
    await runNetworkProgram("a network of its own could not be made for a container", enter, lines.join("\n"));
  } catch (error) {
    // The namespace is there as soon as the file is its name, whatever became of what was done in it.
    await unmount(path).catch(() => undefined);
    rmSync(path, { force: true });
    throw error;
  }
}

async function openWayOut(host: RunHost, namespacePath: string): Promise<WayOutForm> {
  if (ownAddresses().length === 0)
    return { kind: "none", reason: "they only use IPv4, and this machine has no IPv4 address" };
  const started = findTunProblem() ?? (await carryPackets(host, namespacePath));
  if (typeof started !== "string") return { kind: "packets", pid: started.pid };
  const worse = await redirectToRelay(host, namespacePath);
  if (worse === undefined) return { kind: "relay", reason: started };
  return { kind: "none", reason: started === worse ? started : `${started}, and ${worse}` };
}

/** Rules and pasta at the same time, since nothing runs in the session's network yet. Or why they do not carry packets. */
async function carryPackets(host: RunHost, namespacePath: string): Promise<Pasta | string> {
  const [problem, started] = await Promise.all([
    translateAddresses(host, namespacePath),
    startPasta(host, namespacePath),
  ]);
  if (problem === undefined) return started;
  if (typeof started !== "string") await started.stop();
  return problem;
}

async function redirectToRelay(host: RunHost, namespacePath: string): Promise<string | undefined> {
  if (!existsSync("/proc/net/nf_conntrack")) return "the kernel does not list its connections (/proc/net/nf_conntrack)";
  return await setPacketRules(host, namespacePath, redirectingRules(places, relayPorts));
}

/** pasta carries packets by ordinary sockets of the host; nothing of the host's firewall or routes is changed. Or why it does not. */
async function startPasta(host: RunHost, namespacePath: string): Promise<Pasta | string> {
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
  const child = startProgram(program ?? "nsenter", args, {
    stdio: ["ignore", "ignore", "pipe"],
    env: hostToolEnv(),
    ...ownSession,
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (said = (said + chunk).slice(-4000)));
  child.once("error", (error) => (said = error.message));
  const stop = async (): Promise<void> => {
    // Nothing else may keep the engine alive while it waits.
    child.ref();
    const ended = once(child, "exit");
    for (const pid of child.pid === undefined ? [] : childrenOf(child.pid)) killQuietly(pid);
    await ended;
  };
  const deadline = Date.now() + egressDeadlineMs;
  while (readOptional(pidFile) === "") {
    if (child.exitCode !== null || child.pid === undefined || Date.now() > deadline) {
      for (const pid of child.pid === undefined ? [] : childrenOf(child.pid)) killQuietly(pid);
      return `pasta does not start: ${withoutSyslogNoise(said) || "it said nothing"}`;
    }
    await delay(2);
  }
  child.unref();
  if ("unref" in child.stderr && typeof child.stderr.unref === "function") child.stderr.unref();
  return { pid: child.pid, stop };
}

/** Why packets of containers cannot be carried on this machine. */
export function findTunProblem(): string | undefined {
  try {
    closeSync(openSync("/dev/net/tun", constants.O_RDWR));
    return undefined;
  } catch (error) {
    return `/dev/net/tun cannot be opened (${error instanceof Error && "code" in error ? String(error.code) : "unknown error"})`;
  }
}

/** The IPv4 addresses of this machine by which others may reach it. */
function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === "IPv4" && !internal)
    .map(({ address }) => address);
}

async function translateAddresses(host: RunHost, namespacePath: string): Promise<string | undefined> {
  const rules = translatingRules(places, ownAddresses());
  return await setPacketRules(host, namespacePath, rules, "echo 1 > /proc/sys/net/ipv4/ip_forward");
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
