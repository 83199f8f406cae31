import { lookup as lookUp } from "node:dns";
import { BlockList, isIP, isIPv4, isIPv6, type LookupFunction } from "node:net";
import { networkInterfaces } from "node:os";

/** What is nobody's address on the internet or in a company's network: this machine, its links, groups, and our own network. */
const neverOutside = new BlockList();
for (const [address, bits] of [
  ["0.0.0.0", 8],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["224.0.0.0", 3],
  ["10.87.0.0", 16],
] as const)
  neverOutside.addSubnet(address, bits, "ipv4");
for (const [address, bits] of [
  ["::", 96],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
] as const)
  neverOutside.addSubnet(address, bits, "ipv6");

/**
 * Whether a container may connect to that address: not to this machine by any of its addresses, nor to what only answers because
 * this machine asks, such as the metadata of a cloud at 169.254.169.254. An IPv4 address in an IPv6 form is judged as the former.
 */
export function isOutside(address: string): boolean {
  const plain = plainAddress(address);
  if (plain === undefined) return false;
  if (neverOutside.check(plain, isIPv4(plain) ? "ipv4" : "ipv6")) return false;
  return !Object.values(networkInterfaces())
    .flatMap((own) => own ?? [])
    .some((own) => own.address === plain);
}

/** Whether the host of a URL, which has brackets around an IPv6 address, is this machine or what only answers to it by its spelling. */
export function isInsideHost(urlHost: string): boolean {
  const host = urlHost.replace(/^\[|\]$/g, "");
  return isIP(host) === 0 ? /(^|\.)localhost\.?$/i.test(host) : !isOutside(host);
}

/** Whether connections may go by a proxy, which looks names up by itself. */
export function hasProxy(env: NodeJS.ProcessEnv = process.env): boolean {
  return ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"].some(
    (name) => (env[name] ?? "") !== "",
  );
}

/** A name that leads to this machine, or to what only answers because this machine asks. */
export class InsideAddress extends Error {
  override readonly name = "InsideAddress";
  /** For callers that do not tell it from a name that nobody has. */
  readonly code = "ENOTFOUND";

  constructor(
    readonly hostname: string,
    readonly address: string,
  ) {
    super(`${hostname} is not a host outside of this machine`);
  }
}

/** Looks names up for a connection, of which only addresses outside count. What is judged is what is connected to. */
export const lookupOutside: LookupFunction = (hostname, options, found) => {
  lookUp(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return found(error, "", 4);
    const outside = addresses.filter(({ address }) => isOutside(address));
    const [first] = outside;
    if (first === undefined) return found(new InsideAddress(hostname, addresses[0]?.address ?? ""), "", 4);
    return options.all === true ? found(null, outside) : found(null, first.address, first.family);
  });
};

/** ::ffff:a.b.c.d, 64:ff9b::a.b.c.d and 2002:aabb:ccdd:: carry an IPv4 address to which they lead. */
function plainAddress(address: string): string | undefined {
  if (isIPv4(address)) return address;
  if (!isIPv6(address)) return undefined;
  const url = new URL(`http://[${address.split("%")[0]}]`).hostname.slice(1, -1);
  const carried =
    /^(?:::ffff|64:ff9b:):([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(url) ??
    /^2002:([0-9a-f]{1,4}):([0-9a-f]{1,4}):/.exec(url);
  if (carried === null) return url;
  const [high, low] = [carried[1], carried[2]].map((part) => Number.parseInt(part ?? "", 16));
  return [high, low].flatMap((part = 0) => [part >> 8, part & 255]).join(".");
}
