import { readlinkSync, type Stats } from "node:fs";
import { join } from "node:path";
import { fileDigest } from "../store/content.ts";
import { walkTree } from "../store/tree-walk.ts";
import { compareRuns } from "./compare.ts";
import type { ChangedFile, ChangedFiles, StoredFolder, Trace, TraceInput } from "./trace.ts";

/** So many are named. */
const NAMED_FILES = 50;
/** How much one command may still look at: the person waits for it to end. */
export interface Patience {
  /** Files and folders. */
  entries: number;
  /** What is read to compare files which cannot be told apart otherwise. */
  bytes: number;
}

function wholePatience(): Patience {
  return { entries: 100_000, bytes: 128 << 20 };
}

/**
 * The run with the names of the files that changed against the run before it, wherever it says that a folder changed.
 * They are kept with it: what the store has of these folders may be gone when somebody looks.
 *
 * @param hide a text without what is secret in it
 */
export function withChangedFiles(
  trace: Trace,
  before: Trace,
  { storeDir, hide }: { readonly storeDir: string; hide(text: string): string },
): Trace {
  const looking: Looking = { storeDir, known: new Map(), patience: wholePatience() };
  const steps = compareRuns(trace, before).map(({ step, before: was, mark, changed = [] }) => {
    if (mark !== "again" || changed.length === 0) return step;
    const inputs = step.inputs?.map((input): TraceInput => {
      const old = changed.includes(input.name) ? was?.inputs?.find(({ name }) => name === input.name) : undefined;
      const files = old === undefined ? undefined : changedBetween(old, input, looking);
      if (files === undefined) return input;
      return {
        ...input,
        changed: { ...files, first: files.first.map(({ path, how }) => ({ path: hide(path), how })) },
      };
    });
    return { ...step, ...(inputs === undefined ? {} : { inputs }) };
  });
  return { ...trace, steps, comparedWith: before.startedAt };
}

interface Looking {
  readonly storeDir: string;
  /** By both folders. */
  readonly known: Map<string, ChangedFiles | undefined>;
  readonly patience: Patience;
}

function changedBetween(before: TraceInput, after: TraceInput, looking: Looking): ChangedFiles | undefined {
  const { storeDir, known, patience } = looking;
  const [was, is] = [before.folders ?? [], after.folders ?? []];
  if (was.length !== is.length) return undefined;
  let files: ChangedFiles = { first: [], more: 0 };
  for (const [place, folder] of is.entries()) {
    const old = was[place];
    if (old === undefined || placeOf(storeDir, old) === placeOf(storeDir, folder)) continue;
    const pair = `${placeOf(storeDir, old)}\n${placeOf(storeDir, folder)}`;
    if (!known.has(pair)) known.set(pair, compareFolders(placeOf(storeDir, old), placeOf(storeDir, folder), patience));
    const found = known.get(pair);
    if (found === undefined) return undefined;
    const first = [...files.first, ...found.first];
    files = {
      first: first.slice(0, NAMED_FILES),
      more: files.more + found.more + Math.max(0, first.length - NAMED_FILES),
    };
  }
  return files.first.length === 0 ? undefined : files;
}

function placeOf(storeDir: string, { layer, path }: StoredFolder): string {
  return join(storeDir, "layers", layer, path);
}

/**
 * Which files of two folders that do not change differ; undefined when one is not there or that would take long.
 *
 * Files of one size and one time count as the same, unless nothing else differs: only then they are read.
 *
 * @param patience gets less by what was looked at
 */
export function compareFolders(before: string, after: string, patience = wholePatience()): ChangedFiles | undefined {
  try {
    const [was, is] = [entriesOf(before, patience), entriesOf(after, patience)];
    const folders: Folders = { before, after, was, is, patience };
    const found = differences(folders, true) ?? differences(folders, false);
    return found === undefined ? undefined : shortened(found);
  } catch {
    // The store has given one up meanwhile, or it is more than one wants to read.
    return undefined;
  }
}

interface Folders {
  readonly before: string;
  readonly after: string;
  readonly was: ReadonlyMap<string, Stats>;
  readonly is: ReadonlyMap<string, Stats>;
  readonly patience: Patience;
}

/** Undefined when there are none. */
function differences({ before, after, was, is, patience }: Folders, trustsTimes: boolean): ChangedFile[] | undefined {
  const found: ChangedFile[] = [];
  const isSame = (path: string, old: Stats, now: Stats): boolean => {
    const [from, to] = [join(before, path), join(after, path)];
    if (old.mode !== now.mode) return false;
    if (now.isSymbolicLink()) return readlinkSync(from) === readlinkSync(to);
    if (!now.isFile()) return true;
    if (old.size !== now.size) return false;
    if (trustsTimes && old.mtimeMs === now.mtimeMs) return true;
    patience.bytes -= 2 * now.size;
    if (patience.bytes < 0) throw new Error("there is too much to read");
    return fileDigest(from) === fileDigest(to);
  };
  for (const [path, now] of is) {
    const old = was.get(path);
    if (old === undefined) found.push({ path: shownPath(path, now), how: "new" });
    else if (!isSame(path, old, now)) found.push({ path: shownPath(path, now), how: "changed" });
  }
  for (const [path, old] of was) if (!is.has(path)) found.push({ path: shownPath(path, old), how: "gone" });
  return found.length === 0 ? undefined : found;
}

function entriesOf(folder: string, patience: Patience): Map<string, Stats> {
  const found = new Map<string, Stats>();
  for (const { path, stat } of walkTree(folder)) {
    patience.entries--;
    if (patience.entries < 0) throw new Error("there is too much to look at");
    found.set(path, stat);
  }
  return found;
}

function shownPath(path: string, stat: Stats): string {
  return stat.isDirectory() ? `${path}/` : path;
}

/** Of a folder that is new or gone with files in it, the files are told. */
function shortened(found: readonly ChangedFile[]): ChangedFiles {
  const told = [...found]
    .sort((left, right) => (left.path < right.path ? -1 : 1))
    .filter(({ path }, place, all) => !path.endsWith("/") || all[place + 1]?.path.startsWith(path) !== true);
  return { first: told.slice(0, NAMED_FILES), more: Math.max(0, told.length - NAMED_FILES) };
}
