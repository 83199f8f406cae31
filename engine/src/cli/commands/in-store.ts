import { rmSync } from "node:fs";
import { join } from "node:path";
import { RunHost, sweepLeftovers } from "../../run/run-host.ts";
import { makeFolders } from "../../store/folders.ts";
import { refuseMountedParts } from "../../store/one-disk.ts";
import type { Place } from "../../upkeep/sizes.ts";
import { waitForPruning } from "../../upkeep/sole-use.ts";

/** Works in a store, while no other command prunes it. */
export async function inStore(dir: string, work: (place: Place) => Promise<void>): Promise<void> {
  const [runDir, scratch] = [join(dir, "run"), join(dir, "scratch")];
  makeFolders(runDir, 0o700);
  makeFolders(scratch);
  refuseMountedParts(dir);
  for (const used of [runDir, scratch]) sweepLeftovers(used);
  const host = RunHost.open({ runDir });
  try {
    await waitForPruning(dir);
    await work({ storeDir: dir, runDir: host.dir, scratch });
  } finally {
    rmSync(host.dir, { recursive: true, force: true });
  }
}
