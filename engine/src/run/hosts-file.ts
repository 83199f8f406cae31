import { closeSync, constants, ftruncateSync, openSync, writeSync } from "node:fs";

/** The text of a container's hosts file. `ownAddress` is where others reach it, or 127.0.1.1 when it has none of its own. */
export function hostsText(ownAddress: string, ownName: string | undefined, names: ReadonlyMap<string, string>): string {
  const own = ownName === undefined ? [] : [`${ownAddress} ${ownName}`];
  const others = [...names].map(([name, address]) => `${address} ${name}`);
  return ["127.0.0.1 localhost", "::1 localhost ip6-localhost ip6-loopback", ...own, ...others, ""].join("\n");
}

/** Changes a file in place: containers have this very file mounted, a renamed one would not reach them. */
export function rewriteInPlace(path: string, text: string): void {
  const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW, 0o644);
  try {
    const bytes = Buffer.from(text);
    writeSync(fd, bytes, 0, bytes.length, 0);
    ftruncateSync(fd, bytes.length);
  } finally {
    closeSync(fd);
  }
}

/** The host's resolver settings with `nameserver` in place of its own, which may be a loopback address of the host. */
export function resolvText(hostText: string, nameserver: string): string {
  const kept = hostText.split("\n").filter((line) => /^\s*(search|domain|options)\s/.test(line));
  return [`nameserver ${nameserver}`, ...kept, ""].join("\n");
}
