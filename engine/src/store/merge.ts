import { lstatSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { compareTrees, copyPaths, type TreeDifference } from "./compare.ts";
import { copyTreeInto } from "./copy.ts";
import type { GivenMetadata } from "./copy-entries.ts";
import { removePath } from "./edit.ts";
import { gitFailure, gitOutput, runGit } from "./git-run.ts";
import { walkTree } from "./tree-walk.ts";

export type ConflictStrategy = "FAIL_EARLY" | "FAIL" | "LEAVE_CONFLICT_MARKERS" | "PREFER_OURS" | "PREFER_THEIRS";

/** Folders that can be read. */
export interface MergeSides {
  /** What our change began with. */
  readonly base: string;
  /** What it ended with. */
  readonly ours: string;
  readonly theirsBefore: string;
  readonly theirsAfter: string;
  /** Empty. */
  readonly scratch: string;
}

/** Copies what only `from` has to `into`, which is a copy of `like`. */
export async function copyMissing(from: string, like: string, into: string): Promise<void> {
  const missing = [...walkTree(from)].map((entry) => entry.path).filter((path) => !isThere(join(like, path)));
  await copyPaths(from, into, missing);
}

function isThere(place: string): boolean {
  try {
    return lstatSync(place, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return false;
    throw error;
  }
}

/** Does to a folder what was done between two others; `after` is the second of them. */
export async function applyDifference(
  folder: string,
  difference: TreeDifference,
  after: string,
  given: GivenMetadata = {},
): Promise<void> {
  for (const gone of difference.removed) removePath(folder, gone);
  await copyWithContent(after, folder, [...difference.added, ...difference.modified], given);
}

/** Files by their path, and folders with all that is in them. */
export async function copyWithContent(
  from: string,
  into: string,
  paths: readonly string[],
  given: GivenMetadata = {},
): Promise<void> {
  const files = paths.filter((path) => !path.endsWith("/"));
  await copyPaths(from, into, files, given);
  for (const folder of paths.filter((path) => path.endsWith("/"))) {
    await copyTreeInto({
      sourceRoot: from,
      sourcePath: folder,
      destinationRoot: into,
      destinationPath: folder,
      ...given,
    });
  }
}

/**
 * Adds their change to a folder that holds ours. What only they touched is taken over; files that both touched are
 * merged line by line.
 *
 * @throws Error with what git says about a conflict that the strategy does not settle
 */
export async function mergeInto(folder: string, sides: MergeSides, strategy: ConflictStrategy): Promise<void> {
  const our = touched(sides.base, sides.ours);
  const theirs = touched(sides.theirsBefore, sides.theirsAfter);
  const both = [...theirs].filter((path) => our.has(path)).sort();
  if (both.length > 0 && strategy === "FAIL_EARLY") {
    throw new Error(`both changes touch the same files: ${both.join(", ")}`);
  }
  // Git will not merge the files of a repository, and they must never get into the one that merges.
  const inGit = both.filter((path) => path.split("/").includes(".git"));
  const mergeable = both.filter((path) => !inGit.includes(path));
  if (inGit.length > 0 && !strategy.startsWith("PREFER_")) {
    throw new Error(`both changes touch files of the same repository, which cannot be merged: ${inGit.join(", ")}`);
  }
  // What is ours is in the folder itself, which is about to change.
  const kept = join(sides.scratch, "kept");
  await mkdir(kept);
  await copyPaths(sides.ours, kept, inGit);
  const merged = await mergeTouched(sides, mergeable, strategy);
  await applyDifference(folder, compareTrees(sides.theirsBefore, sides.theirsAfter), sides.theirsAfter);
  await replacePaths(folder, merged, mergeable);
  if (strategy === "PREFER_OURS") await replacePaths(folder, kept, inGit);
}

async function replacePaths(folder: string, from: string, paths: readonly string[]): Promise<void> {
  if (paths.length === 0) return;
  for (const path of paths) removePath(folder, path);
  await copyPaths(from, folder, paths);
}

/** Files that differ; of a folder that is gone all that was in it. */
function touched(before: string, after: string): ReadonlySet<string> {
  const { added, modified, removed } = compareTrees(before, after);
  const files = [...added, ...modified, ...removed].filter((path) => !path.endsWith("/"));
  for (const folder of removed.filter((path) => path.endsWith("/"))) {
    for (const entry of walkTree(join(before, folder))) {
      if (!entry.stat.isDirectory()) files.push(`${folder}${entry.path}`);
    }
  }
  return new Set(files);
}

/** Merges some files in a repository made for it, and returns the folder with the result. */
async function mergeTouched(sides: MergeSides, paths: readonly string[], strategy: ConflictStrategy): Promise<string> {
  const work = join(sides.scratch, "merged");
  await mkdir(work);
  if (paths.length === 0) return work;
  const git = (...args: string[]) => gitOutput(work, args);
  const commit = async (from: string, message: string) => {
    for (const path of paths) removePath(work, path);
    await copyPaths(from, work, paths);
    // Git takes a file for unchanged whose size, times in seconds and number are those of the one before: it must read all.
    await rm(join(work, ".git/index"), { force: true });
    await git("add", "--all", "--force");
    await git("commit", "--quiet", "--allow-empty", "--message", message);
  };
  await git("init", "--quiet", "--initial-branch=ours");
  await commit(sides.base, "base");
  await git("checkout", "--quiet", "-b", "theirs");
  await commit(sides.theirsAfter, "theirs");
  await git("checkout", "--quiet", "ours");
  await commit(sides.ours, "ours");
  const preference = strategy === "PREFER_OURS" ? ["-X", "ours"] : strategy === "PREFER_THEIRS" ? ["-X", "theirs"] : [];
  const args = ["merge", "--no-edit", "--no-commit", ...preference, "theirs"];
  const result = await runGit(work, args);
  if (result.exitCode !== 0 && strategy !== "LEAVE_CONFLICT_MARKERS") throw gitFailure(args, result);
  await rm(join(work, ".git"), { recursive: true, force: true });
  return work;
}
