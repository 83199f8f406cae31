import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { AddressPool } from "./address-pool.ts";
import type { NetworkLease, NetworkPlace, SessionNetwork } from "./container.ts";
import { hostsText, resolvText, rewriteInPlace } from "./hosts-file.ts";
import { Hub, nameserverAddress, relayPorts } from "./hub.ts";
import { Relay } from "./relay.ts";
import type { RunHost } from "./run-host.ts";
import { Taken } from "./taken.ts";
import { resolversOf, WayOut } from "./way-out.ts";

/** Where a container has itself when nobody else reaches it, as on a machine without a network. */
const ADDRESS_OF_NOBODY = "127.0.1.1";

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
): SessionNetwork {
  return new EmbeddedNetwork(host, onLine, isOffline);
}

/** The same before it runs. */
interface Made extends Started {
  /** Done when the way out is open, or it is known that there is none. */
  readonly opening?: Promise<void>;
  /** A place that somebody waits for, made meanwhile. */
  readonly first?: Promise<NetworkLease>;
}

class EmbeddedNetwork implements SessionNetwork {
  readonly #host: RunHost;
  readonly #addresses = new AddressPool();
  #ready: Promise<NetworkLease>[] = [];
  #made: Promise<Made> | undefined;
  #started: Promise<Started> | undefined;
  readonly #onLine: (line: string) => void;
  readonly #isOffline: boolean;
  #closed = false;

  constructor(host: RunHost, onLine: (line: string) => void, isOffline: boolean) {
    this.#host = host;
    this.#onLine = onLine;
    this.#isOffline = isOffline;
  }

  async open(): Promise<void> {
    await this.#start(true);
  }

  async alone(): Promise<NetworkPlace> {
    await this.#host.mounted();
    const resolvPath = this.#resolvFile();
    const { remove, hostsPath, setOwnName } = this.#hostsFile(ADDRESS_OF_NOBODY);
    const release = async (): Promise<void> => {
      remove();
      rmSync(resolvPath, { force: true });
    };
    return { namespacePath: undefined, hostsPath, resolvPath, setOwnName, release };
  }

  async lease(role: "service" | "client" | "function"): Promise<NetworkLease> {
    if (role === "function") {
      // Who awaits `open` hears of a failure.
      this.#start(true).catch(() => undefined);
      await this.#make(true);
      const made = this.#ready.shift();
      if (made !== undefined) return await made.catch((error) => this.#causeOf(error));
    }
    const { relay } = await this.#start(true);
    // Its health is asked for soon; the answer takes a program in the namespace.
    if (role === "service") relay.prepare().catch(() => undefined);
    const lease = this.#ready.shift() ?? this.#leaseOnBridge();
    // A function need not run anything: no more are made ready before it does.
    if (role !== "function") this.#fill();
    return lease;
  }

  /** A place that is made while the network opens has nowhere to be when that fails: then it matters why it did. */
  async #causeOf(error: unknown): Promise<never> {
    await this.#start(true);
    throw error;
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
      throw new Error(`${host} is not on this machine, and nothing else can be reached while offline`);
    const { hub, relay, resolvPath } = await this.#start();
    const taken = new Taken();
    return await taken.take(async () => {
      const address = this.#takeAddress(taken);
      await hub.addAddress(address);
      // With the session's network go its addresses and whoever listens there.
      taken.add(() => (this.#closed ? undefined : hub.removeAddress(address)));
      for (const { frontend, backend } of ports) {
        const stop = await relay.listenInSession(address, frontend, { host, port: backend });
        taken.add(() => (this.#closed ? undefined : stop()));
      }
      const { remove, ...hosts } = this.#hostsFile(address);
      taken.add(remove);
      const release = () => taken.giveBack();
      const lease = { ...hosts, address, namespacePath: hub.namespacePath, resolvPath, release };
      return { lease, close: release };
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#started === undefined) return;
    const started = await this.#started.catch(() => undefined);
    if (started !== undefined) await this.#end(started);
  }

  /** @param isForLease whether somebody waits for a lease, which is then made while the way out opens */
  #start(isForLease = false): Promise<Started> {
    this.#started ??= this.#launch(isForLease);
    return this.#started;
  }

  /** When it fails nothing of it goes on: nobody could end it later. */
  async #launch(isForLease: boolean): Promise<Started> {
    const { hub, relay, resolvPath, opening, first } = await this.#make(isForLease);
    const started = { hub, relay, resolvPath };
    try {
      await opening;
      // Without a way out there is no route in a container.
      if (first !== undefined && hub.wayOut.kind === "none") await hub.removeRoute((await first).namespacePath);
      if (hub.wayOut.kind === "relay")
        await relay.carryOut(new WayOut(nameserverAddress, resolversOf(readResolvers())), relayPorts);
    } catch (error) {
      await this.#end(started).catch(() => undefined);
      throw error;
    }
    if (hub.wayOut.kind !== "packets" && !this.#isOffline) this.#onLine(limitationOf(hub.wayOut));
    return started;
  }

  async #end({ hub, relay }: Started): Promise<void> {
    const unused = await Promise.allSettled(this.#ready.splice(0));
    await Promise.all(unused.map((lease) => (lease.status === "fulfilled" ? lease.value.release() : undefined)));
    await relay.close();
    await hub.close();
  }

  #make(isForLease: boolean): Promise<Made> {
    this.#made ??= this.#makeHub(isForLease);
    return this.#made;
  }

  async #makeHub(isForLease: boolean): Promise<Made> {
    const hub = await Hub.start(this.#host);
    const taken = new Taken();
    taken.add(() => hub.close());
    const resolvPath = await taken.take(async () => this.#resolvFile());
    const made = { hub, relay: new Relay(this.#host, hub.namespacePath), resolvPath };
    if (this.#isOffline) return made;
    const opening = hub.openWayOut();
    if (!isForLease) return { ...made, opening };
    const first = this.#makeLease(hub, resolvPath, true);
    first.catch(() => undefined);
    this.#ready.push(first);
    return { ...made, opening, first };
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
    const taken = new Taken();
    return await taken.take(async () => {
      const address = this.#takeAddress(taken);
      const namespacePath = await hub.addNamespace(address, hasRoute);
      taken.add(() => hub.removeNamespace(namespacePath));
      const { remove, ...hosts } = this.#hostsFile(address);
      taken.add(remove);
      return { ...hosts, address, namespacePath, resolvPath, release: () => taken.giveBack() };
    });
  }

  #takeAddress(taken: Taken): string {
    const address = this.#addresses.take();
    taken.add(() => this.#addresses.giveBack(address));
    return address;
  }

  #resolvFile(): string {
    const path = join(this.#host.dir, this.#host.uniqueName("resolv"));
    rewriteInPlace(path, resolvText(readResolvers(), nameserverAddress));
    return path;
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
