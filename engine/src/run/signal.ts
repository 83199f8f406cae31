import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { initDestination } from "./oci-config.ts";

const lookAgainMs = 2;
const giveUpMs = 10_000;

/**
 * Sends a signal to process 1 of a container, found from the outside: below nsenter is crun, below crun process 1. Waits until it
 * is there, and with an init until the init has started its command: before, the init would lose the signal.
 */
export async function signalContainer(
  nsenterPid: number,
  signal: NodeJS.Signals,
  hasInit: boolean,
  hasEnded: () => boolean,
): Promise<void> {
  const deadline = Date.now() + giveUpMs;
  while (!hasEnded() && Date.now() < deadline) {
    const first = findFirstProcess(nsenterPid);
    if (first !== undefined && (!hasInit || signal === "SIGKILL" || hasStartedCommand(first))) {
      try {
        process.kill(first, constants.signals[signal]);
      } catch {
        // It ended between the look and the signal, which is what a signal is for.
      }
      return;
    }
    await delay(lookAgainMs);
  }
}

/** The children of process 1 count only once it is the init: the OCI runtime has some before, which prepare the container. */
function hasStartedCommand(first: number): boolean {
  try {
    const isInit = readFileSync(`/proc/${first}/cmdline`, "utf8").startsWith(`${initDestination}\0`);
    return isInit && childrenOf(first).length > 0;
  } catch {
    return false;
  }
}

function findFirstProcess(nsenterPid: number): number | undefined {
  const crun = childrenOf(nsenterPid)[0];
  if (crun === undefined) return undefined;
  // crun's child is process 1 of a namespace of its own as soon as it has left the anchor's.
  return childrenOf(crun).find((pid) => namespaceDepth(pid) > namespaceDepth(crun));
}

/** How many process id namespaces a process is in. */
function namespaceDepth(pid: number): number {
  try {
    return (/^NSpid:\s*(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "").split(/\s+/).length;
  } catch {
    return 0;
  }
}

export function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
      .split(" ")
      .filter((text) => text.trim() !== "")
      .map(Number);
  } catch {
    return [];
  }
}
