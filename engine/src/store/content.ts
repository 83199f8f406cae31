import { createHash } from "node:crypto";
import { readlinkSync, readSync, type Stats } from "node:fs";
import { posix } from "node:path";
import { useInside } from "./inside.ts";
import type { KnownFiles } from "./known-files.ts";
import { useFile, useFileAt } from "./opened.ts";
import { pathError } from "./paths.ts";
import type { EntryFilter } from "./tree-filter.ts";
import { type TreeEntry, walkTreePolitely } from "./tree-walk.ts";

/** Shared by all reads: they are synchronous, so there is never more than one. */
const CHUNK = Buffer.allocUnsafeSlow(1 << 20);

export interface DigestOptions {
  readonly filter?: EntryFilter;
  /** Takes 0:0 for every owner, as an import from the host does. */
  readonly ignoreOwners?: boolean;
  /** Leaves the mode and owner of the path itself out, and digests what is in it. */
  readonly ignoreTop?: boolean;
  /** Files of the tree that need not be read. */
  readonly known?: KnownFiles;
}

/**
 * A digest of what is at a path: types, names, modes, owners, contents and targets of links, not times. The same in
 * every place where the same tree is; `sha256:` and hex.
 *
 * @throws PathError for what cannot be read, or changed its kind meanwhile
 */
export async function contentDigest(root: string, path: string, options: DigestOptions = {}): Promise<string> {
  const hash = createHash("sha256");
  await useInside(root, path, { followLast: true }, async (top) => {
    const { place, stat } = top;
    const content = () => (stat.isFile() ? useFile(top, hashFile) : contentOf(place, stat));
    if (options.ignoreTop !== true) hash.update(describe("", content(), stat, options));
    if (!stat.isDirectory()) return;
    for await (const entry of walkTreePolitely(place, options.filter)) {
      try {
        hash.update(describe(entry.path, contentOfEntry(entry, options.known), entry.stat, options));
      } catch (error) {
        throw pathError("open", posix.join(path, entry.path), error);
      }
    }
  });
  return `sha256:${hash.digest("hex")}`;
}

/** The digest of a file's bytes alone. */
export function fileDigest(place: string): string {
  return `sha256:${useFileAt(place, hashFile)}`;
}

/** One line for each entry; JSON, so that no name can look like the start of another line. */
function describe(path: string, content: string | number, stat: Stats, options: DigestOptions): string {
  const owner = options.ignoreOwners === true ? [0, 0] : [stat.uid, stat.gid];
  return `${JSON.stringify([path, typeOf(stat), stat.mode & 0o7777, ...owner, content])}\n`;
}

function typeOf(stat: Stats): string {
  if (stat.isDirectory()) return "folder";
  if (stat.isSymbolicLink()) return "link";
  return stat.isFile() ? "file" : "other";
}

function contentOfEntry({ path, place, stat }: TreeEntry, known: KnownFiles | undefined): string | number {
  if (known === undefined || !stat.isFile()) return contentOf(place, stat);
  return known.digestOf(path, stat, () => useFileAt(place, hashFile));
}

function contentOf(place: string, stat: Stats): string | number {
  if (stat.isSymbolicLink()) return readlinkSync(place);
  if (stat.isFile()) return useFileAt(place, hashFile);
  return stat.isDirectory() ? "" : stat.rdev;
}

function hashFile(file: number): string {
  const hash = createHash("sha256");
  for (let length = readSync(file, CHUNK); length > 0; length = readSync(file, CHUNK)) {
    hash.update(CHUNK.subarray(0, length));
  }
  return hash.digest("hex");
}
