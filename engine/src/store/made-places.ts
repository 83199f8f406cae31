import { chmodSync, constants, mkdirSync, openSync, readdirSync, rmdirSync, unlinkSync } from "node:fs";
import { closeAfter, MOST_CHANGES, openFolderAt, placeOfHandle, useAt } from "./opened.ts";
import { errorCode } from "./paths.ts";

/** Makes and removes what is at a place, whatever somebody else puts there meanwhile. */

/** Makes a folder with exactly this mode; one that is there stays as it is. */
export function makeFolderAt(place: string, mode: number): void {
  try {
    mkdirSync(place);
  } catch (error) {
    if (errorCode(error) === "EEXIST") return;
    throw error;
  }
  useAt(place, ({ place: made }) => chmodSync(made, mode));
}

/**
 * Makes something at a place in place of what is there. `make` must fail with `EEXIST` where something is, as all calls do
 * that make links, folders, and files with `O_EXCL`.
 */
export function putAt<T>(place: string, make: () => T): T {
  for (let changes = 0; ; changes += 1) {
    try {
      return make();
    } catch (error) {
      if (errorCode(error) !== "EEXIST" || changes >= MOST_CHANGES) throw error;
      removeAt(place);
    }
  }
}

/** Makes a file where nothing is and fills it; it is the caller's alone until `fill` gives it another mode. */
export function makeFileAt<T>(place: string, fill: (fd: number) => T): T {
  const fd = openNewFileAt(place);
  return closeAfter([fd], () => fill(fd));
}

/** Makes a file of the caller alone where nothing is, and opens it for writing; to be closed by the caller. */
export function openNewFileAt(place: string): number {
  return openSync(place, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
}

/** Removes what is at a place: a tree, a file, a link itself. Nothing there is no error. */
export function removeAt(place: string | Buffer): void {
  for (let changes = 0; ; changes += 1) {
    try {
      if (removeOnce(Buffer.from(place))) return;
    } catch (error) {
      // Somebody made it something else, or put something into it.
      const isChange = ["ENOENT", "ENOTDIR", "ENOTEMPTY", "EISDIR", "ELOOP"].includes(errorCode(error) ?? "");
      if (!isChange || changes >= MOST_CHANGES) throw error;
    }
  }
}

function removeOnce(place: Buffer): boolean {
  try {
    unlinkSync(place);
    return true;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return true;
    if (errorCode(error) !== "EISDIR") throw error;
  }
  const fd = openFolderAt(place);
  closeAfter([fd], () => emptyFolder(placeOfHandle(fd)));
  rmdirSync(place);
  return true;
}

/** Removes all that is in an open folder. */
export function emptyFolder(folder: string): void {
  // Names as bytes: not all are text.
  for (const name of readdirSync(folder, { encoding: "buffer" }))
    removeAt(Buffer.concat([Buffer.from(`${folder}/`), name]));
}
