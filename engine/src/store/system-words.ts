import { lstatSync, readFileSync, readlinkSync, type Stats, statfsSync, statSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname, join, resolve } from "node:path";
import { PathError } from "./paths.ts";

/** Where the store is: `SLIPWAY_STORE`, else `slipway` in the user's cache folder. */
export function storeDir(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const cache = env["XDG_CACHE_HOME"] || join(env["HOME"] || userInfo().homedir, ".cache");
  return resolve(env["SLIPWAY_STORE"] || join(cache, "slipway"));
}

/** A disk with less than this is full: no layer, no result and no image fits any more. */
const FULL_BYTES = 512 * 1024;

/** The name of something open, which says nothing to a person. */
const isOpenFile = /^\/proc\/(?:self|\d+)\/fd\//;

interface SystemError extends Error {
  readonly code: string;
  readonly syscall: string;
  readonly path?: string;
  /** Of a copy or a link: where it was to go. */
  readonly dest?: string;
}

const MAKE_ROOM = "  to do: free some space there, or set SLIPWAY_STORE to a folder on another disk";
/** Of a disk that is not the store's. */
const MAKE_ROOM_ELSEWHERE = "  to do: free some space there, or name a place on another disk";
const OTHER_STORE = "  to do: set SLIPWAY_STORE to a writable folder";
const MORE_FILES = "  to do: allow this user to open more files (ulimit -n 4096), or end other programs";
const MORE_PROCESSES =
  "  to do: allow this user, or the container or service that this runs in, to start more processes (ulimit -u, pids limit), or end other programs";
const MORE_MEMORY =
  "  to do: give the machine, or the container or service that this runs in, more memory, or end other programs";

/**
 * What a refusal of the system means for a person, and what to do about it. The one place that turns its codes into words.
 *
 * @param store whose disk is meant when an error names no path
 * @returns undefined for errors that are not of the system
 */
export function tellSystemError(error: unknown, store = storeDir()): string | undefined {
  if (error instanceof PathError && (error.code === "ENOSPC" || error.code === "EDQUOT"))
    return `${error.message}\n${error.isOnHost ? roomAdvice(error.path, store) : MAKE_ROOM}`;
  if (!isSystemError(error)) return undefined;
  const words = wordsOf(error);
  if (words === undefined) return undefined;
  const path = [error.dest ?? error.path].find((named) => named !== undefined && !isOpenFile.test(named));
  const isOurs = path === undefined || isRelated(path, store);
  switch (error.code) {
    case "ENOSPC":
      return `the disk is full: ${tellPlace(path, store)}${words}\n${roomAdvice(path, store)}`;
    case "EDQUOT":
      return `the disk quota is used up: ${tellPlace(path, store)}${words}\n${roomAdvice(path, store)}`;
    case "EMFILE":
    case "ENFILE":
      return `too many files are open${tellLimit("open files")}: ${words}\n${MORE_FILES}`;
    case "EAGAIN":
      if (!isStart(error)) break;
      return `no other process can be started${tellLimit("processes")}: ${words}\n${MORE_PROCESSES}`;
    case "ENOMEM":
      return `there is no memory left: ${words}\n${MORE_MEMORY}`;
    case "EIO":
      return `the disk has an error: ${path ?? store}: ${words}\n  to do: check the disk (dmesg), or set SLIPWAY_STORE to a folder on another one`;
    case "EROFS":
    case "EACCES":
    case "EPERM":
      if (isOurs) return tellUnwritable(path ?? store, words);
      break;
    case "ENOTDIR":
    case "EEXIST":
      if (isOurs) return tellFile(path ?? store, words);
      break;
    case "ENOENT":
      if (isOurs && path !== undefined && error.syscall === "mkdir" && existingAbove(path) === dirname(path))
        return `${path} cannot be created: ${words}; nothing can be created in ${dirname(path)}\n${OTHER_STORE}`;
      break;
    case "ELOOP":
    case "ENAMETOOLONG":
      if (isOurs) return `${path ?? store} cannot be used: ${words}\n${OTHER_STORE}`;
  }
  return path === undefined ? undefined : `${error.syscall} ${path}: ${words}`;
}

/** The words of tar, git, shells and others for what the system has refused, which are theirs to choose; what to do is added. */
const REFUSALS: readonly (readonly [words: RegExp, todo: string])[] = [
  [/no space left on device|out of diskspace|disk quota exceeded/i, MAKE_ROOM],
  [
    /cannot fork|(?:fork|clone|pthread_create)[^\n]*: resource temporarily unavailable|uv_thread_create/i,
    MORE_PROCESSES,
  ],
  [/too many open files/i, MORE_FILES],
  [/cannot allocate memory/i, MORE_MEMORY],
];

/** The words of an error that is none of the system. When a program says in them what the system refused, what to do is added, unless it is said. */
export function tellProgramError(message: string): string {
  const todo = refusalAdvice(message);
  return todo === undefined || message.includes("\n  to do: ") ? message : `${message}\n${todo}`;
}

/** What to do, as a line, about what the system refused to a program by its words; undefined where it refused nothing. */
export function refusalAdvice(words: string): string | undefined {
  return REFUSALS.find(([refusal]) => refusal.test(words))?.[1];
}

