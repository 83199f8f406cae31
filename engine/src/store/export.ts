import { createReadStream, createWriteStream, fchmodSync, fchownSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { TreeDifference } from "./compare.ts";
import { copyContents } from "./copy.ts";
import type { GivenMetadata } from "./copy-entries.ts";
import { writeAt } from "./edit.ts";
import type { HostPlace } from "./import.ts";
import { type Spot, useInside, useSpot } from "./inside.ts";
import { emptyFolder, makeFolderAt } from "./made-places.ts";
import { applyDifference } from "./merge.ts";
import { closeAfter, type Opened, openFolderAt, placeOfHandle } from "./opened.ts";
import { errorCode, PathError, pathError } from "./paths.ts";

/** What is written to the host belongs to the caller, who is root in our user namespace, or root. */
const CALLER = { uid: 0, gid: 0 };

/**
 * Copies are the caller's. A device file of a tree would be a disk or the memory of the machine there, for whoever may open
 * the file; the real engine's client may make none either, unless root has started it.
 */
function metadataFor({ root }: HostPlace): GivenMetadata {
  return { owner: CALLER, refusesDevices: root === "/" };
}

/** Folders that the real engine has to make for an export are the caller's alone. */
const NEW_FOLDER_MODE = 0o700;

export interface FolderExport {
  readonly sourceRoot: string;
  readonly sourcePath: string;
  readonly destination: HostPlace;
  /** Removes what else is there. */
  readonly wipe: boolean;
}

/**
 * Writes a tree to a folder of the host and merges it with what is there. A link to the folder is followed; links in it
 * are replaced where the tree has something else of their names.
 *
 * @throws PathError `mkdir /x: not a directory`, `mkdir /x: file exists` for a link that leads nowhere
 */
export async function exportFolder({ destination, wipe, ...source }: FolderExport): Promise<void> {
  await useHostFolder(destination, async (folder) => {
    if (wipe) emptyFolder(folder);
    await useInside(source.sourceRoot, source.sourcePath, { followLast: true }, ({ place }) =>
      copyContents(place, folder, metadataFor(destination)),
    );
  });
}

/** Uses a folder of the host, which is made when it is missing. */
async function useHostFolder({ root, path }: HostPlace, use: (folder: string) => Promise<void>): Promise<void> {
  const take = async ({ present, place, link }: Spot): Promise<void> => {
    if (present?.stat.isDirectory()) return await use(present.place);
    if (present !== undefined || link !== undefined) {
      throw new PathError("mkdir", path, present === undefined ? "EEXIST" : "ENOTDIR");
    }
    makeFolderAt(place, NEW_FOLDER_MODE);
    const handle = openFolderAt(place);
    return await closeAfter([handle], () => use(placeOfHandle(handle)));
  };
  const notFolder = () => new PathError("mkdir", path, "ENOTDIR");
  try {
    await useSpot(root, path, { followLast: true, makeMode: NEW_FOLDER_MODE, notFolder }, take);
  } catch (error) {
    throw exportError({ root, path }, error);
  }
}

/** Of a full disk it has to be known whose it is. */
function exportError({ root, path }: HostPlace, error: unknown): unknown {
  const code = errorCode(error);
  if (code === "ENOSPC" || code === "EDQUOT") return new PathError("open", path, code, root === "/");
  return pathError("open", path, error);
}

export interface FileExport {
  readonly sourceRoot: string;
  readonly sourcePath: string;
  readonly name: string;
  readonly destination: HostPlace;
  /** Whether the destination may be a folder that gets the file under its name. */
  readonly allowParent: boolean;
}

/**
 * Writes a file to the host. One that is there is overwritten, through links, and keeps its mode.
 *
 * @throws Error when the destination is a folder and may not be
 */
export async function exportFile(file: FileExport): Promise<void> {
  await useInside(file.sourceRoot, file.sourcePath, { followLast: true }, async (source) => {
    if (!source.stat.isFile()) throw new PathError("open", file.sourcePath, "ENXIO");
    const name = file.allowParent ? file.name : undefined;
    await writeHostFile(file.destination, { mode: source.stat.mode, name }, async (to) =>
      // By its bytes alone: the other ways to copy give the copy the mode of the source.
      pipeline(createReadStream(source.place), createWriteStream(to)),
    );
  });
}

export interface HostFileOptions {
  /** Of a new file; what the caller's umask takes away is taken away. */
  readonly mode: number;
  /** Name in the folder when the destination is one. Absent: it must not be one. */
  readonly name?: string | undefined;
}

/**
 * Writes a file of the host, through links as the caller's programs would.
 *
 * @param fill gets a path to write to, good until its answer
 * @throws Error when the destination is a folder and no name is given
 */
export async function writeHostFile(
  destination: HostPlace,
  options: HostFileOptions,
  fill: (to: string) => Promise<void>,
): Promise<void> {
  const { root, path } = destination;
  const write = async (spot: Spot): Promise<void> => {
    if (spot.present?.stat.isDirectory()) {
      if (options.name === undefined) {
        throw new Error(
          `destination ${JSON.stringify(path)} is a directory; must be a file path unless allowParentDirPath is set`,
        );
      }
      return await writeHostFile({ root, path: join(path, options.name) }, { mode: options.mode }, fill);
    }
    return await writeAt(spot, async (fd) => {
      fchownSync(fd, CALLER.uid, CALLER.gid);
      if (spot.present === undefined) fchmodSync(fd, options.mode & 0o777 & ~process.umask());
      await fill(placeOfHandle(fd));
    });
  };
  try {
    const special = root === "/" ? await writeSpecial(path, fill) : false;
    if (!special) await useSpot(root, path, { followLast: true, makeMode: NEW_FOLDER_MODE }, write);
  } catch (error) {
    throw exportError(destination, error);
  }
}

/** Pipes and devices of the machine, `/dev/null` or `/dev/stdout`, are the person's to name. */
async function writeSpecial(path: string, fill: (to: string) => Promise<void>): Promise<boolean> {
  const isSpecial = ({ stat }: Opened) => !stat.isFile() && !stat.isDirectory();
  const found = lookThere(path, isSpecial);
  if (!found) return false;
  const file = await open(path, "w");
  try {
    await fill(placeOfHandle(file.fd));
  } finally {
    await file.close();
  }
  return true;
}

function lookThere(path: string, judge: (opened: Opened) => boolean): boolean {
  try {
    return useInside("/", path, { followLast: true }, judge);
  } catch {
    return false;
  }
}

/** Does to a folder of the host what was done between two other folders; `after` is the second of them. */
export async function exportChanges(destination: HostPlace, difference: TreeDifference, after: string): Promise<void> {
  await useHostFolder(destination, (folder) => applyDifference(folder, difference, after, metadataFor(destination)));
}
