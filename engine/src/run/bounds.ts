import { totalmem } from "node:os";
import { readSize } from "../store/size-text.ts";

/** What all containers of an engine, and each of them, may use at most. */
export interface Bounds {
  /** Memory of all containers together, in bytes. */
  readonly memoryBytes: number;
  /** Processes and threads of one container. */
  readonly processes: number;
  /** Open files of one process. */
  readonly openFiles: number;
}

/** As many as large builds need. */
const PROCESSES = 8192;

/** As many as a service of systemd may have. With no limit at all some programs close a thousand million files at their start. */
const OPEN_FILES = 1 << 20;

/**
 * What a person set, or what breaks nothing that runs without bounds: nine tenths of the memory that there is for this process.
 *
 * @throws Error that names the variable and says what to write
 */
export function boundsOf(env: Readonly<Record<string, string | undefined>>): Bounds {
  return {
    memoryBytes: sizeOf("SLIPWAY_MEMORY", env["SLIPWAY_MEMORY"]) ?? Math.floor(memoryThere() * 0.9),
    processes: countOf("SLIPWAY_PROCESSES", "processes", env["SLIPWAY_PROCESSES"]) ?? PROCESSES,
    openFiles: countOf("SLIPWAY_OPEN_FILES", "open files", env["SLIPWAY_OPEN_FILES"]) ?? OPEN_FILES,
  };
}

/** Of the machine, or of the container in which this runs. */
function memoryThere(): number {
  const own = process.constrainedMemory();
  return own > 0 ? Math.min(own, totalmem()) : totalmem();
}

function sizeOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const bytes = readSize(text);
  if (bytes === undefined) throw new Error(`${name} is ${JSON.stringify(text)}: write a size such as 512m or 8g`);
  return bytes;
}

function countOf(name: string, what: string, text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  if (!/^[1-9]\d{0,6}$/.test(text))
    throw new Error(`${name} is ${JSON.stringify(text)}: write a number of ${what} such as 4096`);
  return Number(text);
}
