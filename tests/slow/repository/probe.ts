import { spawnSync } from "node:child_process";
import { whyNot as whyNoContainers } from "../../integration/run/probe.ts";

/** Why the files cannot be read and built here as their programs do it; `undefined` when they can. */
export function whyNot(): string | undefined {
  const reason = whyNoContainers();
  if (reason !== undefined) return reason;
  const hasPip = spawnSync("python3", ["-m", "pip", "--version"]).status === 0;
  return hasPip ? undefined : "these Debian packages are missing: python3, python3-pip";
}
