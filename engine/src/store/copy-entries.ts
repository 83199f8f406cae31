import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  copyFileSync,
  fchmodSync,
  fchownSync,
  futimesSync,
  lchownSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  readlinkSync,
  type Stats,
  symlinkSync,
  utimesSync,
} from "node:fs";
import { basename, posix } from "node:path";
import { copyFailure } from "./host-copy.ts";
import { hostToolEnv } from "./host-tools.ts";
import { useSpot } from "./inside.ts";
import { makeFileAt, putAt } from "./made-places.ts";
import { type Opened, openFolderAt, openRoot, placeOfHandle, systemError, useAt } from "./opened.ts";
import { errorCode, PathError } from "./paths.ts";
import type { TreeEntry } from "./tree-walk.ts";
import type { Owner } from "./users.ts";

export const MODE_BITS = 0o7777;
const SPECIAL_BITS = 0o7000;

/** Who owns what this process makes. */
const OURSELVES = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };

/** What copies get in place of the source's own. */
export interface GivenMetadata {
  readonly owner?: Owner | undefined;
  /** Mode of all that is copied, files and folders alike. */
  readonly permissions?: number | undefined;
  /** A device file is an error: where it would be one of this machine. */
  readonly refusesDevices?: boolean;
}

interface OpenFolder {
  readonly path: string;
  readonly handle: number;
  /** Times to give it in the end; not set for the top. */
  readonly stat: Stats | undefined;
}

/** One tree being copied, entry by entry, folders before what is in them. Only folders on the way to the entry are open. */
export class EntryCopy {
  readonly #open: OpenFolder[];
  /** The first copy of a file with several names. */
  readonly #twins = new Map<string, string>();

  /** @param destination a folder that exists */
  constructor(
    destination: string,
    readonly given: GivenMetadata,
  ) {
    this.#open = [{ path: ".", handle: openRoot(destination), stat: undefined }];
  }

  add({ path, place: source, stat }: TreeEntry): void {
    const place = `${this.#enter(posix.dirname(path))}/${basename(path)}`;
    if (stat.isDirectory()) {
      this.#addFolder(path, place, stat);
      return;
    }
    if (this.given.refusesDevices === true && (stat.isBlockDevice() || stat.isCharacterDevice()))
      throw new PathError("mknod", path, "EPERM");
    const twin = stat.nlink > 1 ? `${stat.dev}:${stat.ino}` : undefined;
    const first = twin === undefined ? undefined : this.#twins.get(twin);
    if (first !== undefined) {
      const top = placeOfHandle((this.#open[0] as OpenFolder).handle);
      useSpot(top, first, { followLast: false }, (found) => putAt(place, () => linkSync(found.place, place)));
      return;
    }
    if (twin !== undefined) this.#twins.set(twin, path);
    putAt(place, () => copyLeaf(source, stat, place, this.given));
  }

  /** The folder of that path, which was added; those that are complete are closed. */
  #enter(path: string): string {
    let last = this.#open.at(-1) as OpenFolder;
    while (last.path !== path && this.#open.length > 1) {
      this.#leave();
      last = this.#open.at(-1) as OpenFolder;
    }
    return placeOfHandle(last.handle);
  }

  /** Times come last, because what is put into a folder changes them. */
  #leave(): void {
    const { handle, stat } = this.#open.pop() as OpenFolder;
    try {
      if (stat !== undefined) setTimes(placeOfHandle(handle), stat);
    } finally {
      closeSync(handle);
    }
  }

  #addFolder(path: string, place: string, stat: Stats): void {
    const handle = takeFolder(place);
    this.#open.push({ path, handle, stat });
    finishFolder(placeOfHandle(handle), stat, this.given);
  }

  /** To be called in any case: it closes what is open. */
  finish(): void {
    while (this.#open.length > 0) this.#leave();
  }
}

/** Opens a folder that is made when it is missing; what else is there makes way for it. */
export function takeFolder(place: string): number {
  return putAt(place, () => {
    try {
      return openFolderAt(place);
    } catch (error) {
      if (!["ENOENT", "ENOTDIR", "ELOOP"].includes(errorCode(error) ?? "")) throw error;
    }
    mkdirSync(place);
    return openFolderAt(place);
  });
}

function copyLeaf(source: string, stat: Stats, place: string, given: GivenMetadata): void {
  if (stat.isFile()) {
    useAt(source, (opened) => copyFile(opened, place, given));
    return;
  }
  const { uid, gid } = given.owner ?? stat;
  if (stat.isSymbolicLink()) {
    symlinkSync(readlinkSync(source), place);
    lchownSync(place, uid, gid);
  } else {
    copySpecial(source, place, given);
  }
  lutimesSync(place, toSeconds(stat.atimeMs), toSeconds(stat.mtimeMs));
}

/** A copy of an open file where nothing is. */
export function copyFile(source: Omit<Opened, "path">, place: string, given: GivenMetadata): void {
  const { stat } = source;
  if (!stat.isFile()) throw systemError(stat.isDirectory() ? "EISDIR" : "ENXIO");
  const { uid, gid } = given.owner ?? stat;
  makeFileAt(place, (fd) => {
    // Gives the copy the mode of the source, and us as owner.
    copyFileSync(source.place, placeOfHandle(fd), constants.COPYFILE_FICLONE);
    const isOurs = uid === OURSELVES.uid && gid === OURSELVES.gid;
    if (!isOurs) fchownSync(fd, uid, gid);
    // After the rest, because a change of owner or content takes the set-user-id bit away.
    const isWhole = isOurs && given.permissions === undefined && (stat.mode & SPECIAL_BITS) === 0;
    if (!isWhole) fchmodSync(fd, (given.permissions ?? stat.mode) & MODE_BITS);
    futimesSync(fd, toSeconds(stat.atimeMs), toSeconds(stat.mtimeMs));
  });
}

/** Pipes, devices, sockets: of trees that nothing else changes, since nothing of the kind is taken from a host. */
function copySpecial(source: string, place: string, given: GivenMetadata): void {
  const [from = "", to = ""] = [source, place].map((path) => path.replace("/proc/self/", `/proc/${process.pid}/`));
  try {
    execFileSync("cp", ["--archive", "--no-target-directory", from, to], { stdio: "pipe", env: hostToolEnv() });
  } catch (error) {
    throw copyFailure(error as Error, [from, to]);
  }
  useAt(place, ({ place: made }) => applyGiven(made, given));
}

/** Owner and mode of an open folder, by its place. */
export function finishFolder(place: string, stat: Stats, given: GivenMetadata): void {
  const { uid, gid } = given.owner ?? stat;
  chownSync(place, uid, gid);
  chmodSync(place, (given.permissions ?? stat.mode) & MODE_BITS);
}

export function applyGiven(place: string, given: GivenMetadata): void {
  if (given.owner !== undefined) chownSync(place, given.owner.uid, given.owner.gid);
  if (given.permissions !== undefined) chmodSync(place, given.permissions & MODE_BITS);
}

/** Node cuts times to microseconds: without the half one a copy of a copy would be older and older. */
function toSeconds(ms: number): number {
  return (ms + 0.0005) / 1000;
}

/** Both times of an open folder, by its place. */
export function setTimes(place: string, stat: Stats): void {
  utimesSync(place, toSeconds(stat.atimeMs), toSeconds(stat.mtimeMs));
}
