import { once } from "node:events";
import { closeSync, constants, fstatSync, openSync, type Stats, statSync } from "node:fs";
import { hostToolEnv, ownSession } from "../store/host-tools.ts";
import { startProgram } from "../store/start-program.ts";
import type { PersonTerminal, TerminalSize } from "./container.ts";
import { childrenOf } from "./signal.ts";

/** The kernel's numbers of devices for the program's end of a terminal that another program shows. */
const [firstMajor, lastMajor] = [136, 143];

/**
 * Gives the terminal of a container's process the size of the person's, whenever that changes: older OCI runtimes do not, and no newer
 * one is told of it. The answer ends that.
 *
 * @param runtimePid the OCI runtime's process, below which the one with the terminal is
 */
export function followSize(terminal: PersonTerminal | undefined, runtimePid: number | undefined): () => void {
  if (terminal === undefined || runtimePid === undefined) return () => undefined;
  let isAsked = false;
  let isAtWork = false;
  const work = async (): Promise<void> => {
    isAtWork = true;
    // A window that is drawn larger tells of many sizes: the last one counts.
    while (isAsked) {
      isAsked = false;
      await setSize(runtimePid, terminal.size());
    }
    isAtWork = false;
  };
  return terminal.onResize(() => {
    isAsked = true;
    if (!isAtWork) void work();
  });
}

/** Never fails: a size that could not be set is no reason to end what runs. */
async function setSize(runtimePid: number, { columns, rows }: TerminalSize): Promise<void> {
  const terminal = openBelow(runtimePid);
  if (terminal === undefined) return;
  try {
    const stdio = [terminal, "ignore", "ignore"] as const;
    const words = ["rows", String(rows), "cols", String(columns)];
    const child = startProgram("stty", words, { stdio: [...stdio], env: hostToolEnv(), ...ownSession });
    child.once("error", () => undefined);
    await once(child, "close");
  } catch {
    // It has ended meanwhile, or there is no such program.
  } finally {
    closeSync(terminal);
  }
}

/** The terminal of the first process below that has one; the numbers of others there are those of the container's own programs. */
function openBelow(pid: number): number | undefined {
  for (const child of childrenOf(pid)) {
    const found = openTerminalOf(child) ?? openBelow(child);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What a program of a container has as its input may be anything of the container: only a terminal is opened. */
function openTerminalOf(pid: number): number | undefined {
  const path = `/proc/${pid}/fd/0`;
  let opened: number | undefined;
  try {
    if (!isTerminal(statSync(path))) return undefined;
    opened = openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
    if (isTerminal(fstatSync(opened))) return opened;
  } catch {
    // It has ended.
  }
  if (opened !== undefined) closeSync(opened);
  return undefined;
}

function isTerminal(stats: Stats): boolean {
  const major = (stats.rdev >> 8) & 0xfff;
  return stats.isCharacterDevice() && major >= firstMajor && major <= lastMajor;
}
