import { createHash } from "node:crypto";
import { closeSync, lstatSync, openSync, readlinkSync, readSync, type Stats } from "node:fs";
import { resolveInsideSync } from "./paths.ts";
import type { EntryFilter } from "./tree-filter.ts";
import { walkTreePolitely } from "./tree-walk.ts";

/** Shared by all reads: they are synchronous, so there is never more than one. */
const CHUNK = Buffer.allocUnsafeSlow(1 << 20);

export interface DigestOptions {
  readonly filter?: EntryFilter;
  /** Takes 0:0 for every owner, as an import from the host does. */
  readonly ignoreOwners?: boolean;
  /** Leaves the mode and owner of the path itself out, and digests what is in it. */
  readonly ignoreTop?: boolean;
}

/**
 * A digest of what is at a path: types, names, modes, owners, contents and targets of links, not times. The same in
 * every place where the same tree is; `sha256:` and hex.
 */
export async function contentDigest(root: string, path: string, options: DigestOptions = {}): Promise<string> {
  const place = resolveInsideSync(root, path, { followLast: true });
  const top = lstatSync(place);
  const hash = createHash("sha256");
  if (options.ignoreTop !== true) hash.update(describe("", place, top, options));
  if (top.isDirectory()) {
    for await (const entry of walkTreePolitely(place, options.filter)) {
      hash.update(describe(entry.path, entry.place, entry.stat, options));
    }
  }
  return `sha256:${hash.digest("hex")}`;
}

/** The digest of a file's bytes alone. */
export function fileDigest(place: string): string {
  return `sha256:${hashFile(place)}`;
}

/** One line for each entry; JSON, so that no name can look like the start of another line. */
function describe(path: string, place: string, stat: Stats, options: DigestOptions): string {
  const owner = options.ignoreOwners === true ? [0, 0] : [stat.uid, stat.gid];
  return `${JSON.stringify([path, typeOf(stat), stat.mode & 0o7777, ...owner, contentOf(place, stat)])}\n`;
}

function typeOf(stat: Stats): string {
  if (stat.isDirectory()) return "folder";
  if (stat.isSymbolicLink()) return "link";
  return stat.isFile() ? "file" : "other";
}

function contentOf(place: string, stat: Stats): string | number {
  if (stat.isSymbolicLink()) return readlinkSync(place);
  if (stat.isFile()) return hashFile(place);
  return stat.isDirectory() ? "" : stat.rdev;
}

function hashFile(place: string): string {
  const hash = createHash("sha256");
  const file = openSync(place, "r");
  try {
    for (let length = readSync(file, CHUNK); length > 0; length = readSync(file, CHUNK)) {
      hash.update(CHUNK.subarray(0, length));
    }
  } finally {
    closeSync(file);
  }
  return hash.digest("hex");
}
