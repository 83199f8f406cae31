import { posix } from "node:path";
import { copyContents, copyFileInto, type FileCopy } from "./copy.ts";
import { finishFolder, type GivenMetadata, setTimes } from "./copy-entries.ts";
import { makeOwnedFolders } from "./edit.ts";
import { lookInside, useInside } from "./inside.ts";
import type { Opened } from "./opened.ts";
import { cleanPath } from "./paths.ts";
import { PatternList } from "./patterns.ts";
import { TreeFilter } from "./tree-filter.ts";

/** What a COPY of a Dockerfile takes: one path, and patterns for what is in it. */
export interface Selection {
  readonly root: string;
  /** Without patterns; a link at its end is followed. */
  readonly path: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

export interface SelectedCopy extends GivenMetadata {
  readonly source: Selection;
  readonly destinationRoot: string;
  /** A folder when it ends with a slash, or when one is there. */
  readonly destinationPath: string;
}

/**
 * Copies as COPY does: the content of a folder into a folder, which keeps what it is when it is there; a file into a
 * folder or to a new name. Folders that have to be made on the way belong to the owner that is given.
 *
 * @throws PathError `lstat /x: no such file or directory`
 */
export async function copySelected(copy: SelectedCopy): Promise<void> {
  const { source } = copy;
  await useInside(source.root, source.path, { followLast: true }, async (opened) => {
    if (opened.stat.isDirectory()) await copyFolder(copy, opened);
    else if (!isLeftOut(source)) copyOne(copy, opened);
  });
}

/** The filter of a folder's entries; undefined when all of them are taken. */
export function filterOfSelection({ root, include, exclude }: Selection, folder: string): TreeFilter | undefined {
  return include.length + exclude.length === 0 ? undefined : new TreeFilter(root, { include, exclude, folder });
}

/** Whether a file is one that `--exclude` names. */
export function isLeftOut({ path, exclude }: Selection): boolean {
  return exclude.length > 0 && new PatternList(exclude).matches(posix.basename(path), undefined).matched;
}

async function copyFolder(copy: SelectedCopy, { place, path, stat }: Opened): Promise<void> {
  const { destinationRoot: root, owner, permissions, source } = copy;
  const clean = cleanPath(copy.destinationPath);
  // A destination with a slash at its end is made before, as a folder like those above it.
  const isNew = !copy.destinationPath.endsWith("/") && lookInside(root, clean, { followLast: true }) === undefined;
  makeOwnedFolders(root, clean, owner);
  await useInside(root, clean, { followLast: true }, async (destination) => {
    await copyContents(place, destination.place, { owner, permissions }, filterOfSelection(source, path));
    if (!isNew) return;
    finishFolder(destination.place, stat, { owner, permissions });
    setTimes(destination.place, stat);
  });
}

function copyOne({ source, ...copy }: SelectedCopy, opened: Opened): void {
  placeFile({ ...copy, source: opened, name: posix.basename(source.path) });
}

/** Puts one file into a folder or to a new name, as COPY does. */
export function placeFile(copy: FileCopy): void {
  const { destinationRoot: root, destinationPath, owner } = copy;
  const clean = cleanPath(destinationPath);
  const isInto = destinationPath.endsWith("/") || lookInside(root, clean, { followLast: true })?.isDirectory() === true;
  makeOwnedFolders(root, isInto ? clean : posix.dirname(clean), owner);
  copyFileInto({ ...copy, destinationPath: isInto ? `${clean}/` : clean });
}
