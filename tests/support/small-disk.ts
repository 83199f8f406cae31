import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** A bound that is there from the beginning: it cannot be set later. */
const MOST_FILES = 1_000_000;

/** A disk in memory whose room a test decides; only in a mount namespace of its own. */
export class SmallDisk {
  /** The store of commands, on the disk. */
  readonly store: string;

  /** @param dir an empty place, where the disk is made */
  constructor(
    readonly dir: string,
    readonly mebibytes = 600,
  ) {
    this.store = join(dir, "store");
    mkdirSync(dir);
    this.#mount("-t", "tmpfs", "-o", `size=${mebibytes}m,nr_inodes=${MOST_FILES}`, "slipway-test");
  }

  #mount(...args: readonly string[]): void {
    const { status, stderr } = spawnSync("mount", [...args, this.dir], { encoding: "utf8" });
    if (status !== 0) throw new Error(`mount ${args.join(" ")}: ${stderr}`);
  }

  /** Leaves so much room beside what is there, in MiB. */
  leaveRoom(mebibytes: number): void {
    const { stdout } = spawnSync("du", ["-sm", this.dir], { encoding: "utf8" });
    this.#mount("-o", `remount,size=${Number.parseInt(stdout, 10) + mebibytes}m`);
  }

  /** Leaves so many files and folders beside those that are there. */
  leaveFiles(count: number): void {
    const { stdout } = spawnSync("df", ["--output=iused", this.dir], { encoding: "utf8" });
    this.#mount("-o", `remount,nr_inodes=${Number.parseInt(stdout.split("\n")[1] ?? "", 10) + count}`);
  }

  /** As it was made. */
  makeRoom(): void {
    this.#mount("-o", `remount,size=${this.mebibytes}m,nr_inodes=${MOST_FILES}`);
  }

  /** What runs have left in the folders of the store that are their own. */
  leftovers(): readonly string[] {
    return ["scratch", "run", "images/tmp"].flatMap((name) => {
      try {
        return readdirSync(join(this.store, name));
      } catch {
        return [];
      }
    });
  }

  close(): void {
    spawnSync("umount", ["-l", this.dir]);
  }
}
