import { closeSync, constants, fstatSync, openSync, type Stats } from "node:fs";

/** Files and folders that are open: whatever happens to their names meanwhile, what was looked at is what is used. */

/** Opens a name for what is there, and nothing of it. */
export const O_PATH = 0o10000000;
/** The same of what is named itself, when it is a link too. */
export const LOOK = O_PATH | constants.O_NOFOLLOW;

/** How often a step is tried again when somebody changes what it is about. */
export const MOST_CHANGES = 64;

/** Something open below a root, not for reading or writing yet: a name for what it is, wherever it is moved. */
export interface Opened {
  readonly fd: number;
  /** A path that leads to it and nowhere else for as long as it is open; in this process only. */
  readonly place: string;
  /** Where it was found below the root, links followed: `/` for the root itself. */
  readonly path: string;
  readonly stat: Stats;
}

/** The place of an open file or folder. */
export function placeOfHandle(fd: number): string {
  return `/proc/self/fd/${fd}`;
}

/** Runs something and closes handles after it, also when it fails or is a promise. */
export function closeAfter<T>(handles: readonly number[], use: () => T): T {
  const close = () => {
    for (const fd of handles) closeSync(fd);
  };
  let result: T;
  try {
    result = use();
  } catch (error) {
    close();
    throw error;
  }
  if (!(result instanceof Promise)) {
    close();
    return result;
  }
  return result.finally(close) as T;
}

/** Uses what is at a place, without following it when it is a link, and closes it. */
export function useAt<T>(place: string, use: (opened: Omit<Opened, "path">) => T): T {
  const fd = openSync(place, LOOK);
  return closeAfter([fd], () => use({ fd, place: placeOfHandle(fd), stat: fstatSync(fd) }));
}

/** Opens the folder that paths begin at, to be closed by the caller. A link at its end is followed. */
export function openRoot(root: string): number {
  return openSync(root, O_PATH | constants.O_DIRECTORY);
}

/** Opens a folder at a place, to be closed by the caller; `ENOTDIR` when it is none, or a link to one. */
export function openFolderAt(place: string | Buffer): number {
  return openSync(place, LOOK | constants.O_DIRECTORY);
}

/**
 * Uses a file at a place, open for reading. Nothing but a file is ever opened: a pipe would not answer, and a device may do
 * something.
 *
 * @throws an error with the code `EISDIR`, `ELOOP` or `ENXIO` for what is no file
 */
export function useFileAt<T>(place: string, use: (fd: number, stat: Stats) => T): T {
  return useAt(place, (opened) => useFile(opened, use));
}

/** Uses an open file for reading. */
export function useFile<T>(opened: Omit<Opened, "path">, use: (fd: number, stat: Stats) => T): T {
  if (!opened.stat.isFile()) throw systemError(codeOfOther(opened.stat));
  const fd = openSync(opened.place, constants.O_RDONLY);
  return closeAfter([fd], () => use(fd, opened.stat));
}

/** An error as the system would give it. */
export function systemError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code });
}

function codeOfOther(stat: Stats): string {
  if (stat.isDirectory()) return "EISDIR";
  return stat.isSymbolicLink() ? "ELOOP" : "ENXIO";
}
