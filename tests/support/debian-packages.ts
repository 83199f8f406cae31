import { existsSync, rmSync } from "node:fs";
import { readCommand, runCommand } from "../cluster/command.ts";

/** Says to Debian whether it may start the services that it installs. */
const POLICY = "/usr/sbin/policy-rc.d";

/**
 * Installs Debian packages, as root. Debian starts the services that it installs; here none may run but those that the tests start.
 *
 * @throws Error with what apt-get said
 */
export async function installDebianPackages(names: readonly string[]): Promise<void> {
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  // An index that cannot be renewed may still be good enough; the installation says it if not.
  await runCommand(["apt-get", "update"], { env });
  const hadPolicy = existsSync(POLICY);
  if (!hadPolicy) await readCommand(["install", "-m", "755", "/dev/stdin", POLICY], { input: "#!/bin/sh\nexit 101\n" });
  try {
    // Another program may be installing at this moment.
    const options = ["-o", "DPkg::Lock::Timeout=300", "install", "-y", "--no-install-recommends"];
    await readCommand(["apt-get", ...options, ...names], { env });
  } finally {
    if (!hadPolicy) rmSync(POLICY);
  }
}
