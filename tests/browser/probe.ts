import { spawnSync } from "node:child_process";
import { findChromium } from "./open-page.ts";

/** Why no page can be opened on this machine; `undefined` when one can. As root it installs Debian's browser. */
export function whyNot(): string | undefined {
  if (findChromium() !== undefined) return undefined;
  if (process.getuid?.() !== 0) return "there is no chromium; as root: apt-get install -y chromium fonts-dejavu-core";
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  // An index that cannot be renewed may still be good enough.
  spawnSync("apt-get", ["update"], { env, stdio: "ignore" });
  const packages = ["chromium", "fonts-dejavu-core"];
  const install = ["install", "-y", "--no-install-recommends", ...packages];
  const { status, stderr } = spawnSync("apt-get", install, { env, encoding: "utf8" });
  return status === 0 ? undefined : `chromium could not be installed: ${stderr.trim().split("\n").at(-1)}`;
}
