import type { RunHost } from "./run-host.ts";

/** Rules for the packets of one network namespace, in the words of each program that sets some. */
export interface PacketRules {
  /** For iptables-restore(8). */
  readonly iptables: readonly string[];
  /** For nft(8). */
  readonly nft: readonly string[];
}

/** The exit code of a shell that has not found a program. */
const commandNotFound = 127;

/** In the order in which they are tried: where the first is there, the last mostly is not. */
const programs = [
  ["iptables-restore", "iptables", "--noflush"],
  ["iptables-legacy-restore", "iptables", "--noflush"],
  ["nft", "nft", "-f -"],
] as const;

/** Bridge and addresses of a session's network, as rules name them. */
export interface SessionPlaces {
  readonly bridge: string;
  /** All addresses on the bridge, as `10.0.0.0/16`. */
  readonly addresses: string;
  /** Where names are asked for. */
  readonly nameserver: string;
}

/**
 * Containers leave with the hub's address, because pasta knows one address only; the host's other addresses stay closed to them, and
 * so do link-local ones, which answer to this machine, such as the metadata of a cloud with its credentials.
 *
 * pasta of 2023 sends some segments without the ACK flag; address translation passes those to the hub, which would answer with a
 * reset: what comes in there by anything but the bridge is dropped.
 *
 * @param closed addresses of this machine
 */
export function translatingRules(
  { bridge, addresses, nameserver }: SessionPlaces,
  closed: readonly string[],
): PacketRules {
  return {
    iptables: [
      "*nat",
      `-A POSTROUTING -s ${addresses} ! -o ${bridge} -j MASQUERADE`,
      "COMMIT",
      "*filter",
      "-A INPUT -i lo -j ACCEPT",
      `-A INPUT ! -i ${bridge} -j DROP`,
      ...closed.map((address) => `-A FORWARD -d ${address}/32 -j REJECT`),
      `-A FORWARD -d ${nameserver}/32 -j ACCEPT`,
      "-A FORWARD -d 169.254.0.0/16 -j REJECT",
      "COMMIT",
    ],
    nft: [
      "table ip slipway {",
      "chain leaving { type nat hook postrouting priority 100; policy accept;",
      `ip saddr ${addresses} oifname != "${bridge}" masquerade`,
      "}",
      "chain to_hub { type filter hook input priority 0; policy accept;",
      'iifname "lo" accept',
      `iifname != "${bridge}" drop`,
      "}",
      "chain through { type filter hook forward priority 0; policy accept;",
      ...closed.map((address) => `ip daddr ${address} reject`),
      `ip daddr ${nameserver} accept`,
      "ip daddr 169.254.0.0/16 reject",
      "}",
      "}",
    ],
  };
}

/** Everything that leaves by TCP, and questions for names, go to these ports of the hub; all other packets end there. */
export function redirectingRules(
  { bridge, addresses, nameserver }: SessionPlaces,
  ports: { readonly tcp: number; readonly udp: number },
): PacketRules {
  const redirect = (rest: string, port: number) => `-A PREROUTING -i ${bridge} ${rest} -j REDIRECT --to-ports ${port}`;
  return {
    iptables: [
      "*nat",
      redirect(`-p tcp ! -d ${addresses}`, ports.tcp),
      redirect(`-p udp -d ${nameserver} --dport 53`, ports.udp),
      "COMMIT",
    ],
    nft: [
      "table ip slipway {",
      "chain entering { type nat hook prerouting priority -100; policy accept;",
      `iifname "${bridge}" meta l4proto tcp ip daddr != ${addresses} redirect to :${ports.tcp}`,
      `iifname "${bridge}" ip daddr ${nameserver} udp dport 53 redirect to :${ports.udp}`,
      "}",
      "}",
    ],
  };
}

/**
 * Sets rules in a network namespace, by the first program that is there and can.
 *
 * @param before shell that is done first
 * @returns why none could; undefined when they are set
 */
export async function setPacketRules(
  host: Pick<RunHost, "runInside">,
  namespacePath: string,
  rules: PacketRules,
  before = ":",
): Promise<string | undefined> {
  const problems: string[] = [];
  for (const [program, language, options] of programs) {
    const script = `${before} && exec "$0" ${options}`;
    const args = ["nsenter", `--net=${namespacePath}`, "sh", "-c", script, program];
    const { code, stderr } = await host.runInside(args, rules[language].join("\n"));
    if (code === 0) return undefined;
    const said = stderr.trim().split("\n")[0] ?? "";
    problems.push(code === commandNotFound ? `${program} is not installed` : `${program}: ${said}`);
  }
  return `address translation cannot be set up (${problems.join("; ")})`;
}
