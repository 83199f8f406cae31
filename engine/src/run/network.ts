import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { AddressPool } from "./address-pool.ts";
import type { NetworkLease, SessionNetwork } from "./container.ts";
import { hostsText, resolvText, rewriteInPlace } from "./hosts-file.ts";
import { Hub, nameserverAddress, relayPorts } from "./hub.ts";
import { Relay } from "./relay.ts";
import type { RunHost } from "./run-host.ts";
import { resolversOf, WayOut } from "./way-out.ts";

/** Leases on the bridge that are made before somebody asks. */
const readyLeases = 2;

/** The hub with what hangs on it, once it runs. */
interface Started {
  readonly hub: Hub;
  readonly relay: Relay;
  readonly resolvPath: string;
}

/**
 * The network of one session on this machine. `host` may serve several.
 *
 * @param onLine told once, when it starts, that this machine only allows the lesser form, and why
 * @param isOffline whether containers reach each other and what they are tied to on this machine, and nothing outside
 */
export function createSessionNetwork(
  host: RunHost,
  onLine: (line: string) => void = () => {},
  isOffline = false,
): SessionNetwork & { prepare(): Promise<void> } {
  return new EmbeddedNetwork(host, onLine, isOffline);
}

class EmbeddedNetwork implements SessionNetwork {
  readonly #host: RunHost;
  readonly #addresses = new AddressPool();
  #ready: Promise<NetworkLease>[] = [];
  #started: Promise<Started> | undefined;
  readonly #onLine: (line: string) => void;
  readonly #isOffline: boolean;
  #closed = false;

  constructor(host: RunHost, onLine: (line: string) => void, isOffline: boolean) {
    this.#host = host;
    this.#onLine = onLine;
    this.#isOffline = isOffline;
  }

  /** Starts everything in advance, so that the first lease is quick. */
  async prepare(): Promise<void> {
    await this.#start();
  }

  async lease(role: "service" | "client" | "function"): Promise<NetworkLease> {
    const { relay } = await this.#start(true);
    // Its health is asked for soon; the answer takes a program in the namespace.
    if (role === "service") relay.prepare().catch(() => undefined);
    const lease = this.#ready.shift() ?? this.#leaseOnBridge();
    // A function need not run anything: no more are made ready before it does.
    if (role !== "function") this.#fill();
    return lease;
  }

  async accepts(service: NetworkLease, port: number): Promise<boolean> {
    const { relay } = await this.#start();
    await relay.prepare();
    try {
      (await relay.dial(service.address, port)).destroy();
      return true;
    } catch {
      // Refused, unreachable or silent: all the same answer to the question.
      return false;
    }
  }

  async forwardFromHost(
    service: NetworkLease,
    frontend: number,
    backend: number,
  ): Promise<{ port: number; close(): Promise<void> }> {
    const { relay } = await this.#start();
    return relay.listenOnHost("127.0.0.1", frontend, { host: service.address, port: backend });
  }

