import {
  accessSync,
  chmodSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statfsSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { walkTree } from "../../../../engine/src/store/tree-walk.ts";

/** What a test wants to find in a folder: text of a file, `{ link }`, or `null` for an empty folder. */
export type Entries = Readonly<Record<string, string | { readonly link: string } | null>>;

const TMPFS_MAGIC = 0x01021994;

/** Thousands of folders are made and removed, for which a disk takes most of the time where others use it as well. */
const inMemory = findMemory("/dev/shm") ?? tmpdir();

function findMemory(place: string): string | undefined {
  try {
    accessSync(place, constants.W_OK);
    const { type, bavail, bsize } = statfsSync(place);
    return type === TMPFS_MAGIC && bavail * bsize >= 32 * 1024 * 1024 ? place : undefined;
  } catch {
    return undefined;
  }
}

/** A folder with these entries, folders 0755 and files 0644. */
function makeTree(entries: Entries): string {
  const root = mkdtempSync(join(inMemory, "slipway-tree-"));
  chmodSync(root, 0o755);
  for (const [path, entry] of Object.entries(entries)) {
    const place = join(root, path);
    mkdirSync(entry === null ? place : dirname(place), { recursive: true });
    if (typeof entry === "string") writeFileSync(place, entry);
    else if (entry !== null) symlinkSync(entry.link, place);
  }
  for (const entry of walkTree(root)) {
    if (!entry.stat.isSymbolicLink()) chmodSync(entry.place, entry.stat.isDirectory() ? 0o755 : 0o644);
  }
  return root;
}

/** Runs a test in a folder of its own, and removes it. */
export async function inTree(entries: Entries, test: (root: string) => Promise<void> | void): Promise<void> {
  const root = makeTree(entries);
  try {
    await test(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** All paths below a folder, as a glob of everything shows them. */
export function listTree(root: string): string[] {
  return [...walkTree(root)].map((entry) => (entry.stat.isDirectory() ? `${entry.path}/` : entry.path));
}

/** `path mode` of all entries. */
export function listModes(root: string): string[] {
  return [...walkTree(root)].map((entry) => `${entry.path} ${(entry.stat.mode & 0o7777).toString(8)}`);
}

export function readAll(root: string, names: readonly string[]): string[] {
  return names.map((name) => readFileSync(join(root, name), "utf8"));
}

/** One of the folders that the recorded cases read. */
export function goldenTree(name: string): Entries {
  const all = JSON.parse(readFileSync("tests/conformance/golden/fixtures.json", "utf8")) as Record<
    string,
    readonly { path: string; type: string; contents?: string; target?: string }[]
  >;
  return Object.fromEntries(
    (all[name] ?? []).map((entry) => [
      entry.path,
      entry.type === "dir" ? null : entry.type === "link" ? { link: entry.target ?? "" } : (entry.contents ?? ""),
    ]),
  );
}
