import { join } from "node:path";
import { RunHost, sweepLeftovers } from "../../run/run-host.ts";
import { makeFolders } from "../../store/folders.ts";
import { refusePartsElsewhere } from "../../store/one-disk.ts";
import type { Place } from "../../upkeep/sizes.ts";
import { waitForPruning } from "../../upkeep/sole-use.ts";

/** Works in a store, while no other command prunes it. */
export async function inStore(dir: string, work: (place: Place) => Promise<void>): Promise<void> {
  const [runDir, scratch] = [join(dir, "run"), join(dir, "scratch")];
  makeFolders(runDir, 0o700);
  makeFolders(scratch);
  refusePartsElsewhere(dir);
  sweepLeftovers(runDir, scratch);
  const host = RunHost.open({ runDir });
  try {
    await waitForPruning(dir);
    await work({ storeDir: dir, runDir: host.dir, scratch });
  } finally {
    await host.close();
  }
}
