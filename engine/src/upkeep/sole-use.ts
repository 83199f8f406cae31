import { readdirSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { engineOf } from "../run/run-host.ts";
import { unlessAbsent } from "../store/absent.ts";

/**
 * Who removes something from a store has it for himself: a session that runs may use whatever lies there.
 *
 * A session first makes its folder in `run/` and then looks for the mark; who prunes first sets the mark and then looks for
 * such folders. So at least one of two that begin at once sees the other. It is a link, which leads nowhere and takes no room: on
 * a full disk a file could not be written.
 */
const MARK = "pruning";

/** How often a session that begins looks whether the pruning is over. It takes a second or two at most. */
const LOOK_MS = 20;

/**
 * Keeps other sessions from beginning until the answer is called; undefined when one is running, or prunes itself.
 *
 * @param own the folder of this process in `run/`
 */
export function takeSoleUse(storeDir: string, own: string): (() => void) | undefined {
  const mark = join(storeDir, MARK);
  if (isHeld(storeDir)) return undefined;
  rmSync(mark, { force: true });
  try {
    symlinkSync(basename(own), mark);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return undefined;
    throw error;
  }
  const release = () => rmSync(mark, { force: true });
  if (isAlone(storeDir, own)) return release;
  release();
  return undefined;
}

/** Whether no other session runs at this moment. */
export function isAlone(storeDir: string, own: string): boolean {
  const runDir = join(storeDir, "run");
  return readdirSync(runDir).every((name) => name === basename(own) || engineOf(name, runDir)?.isRunning !== true);
}

/** Waits until nobody prunes. To be called when the session's own folder in `run/` is there, before anything is read. */
export async function waitForPruning(storeDir: string): Promise<void> {
  while (isHeld(storeDir)) await after(LOOK_MS);
}

/** Of somebody who was killed the mark does not count. */
function isHeld(storeDir: string): boolean {
  const mark = join(storeDir, MARK);
  const holder = unlessAbsent(mark, () => readlinkSync(mark));
  return holder !== undefined && engineOf(holder, join(storeDir, "run"))?.isRunning === true;
}
