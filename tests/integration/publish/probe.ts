import { spawnSync } from "node:child_process";

/** Why images cannot be built and published on this machine; `undefined` when they can. */
export function whyNot(): string | undefined {
  const needed = {
    crun: "crun",
    skopeo: "skopeo",
    "docker-registry": "docker-registry",
    git: "git",
    openssl: "openssl",
  };
  const missing = Object.entries(needed)
    .filter(([program]) => spawnSync("sh", ["-c", `command -v ${program}`]).status !== 0)
    .map(([, debianPackage]) => debianPackage);
  return missing.length === 0 ? undefined : `these Debian packages are missing: ${missing.join(", ")}`;
}