  async forwardToHost(
    host: string,
    ports: readonly { frontend: number; backend: number }[],
  ): Promise<{ lease: NetworkLease; close(): Promise<void> }> {
    if (this.#isOffline && isOutsideName(host))
      throw new Error(`${host} is not on this machine, and nothing outside of it is reached while offline`);
    const { hub, relay, resolvPath } = await this.#start();
    const address = this.#addresses.take();
    await hub.addAddress(address);
    const stops: (() => void)[] = [];
    for (const { frontend, backend } of ports)
      stops.push(await relay.listenInSession(address, frontend, { host, port: backend }));
    const { remove, ...hosts } = this.#hostsFile(address);
    const release = once(async () => {
      for (const stop of stops) stop();
      remove();
      if (this.#closed) return;
      await hub.removeAddress(address);
      this.#addresses.giveBack(address);
    });
    const lease = { ...hosts, address, namespacePath: hub.namespacePath, resolvPath, release };
    return { lease, close: release };
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#started === undefined) return;
    const started = await this.#started.catch(() => undefined);
    if (started === undefined) return;
    const unused = await Promise.allSettled(this.#ready.splice(0));
    await Promise.all(unused.map((lease) => (lease.status === "fulfilled" ? lease.value.release() : undefined)));
    await started.relay.close();
    await started.hub.close();
  }

  /** @param isForLease whether somebody waits for a lease, which is then made while the way out opens */
  #start(isForLease = false): Promise<Started> {
    this.#started ??= this.#launch(isForLease);
    return this.#started;
  }

  async #launch(isForLease: boolean): Promise<Started> {
    const hub = await Hub.start(this.#host);
    const relay = new Relay(this.#host, hub.namespacePath);
    const resolvPath = join(this.#host.dir, this.#host.uniqueName("resolv"));
    const hostText = readResolvers();
    rewriteInPlace(resolvPath, resolvText(hostText, nameserverAddress));
    if (!this.#isOffline) {
      const opening = hub.openWayOut();
      const first = isForLease ? this.#makeLease(hub, resolvPath, true) : undefined;
      first?.catch(() => undefined);
      await opening;
      if (first === undefined) {
        // Nobody waits for one.
      } else if (hub.wayOut.kind !== "none") this.#ready.push(first);
      // Without a way out there is no route in a container.
      else await (await first).release();
    }
    if (hub.wayOut.kind === "relay")
      await relay.carryOut(new WayOut(nameserverAddress, resolversOf(hostText)), relayPorts);
    if (hub.wayOut.kind !== "packets" && !this.#isOffline) this.#onLine(limitationOf(hub.wayOut));
    return { hub, relay, resolvPath };
  }

  #fill(): void {
    while (this.#ready.length < readyLeases && !this.#closed) {
      const lease = this.#leaseOnBridge();
      // Whoever takes it hears of the failure.
      lease.catch(() => undefined);
      this.#ready.push(lease);
    }
  }

  async #leaseOnBridge(): Promise<NetworkLease> {
    const { hub, resolvPath } = await this.#start();
    return await this.#makeLease(hub, resolvPath, hub.wayOut.kind !== "none");
  }

  async #makeLease(hub: Hub, resolvPath: string, hasRoute: boolean): Promise<NetworkLease> {
    const address = this.#addresses.take();
    const namespacePath = await hub.addNamespace(address, hasRoute);
    const { remove, ...hosts } = this.#hostsFile(address);
    const release = once(async () => {
      remove();
      await hub.removeNamespace(namespacePath);
      this.#addresses.giveBack(address);
    });
    return { ...hosts, address, namespacePath, resolvPath, release };
  }

  #hostsFile(ownAddress: string): Pick<NetworkLease, "hostsPath" | "setOwnName" | "setHosts"> & { remove(): void } {
    const hostsPath = join(this.#host.dir, this.#host.uniqueName("hosts"));
    let ownName: string | undefined;
    let names: ReadonlyMap<string, string> = new Map();
    let isThere = true;
    // Names may change once more when nobody uses the file any longer.
    const write = async (): Promise<void> => {
      if (isThere) rewriteInPlace(hostsPath, hostsText(ownAddress, ownName, names));
    };
    rewriteInPlace(hostsPath, hostsText(ownAddress, ownName, names));
    return {
      hostsPath,
      setOwnName: (name) => {
        ownName = name;
        return write();
      },
      setHosts: (given) => {
        names = new Map(given);
        return write();
      },
      remove: () => {
        isThere = false;
        rmSync(hostsPath, { force: true });
      },
    };
  }
}

/** The machine's own resolv.conf; a machine without one knows no nameserver. */
function readResolvers(): string {
  try {
    return readFileSync("/etc/resolv.conf", "utf8");
  } catch {
    return "";
  }
}

function limitationOf({ kind, reason }: { readonly kind: "relay" | "none"; readonly reason: string }): string {
  return kind === "relay"
    ? `containers reach the outside by TCP only, because ${reason}`
    : `containers cannot reach the outside, because ${reason}`;
}

/** Whether a host of host.service is another machine: what is not loopback by its own words. */
function isOutsideName(host: string): boolean {
  return !/^(?:localhost|(?:[^.]+\.)*localhost|127(?:\.\d+){3}|::1|\[::1\])$/i.test(host);
}

/** A function that does its work the first time only. */
function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}
