import { spawnSync } from "node:child_process";
import { whyNot as whyNoContainers } from "../../integration/run/probe.ts";

/** Why Dockerfiles cannot be built here and compared with another builder's images; `undefined` when they can. */
export function whyNot(): string | undefined {
  const reason = whyNoContainers();
  if (reason !== undefined) return reason;
  const isThere = spawnSync("buildah", ["--version"]).status === 0;
  return isThere ? undefined : "this Debian package is missing: buildah";
}
