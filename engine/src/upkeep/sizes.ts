import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { errorCode } from "../store/paths.ts";
import { readRecord, writeRecord } from "../store/records.ts";

/** Paths for one run of du: few enough that a deadline is kept, and that they fit into an argument list. */
const AT_ONCE = 200;

interface Remembered {
  readonly layers: Readonly<Record<string, number>>;
  readonly restBytes: number;
}

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

/** What the folders of layers take on the disk, in bytes, by id. A layer never changes, so it is measured once. */
export class Sizes {
  readonly layers: Map<string, number>;
  /** All but the layers, as far as it was measured when somebody last looked at the whole store. */
  restBytes: number;
  readonly #unknown: string[];

  constructor(readonly storeDir: string) {
    const found = readRecord(sizesPath(storeDir), () => undefined);
    const known = found.kind === "sound" ? (found.value as Remembered) : { layers: {}, restBytes: 0 };
    const there = new Set(readdirSync(join(storeDir, "layers")));
    this.layers = new Map(Object.entries(known.layers).filter(([id]) => there.delete(id)));
    this.restBytes = known.restBytes;
    this.#unknown = [...there];
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

  save({ scratch, runDir }: Place): void {
    const temporary = join(scratch, `sizes-${basename(runDir)}`);
    const remembered: Remembered = { layers: Object.fromEntries(this.layers), restBytes: this.restBytes };
    try {
      writeRecord(sizesPath(this.storeDir), remembered, temporary);
    } catch (error) {
      // Without them the next command measures again, which is no reason to fail on a full disk.
      if (errorCode(error) !== "ENOSPC") throw error;
    }
  }

  get totalBytes(): number {
    let total = this.restBytes;
    for (const bytes of this.layers.values()) total += bytes;
    return total;
  }
}

/** What folders take on the disk, in bytes, in their order; undefined for one that is gone. */
export async function diskUsage(paths: readonly string[]): Promise<readonly (number | undefined)[]> {
  if (paths.length === 0) return [];
  const du = promisify(execFile)("du", ["--summarize", "--block-size=1", "--", ...paths], { maxBuffer: 2 ** 26 });
  // du fails when something went away while it looked; what it has seen counts.
  const said = await du.catch((error: { stdout?: string }) => ({ stdout: error.stdout ?? "" }));
  const sizes = new Map(
    said.stdout.split("\n").map((line) => {
      const [bytes = "", path = ""] = line.split("\t");
      return [path, Number(bytes)] as const;
    }),
  );
  return paths.map((path) => sizes.get(path));
}
