import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { compareTrees } from "./compare.ts";
import { gitFailure, gitOutput, runGit } from "./git-run.ts";
import { resolveInsideSync } from "./inside.ts";
import { copyWithContent } from "./merge.ts";
import { walkTree } from "./tree-walk.ts";

/**
 * To git the folder is no repository, whatever lies in it: the settings of one there could name programs of this machine as
 * filters for what is written.
 */
const NO_REPOSITORY = { GIT_DIR: "/nonexistent" };

/**
 * Applies a unified diff to a folder.
 *
 * @throws Error with what git says when it does not fit
 */
export async function applyPatch(root: string, path: string, patch: string): Promise<void> {
  const folder = resolveInsideSync(root, path, { followLast: true });
  await gitOutput(folder, ["apply", "--whitespace=nowarn", "--allow-empty", "-"], { input: patch, env: NO_REPOSITORY });
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
  return await diffFolders(sides, ["--binary", "--no-prefix"]);
}

/** Statistics of the changes between two folders, in order of their names; folders end with a slash and have no lines. */
export async function countChanges(sides: Sides): Promise<readonly FileDifference[]> {
  const { added, removed } = compareTrees(sides.before, sides.after);
  const fields = (await diffFolders(sides, ["--numstat", "-z"])).split("\0");
  const found: FileDifference[] = foldersOf(sides.before, added, removed);
  // For two folders a count is followed by both names, `a/…` and `b/…`, or `/dev/null`.
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const [plus = "", minus = ""] = (fields[at] as string).split("\t");
    const [old, now] = [nameIn("a/", fields[at + 1]), nameIn("b/", fields[at + 2])];
    const path = (now ?? old) as string;
    const isRenamed = old !== undefined && now !== undefined && old !== now;
    const kind = covers(added, path) ? "ADDED" : covers(removed, path) ? "REMOVED" : "MODIFIED";
    found.push({
      path,
      oldPath: isRenamed ? old : undefined,
      kind: isRenamed ? "RENAMED" : kind,
      // Of files that are no text git counts no lines: `-`.
      addedLines: Number(plus) || 0,
      removedLines: Number(minus) || 0,
    });
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function nameIn(folder: string, shown: string | undefined): string | undefined {
  return shown === undefined || shown === "/dev/null" ? undefined : shown.slice(folder.length);
}

/** Folders that came and went, with those in them. */
function foldersOf(before: string, added: readonly string[], removed: readonly string[]): FileDifference[] {
  const isFolder = (path: string) => path.endsWith("/");
  const gone = [...walkTree(before)].flatMap(({ path, stat }) =>
    stat.isDirectory() && covers(removed, `${path}/`) ? [`${path}/`] : [],
  );
  const entry = (path: string, kind: FileDifference["kind"]) => ({
    path,
    oldPath: undefined,
    kind,
    addedLines: 0,
    removedLines: 0,
  });
  return [...added.filter(isFolder).map((path) => entry(path, "ADDED")), ...gone.map((path) => entry(path, "REMOVED"))];
}

function covers(paths: readonly string[], path: string): boolean {
  return paths.some((other) => other === path || (other.endsWith("/") && path.startsWith(other)));
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
