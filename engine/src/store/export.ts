import { lstatSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { TreeDifference } from "./compare.ts";
import { copyContents, copyFileInto } from "./copy.ts";
import { copyWithContent } from "./merge.ts";
import { pathError, resolveInsideSync } from "./paths.ts";

/** What is written to the host belongs to the caller, who is root in our user namespace, or root. */
const CALLER = { uid: 0, gid: 0 };

/** Folders that the real engine has to make for an export are the caller's alone. */
const NEW_FOLDER_MODE = 0o700;

export interface FolderExport {
  readonly sourceRoot: string;
  readonly sourcePath: string;
  /** Absolute place on the host. */
  readonly destination: string;
  /** The destination as the client knows it, for errors. */
  readonly shown: string;
  /** Removes what else is there. */
  readonly wipe: boolean;
}

/**
 * Writes a tree to a folder of the host and merges it with what is there.
 *
 * @throws PathError `mkdir /x: not a directory`
 */
export async function exportFolder({ destination, shown, wipe, ...source }: FolderExport): Promise<void> {
  makeFolder(destination, shown);
  if (wipe) {
    for (const name of readdirSync(destination)) rmSync(join(destination, name), { recursive: true, force: true });
  }
  try {
    const folder = resolveInsideSync(source.sourceRoot, source.sourcePath, { followLast: true });
    await copyContents(folder, destination, { owner: CALLER });
  } catch (error) {
    throw pathError("open", shown, error);
  }
}

function makeFolder(folder: string, shown: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: NEW_FOLDER_MODE });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code === "EEXIST" ? "ENOTDIR" : undefined;
    throw pathError("mkdir", shown, code === undefined ? error : Object.assign(new Error(), { code }));
  }
}

export interface FileExport {
  readonly sourceRoot: string;
  readonly sourcePath: string;
  readonly name: string;
  readonly destination: string;
  readonly shown: string;
  /** Whether the destination may be a folder that gets the file under its name. */
  readonly allowParent: boolean;
}

/**
 * Writes a file to the host; one that is there is replaced at once, never half.
 *
 * @throws Error when the destination is a folder and may not be
 */
export function exportFile(file: FileExport): void {
  const isFolder = statSync(file.destination, { throwIfNoEntry: false })?.isDirectory() === true;
  if (isFolder && !file.allowParent) {
    throw new Error(
      `destination ${JSON.stringify(file.shown)} is a directory; must be a file path unless allowParentDirPath is set`,
    );
  }
  const place = isFolder ? join(file.destination, file.name) : file.destination;
  try {
    mkdirSync(dirname(place), { recursive: true, mode: NEW_FOLDER_MODE });
    const source = resolveInsideSync(file.sourceRoot, file.sourcePath, { followLast: true });
    const temporary = join(dirname(place), `.${basename(place)}.slipway-${process.pid}`);
    copyFileInto({
      source: { root: dirname(source), path: basename(source) },
      name: basename(temporary),
      destinationRoot: dirname(place),
      destinationPath: `/${basename(temporary)}`,
      owner: CALLER,
    });
    renameSync(temporary, place);
  } catch (error) {
    throw pathError("open", file.shown, error);
  }
}

/** Does to a folder of the host what was done between two other folders; `after` is the second of them. */
export async function exportChanges(
  folder: string,
  shown: string,
  difference: TreeDifference,
  after: string,
): Promise<void> {
  makeFolder(folder, shown);
  removeBelow(folder, difference.removed);
  await copyWithContent(after, folder, [...difference.added, ...difference.modified], CALLER);
}

function removeBelow(folder: string, paths: readonly string[]): void {
  for (const path of paths) {
    const parent = resolveInsideSync(folder, dirname(path), { followLast: true });
    const place = join(parent, basename(path));
    if (lstatSync(place, { throwIfNoEntry: false }) !== undefined) rmSync(place, { recursive: true, force: true });
  }
}
