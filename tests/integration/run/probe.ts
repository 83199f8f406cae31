import { existsSync } from "node:fs";

/** Why containers cannot be tested on this machine; `undefined` when they can. */
export function whyNot(): string | undefined {
  const needed = {
    "/usr/bin/crun": "crun",
    "/usr/bin/tini-static": "tini",
    "/bin/busybox": "busybox-static",
    "/usr/bin/nsenter": "util-linux",
  };
  const missing = Object.entries(needed)
    .filter(([path]) => !existsSync(path))
    .map(([, debianPackage]) => debianPackage);
  return missing.length === 0 ? undefined : `these Debian packages are missing: ${missing.join(", ")}`;
}
