import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { compareTrees } from "./compare.ts";
import { gitFailure, gitOutput, runGit } from "./git-run.ts";
import { copyWithContent } from "./merge.ts";
import { resolveInsideSync } from "./paths.ts";

/**
 * Applies a unified diff to a folder.
 *
 * @throws Error with what git says when it does not fit
 */
export async function applyPatch(root: string, path: string, patch: string): Promise<void> {
  const folder = resolveInsideSync(root, path, { followLast: true });
  await gitOutput(folder, ["apply", "--whitespace=nowarn", "-"], patch);
}

/** How many lines of a file changed. */
export interface FileDifference {
  readonly path: string;
  readonly oldPath: string | undefined;
  readonly kind: "ADDED" | "MODIFIED" | "REMOVED" | "RENAMED";
  readonly addedLines: number;
  readonly removedLines: number;
}

/** Two folders, and an empty one of this process to work in. */
interface Sides {
  readonly before: string;
  readonly after: string;
  readonly scratch: string;
}

/** The changes between two folders as git shows them. */
export async function makePatch(sides: Sides): Promise<string> {
  return await diffFolders(sides, ["--no-prefix"]);
}

/** Statistics of the changes between two folders, in order of their names; folders do not count. */
export async function countChanges(sides: Sides): Promise<readonly FileDifference[]> {
  const listed = await diffFolders(sides, ["--numstat", "-z", "--no-renames"]);
  const { added, removed } = compareTrees(sides.before, sides.after);
  return listed
    .split("\0")
    .filter((line) => line !== "")
    .flatMap((line) => parseCount(line, new Set(added), removed))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Lines of `--numstat -z` for two folders have both names in fields of their own. */
function parseCount(line: string, added: ReadonlySet<string>, removed: readonly string[]): readonly FileDifference[] {
  const match = /^(\d+|-)\t(\d+|-)\t(.*)$/s.exec(line);
  if (match === null) return [];
  const [, plus, minus, name = ""] = match;
  const path = name.replace(/^[ab]\//, "");
  const isRemoved = removed.some((gone) => gone === path || (gone.endsWith("/") && path.startsWith(gone)));
  const kind = added.has(path) ? "ADDED" : isRemoved ? "REMOVED" : "MODIFIED";
  return [{ path, oldPath: undefined, kind, addedLines: Number(plus) || 0, removedLines: Number(minus) || 0 }];
}

/** Only what differs is given to git, under the names `a` and `b` that stand in its answer. */
async function diffFolders({ before, after, scratch }: Sides, options: readonly string[]): Promise<string> {
  const { added, modified, removed } = compareTrees(before, after);
  await Promise.all([mkdir(join(scratch, "a")), mkdir(join(scratch, "b"))]);
  await copyWithContent(before, join(scratch, "a"), [...modified, ...removed]);
  await copyWithContent(after, join(scratch, "b"), [...modified, ...added]);
  const args = ["diff", "--no-index", "--no-color", "--no-ext-diff", "--abbrev=7", ...options, "a", "b"];
  const result = await runGit(scratch, args);
  // 1: there are differences.
  if (result.exitCode > 1) throw gitFailure(args, result);
  return result.stdout.toString("utf8");
}
