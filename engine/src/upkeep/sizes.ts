import { readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { namesIn } from "../store/folders.ts";
import { errorCode } from "../store/paths.ts";
import { readRecord, USE_MS, writeRecord } from "../store/records.ts";
import { runProgram } from "../store/start-program.ts";

/** Paths for one run of du: few enough that a deadline is kept, and that they fit into an argument list. */
const AT_ONCE = 200;

interface Remembered {
  readonly layers: Readonly<Record<string, number>>;
  readonly volumes?: Readonly<Record<string, number>>;
}

/** What is neither a layer nor a volume, and takes little time to measure. */
const OTHERS = ["results", "images", "modules", "traces"];

/** A store, and the places of this process in it. */
export interface Place {
  readonly storeDir: string;
  /** The folder of this process in `run/`. */
  readonly runDir: string;
  /** A folder on the disk of the store, for what has not its name yet. */
  readonly scratch: string;
}

/** Where the sizes are remembered. */
export function sizesPath(storeDir: string): string {
  return join(storeDir, "sizes.json");
}

/**
 * What a store takes on the disk, in bytes. A layer never changes, so it is measured once; a volume is measured when it was
 * used, and all else each time.
 */
export class Sizes {
  /** By id. */
  readonly layers: Map<string, number>;
  /** By id; as far as they were measured. */
  readonly volumes: Map<string, number>;
  #otherBytes = 0;
  readonly #unknown: string[];
  /** When the sizes were written. */
  readonly #writtenMs: number;

  constructor(readonly storeDir: string) {
    const path = sizesPath(storeDir);
    this.#writtenMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    const found = readRecord(path, () => undefined);
    const known = found.kind === "sound" ? (found.value as Remembered) : { layers: {} };
    const there = new Set(readdirSync(join(storeDir, "layers")));
    this.layers = new Map(Object.entries(known.layers).filter(([id]) => there.delete(id)));
    this.#unknown = [...there];
    const volumes = new Set(namesIn(join(storeDir, "volumes")));
    this.volumes = new Map(Object.entries(known.volumes ?? {}).filter(([id]) => volumes.has(id)));
  }

  /**
   * Measures layers that were never measured.
   *
   * @param seconds after which the rest is left to the next time; absent: all of them
   */
  async measure(seconds = Number.POSITIVE_INFINITY): Promise<void> {
    const deadline = Date.now() + 1000 * seconds;
    while (this.#unknown.length > 0 && Date.now() < deadline) {
      const ids = this.#unknown.splice(0, AT_ONCE);
      const sizes = await diskUsage(ids.map((id) => join(this.storeDir, "layers", id)));
      for (const [nth, id] of ids.entries()) this.layers.set(id, sizes[nth] ?? 0);
    }
  }

  /**
   * Measures all else.
   *
   * @param seconds after which a volume keeps the size that was known of it; absent: all of them
   */
  async measureRest(seconds = Number.POSITIVE_INFINITY): Promise<void> {
    const deadline = Date.now() + 1000 * seconds;
    const others = await diskUsage(OTHERS.map((name) => join(this.storeDir, name)));
    this.#otherBytes = others.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0);
    for (const id of namesIn(join(this.storeDir, "volumes"))) {
      const path = join(this.storeDir, "volumes", id);
      const usedMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
      if (this.volumes.has(id) && usedMs + USE_MS < this.#writtenMs) continue;
      const leftMs = deadline - Date.now();
      if (leftMs <= 0) return;
      const [bytes] = await diskUsage([path], Number.isFinite(leftMs) ? leftMs : undefined);
      if (bytes !== undefined) this.volumes.set(id, bytes);
    }
  }

  save({ scratch, runDir }: Place): void {
    const temporary = join(scratch, `sizes-${basename(runDir)}`);
    const remembered: Remembered = {
      layers: Object.fromEntries(this.layers),
      volumes: Object.fromEntries(this.volumes),
    };
    try {
      writeRecord(sizesPath(this.storeDir), remembered, temporary);
    } catch (error) {
      // Without them the next command measures again, which is no reason to fail on a full disk.
      if (errorCode(error) !== "ENOSPC") throw error;
    }
  }

  get totalBytes(): number {
    return [...this.layers.values(), ...this.volumes.values()].reduce((sum, bytes) => sum + bytes, this.#otherBytes);
  }
}

/**
 * What folders take on the disk, in bytes, in their order; undefined for one that is gone.
 *
 * @param timeout after so many milliseconds what is not measured is undefined, too; absent: none
 */
export async function diskUsage(paths: readonly string[], timeout?: number): Promise<readonly (number | undefined)[]> {
  if (paths.length === 0) return [];
  // du fails when something went away while it looked; what it has seen counts.
  const du = ["du", "--summarize", "--block-size=1", "--", ...paths];
  const { stdout } = await runProgram(du, timeout === undefined ? {} : { timeout });
  const sizes = new Map(
    stdout
      .toString("utf8")
      .split("\n")
      .map((line) => {
        const [bytes = "", path = ""] = line.split("\t");
        return [path, Number(bytes)] as const;
      }),
  );
  return paths.map((path) => sizes.get(path));
}
