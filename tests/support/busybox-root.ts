import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";

const busybox = "/bin/busybox";

/**
 * Makes the root of a container with these commands of busybox; more may be put there.
 *
 * @throws Error when the machine's busybox needs libraries
 */
export function makeBusyboxRoot(root: string, commands: readonly string[]): void {
  const dynamic = spawnSync("ldd", [busybox], { encoding: "utf8" });
  if (dynamic.status === 0) throw new Error(`${busybox} is not static: install the Debian package busybox-static`);
  mkdirSync(join(root, "bin"), { recursive: true });
  copyFileSync(busybox, join(root, "bin/busybox"));
  for (const command of commands) symlinkSync("busybox", join(root, "bin", command));
}
