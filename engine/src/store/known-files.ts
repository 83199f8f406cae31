import { readFileSync, type Stats, statfsSync } from "node:fs";
import type { Opened } from "./opened.ts";

/** Size, time of change and time of state change (ms), number, and the digest of the bytes. */
type Stamp = readonly [size: number, mtimeMs: number, ctimeMs: number, ino: number, digest: string];

/** What is remembered of a tree: each file by its path. */
export type StampRecord = readonly (readonly [path: string, ...Stamp])[];

/** Below both of these all files are read each time. */
const WORTH_FILES = 1000;
const WORTH_BYTES = 16 * 2 ** 20;

/** A file that was changed so shortly before could be changed again without its times telling: the clock of a file system has steps. */
const SETTLED_MS = 2000;

/**
 * File systems of the machine's own disks and memory, whose kernel sets the time of a state change itself: ext4, XFS, Btrfs, tmpfs,
 * overlay, F2FS, ZFS, bcachefs. Others (NFS, 9p, FUSE) say what somebody else says.
 */
const OWN_FILE_SYSTEMS = new Set([
  0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630, 0xf2f52010, 0x2fc12fc1, 0xca451a4e,
]);

/** Another one after each start of the machine. */
const BOOT_ID = "/proc/sys/kernel/random/boot_id";

/**
 * Names the disk of a folder, as it is since the machine was started: what is remembered of files counts for it alone. After a crash a
 * file can have its old bytes with the new times or the other way round, and a new image of a system can hold other files with the
 * numbers and times of the one before.
 *
 * @param bootId the file that says which start it is
 * @returns undefined where nothing says it
 */
export function nameDisk({ stat }: Pick<Opened, "stat">, bootId = BOOT_ID): string | undefined {
  try {
    return `${readFileSync(bootId, "utf8").trim()} ${stat.dev}`;
  } catch {
    return undefined;
  }
}

/**
 * Digests of files that are known from the last time, so that a large tree is not read again.
 *
 * A file counts as unchanged when its number, its size and both of its times are what they were, as git has it. Nobody can set the
 * time of a state change but the kernel, which does at every write, every change of the other time and every rename. So a file with
 * other content, the same size and a time of change that was put back is read again.
 */
export class KnownFiles {
  readonly #before: ReadonlyMap<string, Stamp>;
  readonly #now: (readonly [string, ...Stamp])[] = [];
  readonly #startedAt: number;
  readonly #device: number | undefined;
  #files = 0;
  #bytes = 0;
  #isNew = false;

  /** @param folder the top of the tree; @param nowMs the time before anything of it is looked at */
  constructor(folder: Pick<Opened, "place" | "stat">, before: StampRecord = [], nowMs = Date.now()) {
    this.#before = new Map(before.map(([path, ...stamp]) => [path, stamp]));
    this.#startedAt = nowMs;
    this.#device = OWN_FILE_SYSTEMS.has(statfsSync(folder.place).type) ? folder.stat.dev : undefined;
  }

  /** The digest of a file's bytes, by `read` when it is not known. */
  digestOf(path: string, stat: Stats, read: () => string): string {
    this.#files += 1;
    this.#bytes += stat.size;
    const known = this.#before.get(path);
    const isKnown =
      known !== undefined &&
      stat.dev === this.#device &&
      known[0] === stat.size &&
      known[1] === stat.mtimeMs &&
      known[2] === stat.ctimeMs &&
      known[3] === stat.ino;
    const digest = isKnown ? known[4] : read();
    if (isKnown || this.#isSettled(stat)) {
      this.#now.push([path, stat.size, stat.mtimeMs, stat.ctimeMs, stat.ino, digest]);
      this.#isNew ||= !isKnown;
    }
    return digest;
  }

  #isSettled(stat: Stats): boolean {
    const latest = Math.max(stat.mtimeMs, stat.ctimeMs);
    return stat.dev === this.#device && this.#startedAt - latest > SETTLED_MS;
  }

  /** What is to be remembered of the tree; undefined when that is known already, or the tree is small. */
  record(): StampRecord | undefined {
    const isWorth = this.#files >= WORTH_FILES || this.#bytes >= WORTH_BYTES;
    return isWorth && (this.#isNew || this.#now.length < this.#before.size) ? this.#now : undefined;
  }
}