/** How many of them the kernel allows this process, where it is a number. */
function tellLimit(what: "open files" | "processes"): string {
  try {
    const most = new RegExp(`^Max ${what} +(\\d+)`, "m").exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
    return most === undefined ? "" : ` (the limit is ${most})`;
  } catch {
    // Where no other file can be opened, this one cannot either.
    return "";
  }
}

/** A write through an open file names no path; then the disk of the store is the one, if it is full. */
function tellPlace(path: string | undefined, store: string): string {
  const place = path ?? (noteFullDisk(store) === "" ? undefined : store);
  return place === undefined ? "" : `${place} cannot be written${tellSpace(place)}: `;
}

/** A line for the failure of a program that did not say that it found the disk full. Empty when there is room. */
export function noteFullDisk(path: string): string {
  const space = readSpace(path);
  if (space === undefined || (space.freeBytes >= FULL_BYTES && space.hasInodes)) return "";
  return `\n  the disk of ${path} is full${tellSpace(path)}\n${MAKE_ROOM}`;
}

function isSystemError(error: unknown): error is SystemError {
  if (!(error instanceof Error)) return false;
  const { code, syscall } = error as Partial<SystemError>;
  return typeof code === "string" && typeof syscall === "string";
}

/** Of a program that cannot be started: `spawn mount EMFILE`. */
function isStart({ syscall }: SystemError): boolean {
  return syscall.startsWith("spawn");
}

function wordsOf(error: SystemError): string | undefined {
  const isLimit = ["EMFILE", "ENFILE", "EAGAIN", "ENOMEM"].includes(error.code);
  return isLimit && (isStart(error) || error.code.endsWith("FILE")) ? error.message : wordsIn(error.message);
}

/** `ENOSPC: no space left on device, write '/x'` without the code and what follows it. */
export function wordsIn(message: string): string | undefined {
  return /^[A-Z0-9]+: ([^,]+)/.exec(message)?.[1];
}

function tellUnwritable(path: string, words: string): string {
  const place = existingAbove(path);
  const owner = place === undefined ? undefined : statSync(place).uid;
  const isOthers = owner !== undefined && owner !== userInfo().uid && !/read-only/.test(words);
  const whose = isOthers ? `; ${place} belongs to another user` : "";
  return `${path} cannot be written: ${words}${whose}\n  to do: set SLIPWAY_STORE to a writable folder, or allow this user to write there`;
}

function tellFile(path: string, words: string): string {
  const link = danglingLink(path);
  if (link !== undefined)
    return `${path} cannot be created: ${words}; ${link} is a link to ${readlinkSync(link)}, where nothing is\n  to do: create that folder, or set SLIPWAY_STORE to another one`;
  return `${path} cannot be created: ${words}; there is a file where a folder is needed\n  to do: move the file away, or set SLIPWAY_STORE to another folder`;
}

function isRelated(path: string, folder: string): boolean {
  return `${path}/`.startsWith(`${folder}/`) || `${folder}/`.startsWith(`${path}/`);
}

interface Space {
  readonly freeBytes: number;
  readonly allBytes: number;
  readonly hasInodes: boolean;
}

function tellSpace(path: string): string {
  const space = readSpace(path);
  if (space === undefined) return "";
  if (!space.hasInodes) return " (no inode is left for another file)";
  return ` (${megabytes(space.freeBytes)} of ${megabytes(space.allBytes)} are left)`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

function readSpace(path: string): Space | undefined {
  const place = existingAbove(path);
  if (place === undefined) return undefined;
  try {
    const { bsize, bavail, blocks, files, ffree } = statfsSync(place);
    return { freeBytes: bavail * bsize, allBytes: blocks * bsize, hasInodes: files === 0 || ffree > 0 };
  } catch {
    return undefined;
  }
}

/** What helps where a disk is full: another store only where it is the store's. */
function roomAdvice(path: string | undefined, store: string): string {
  if (path === undefined || isRelated(path, store)) return MAKE_ROOM;
  const [place, ours] = [existingAbove(path), existingAbove(store)];
  const isElsewhere = place !== undefined && ours !== undefined && statSync(place).dev !== statSync(ours).dev;
  return isElsewhere ? MAKE_ROOM_ELSEWHERE : MAKE_ROOM;
}

/** The path itself or a link above it that leads to nothing. */
function danglingLink(path: string): string | undefined {
  for (let at = resolve(path); dirname(at) !== at; at = dirname(at)) {
    const found = statOfLink(at);
    if (found !== undefined) return found.isSymbolicLink() && !isSeen(at) ? at : undefined;
  }
  return undefined;
}

function statOfLink(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    // It lies below a file.
    return undefined;
  }
}

/** The path, or the nearest one above it that is there and may be looked at. */
function existingAbove(path: string): string | undefined {
  for (let at = resolve(path); ; at = dirname(at)) {
    if (isSeen(at)) return at;
    if (dirname(at) === at) return undefined;
  }
}

function isSeen(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // It lies in a folder that this user may not enter, or below a file.
    return false;
  }
}
