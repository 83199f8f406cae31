import { readFileSync, readlinkSync } from "node:fs";
import { constants } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { initDestination } from "./oci-config.ts";

const lookAgainMs = 2;
const giveUpMs = 10_000;

/**
 * Sends a signal to process 1 of a container, found from the outside, below crun. Waits until it is there, and with an init
 * until the init has started its command: before, the init would lose the signal.
 */
export async function signalContainer(
  runtimePid: number,
  signal: NodeJS.Signals,
  hasInit: boolean,
  hasEnded: () => boolean,
): Promise<void> {
  const deadline = Date.now() + giveUpMs;
  while (!hasEnded() && Date.now() < deadline) {
    const first = findFirstProcess(runtimePid);
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

/**
 * Process 1 of a container, as this machine numbers it, once it is the container's own program: before, the OCI runtime prepares
 * the container in it. `undefined` when the container has ended.
 */
export async function untilFirstProcess(runtimePid: number, hasEnded: () => boolean): Promise<number | undefined> {
  while (!hasEnded()) {
    const first = findFirstProcess(runtimePid);
    if (first !== undefined && programOf(first) !== programOf(runtimePid)) return first;
    await delay(lookAgainMs);
  }
  return undefined;
}

function programOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return "";
  }
}

function findFirstProcess(runtimePid: number): number | undefined {
  // crun's child is process 1 of a namespace of its own as soon as it has left the anchor's; hooks of crun are there for a moment.
  return childrenOf(runtimePid).find((pid) => {
    const numbers = namespaceNumbers(pid);
    return numbers.length > namespaceNumbers(runtimePid).length && numbers.at(-1) === "1";
  });
}

/** The numbers of a process in all the process id namespaces that it is in, the machine's first. */
function namespaceNumbers(pid: number): readonly string[] {
  try {
    return (/^NSpid:\s*(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "").split(/\s+/);
  } catch {
    return [];
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
