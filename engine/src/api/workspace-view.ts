import { randomUUID } from "node:crypto";
import { posix } from "node:path";
import { pathClean } from "../go-texts/path-clean.ts";
import { isThere } from "../store/import.ts";
import { isAtOrBelow } from "../store/paths.ts";
import { ApiError } from "./errors.ts";

/** The repository that a command was given in. */
export interface WorkspaceView {
  /** Top of the git repository, or the folder itself outside of one. Nothing above it is part of the workspace. */
  readonly root: string;
  /** Folder of the command below `root`; `.` for the top. */
  readonly path: string;
  /** Stands for the command: nothing that is made of it is right for another one. */
  readonly clientId: string;
}

/** A work tree and a submodule have a file `.git` instead of a folder. */
export function findWorkspace(folder: string): WorkspaceView {
  const clientId = randomUUID();
  for (let root = folder; ; root = posix.dirname(root)) {
    if (isThere("/", posix.join(root, ".git"))) return { root, path: posix.relative(root, folder) || ".", clientId };
    if (root === "/") return { root: folder, path: ".", clientId };
  }
}

/** `file:///home/me/shop/api`; the real engine also escapes what `encodeURI` leaves. */
export function addressOf({ root, path }: WorkspaceView): string {
  const escaped = (char: string) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
  return `file://${encodeURI(posix.join(root, path)).replace(/[!'()*?#]/g, escaped)}`;
}

/**
 * A path of the API, as one that starts at the top: relative ones begin at the command's folder, absolute ones at the top.
 * It may still lead out of the workspace.
 */
export function pathFromTop({ path }: WorkspaceView, given: string): string {
  const clean = pathClean(given);
  if (clean.startsWith("/")) return clean.slice(1) || ".";
  return posix.join(path, clean);
}

/**
 * Where a path from the top is on this machine.
 *
 * @throws ApiError when it leads out of the workspace
 */
export function placeOnMachine({ root }: WorkspaceView, path: string): string {
  const place = posix.join(root, path);
  if (!isAtOrBelow(place, root)) throw outsideRoot(path, root);
  return place;
}

export function outsideRoot(path: string, root: string): ApiError {
  return new ApiError(`path ${JSON.stringify(path)} resolves outside root ${JSON.stringify(root)}`);
}
