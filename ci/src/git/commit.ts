import { SlipwayError } from "../account.ts";

/** The commit that images are made from, and what of it is written on them. */
export interface Commit {
  /** Full hash. */
  readonly hash: string;
  /** Committer time in whole seconds, ISO 8601 in UTC: `2026-11-25T14:12:49Z`. */
  readonly time: string;
  /** E-mail address of the author. */
  readonly author: string;
  /** Files that are built but are not as in the commit, each with its letter of `git diff`: `M services/x/main.ts`. */
  readonly changes: readonly string[];
}

/**
 * What `readCommit` runs: prints the commit, then one line for each file that is not as in the commit. Those that are
 * only not there may not have been handed in. It writes to the file $2;
 * $1 is one that it may write for itself.
 */
export const commitScript = `
set -eu
exec >"$2"
mkdir -p .git/objects .git/refs
# Nothing is printed where there is no commit yet.
git rev-parse --verify --quiet HEAD >"$1" || exit 0
git log -1 --format='%H%n%ct%n%ae'
git read-tree HEAD
git ls-files -z -- .gitignore '**/.gitignore' | git checkout-index --quiet -z --stdin 2>/dev/null || true
git ls-files --cached --ignored --exclude-standard >"$1"
git add --all .
git diff --cached --name-status --no-renames --diff-filter=d HEAD
# What is ignored was not handed in, also when the commit has it.
git diff --cached --name-status --no-renames --diff-filter=D HEAD |
  awk -F '\t' 'FILENAME == ARGV[1] { ignored[$0]; next } !($2 in ignored)' "$1" -
`;

/**
 * Reads what `commitScript` printed.
 *
 * @param isHandedIn whether a file would have been handed in if it was there
 * @throws SlipwayError `no-commit` when nothing was printed, because nobody has committed yet
 * @throws Error when it is something else
 */
export function parseCommit(output: string, isHandedIn: (path: string) => boolean): Commit {
  if (output === "") throw refuseUnborn();
  const [hash = "", seconds = "", author = "", ...changes] = output.trimEnd().split("\n");
  if (!/^[0-9a-f]{40,64}$/.test(hash) || !/^\d+$/.test(seconds)) throw new Error(`this is not a commit: ${output}`);
  return {
    hash,
    time: new Date(Number(seconds) * 1000).toISOString().replace(".000Z", "Z"),
    author,
    changes: changes
      .filter((line) => !line.startsWith("D\t") || isHandedIn(line.slice(2)))
      .map((line) => line.replace("\t", " ")),
  };
}

function refuseUnborn(): SlipwayError {
  return new SlipwayError("no-commit", {
    what: "there is no commit to name the images after: nothing has been committed on this branch yet",
    where: ".git/HEAD",
    todo: "git add --all && git commit",
  });
}

/** The revision as it is written on images: with `-dirty` when the files are not those of the commit. */
export function nameRevision({ hash, changes }: Commit): string {
  return changes.length === 0 ? hash : `${hash}-dirty`;
}

/** A tag that people can read and sort: `20261125141249-6bb0d4da956a`. */
export function nameVersion(commit: Commit): string {
  const time = commit.time.replace(/\D/g, "");
  return `${time}-${nameRevision({ ...commit, hash: commit.hash.slice(0, 12) })}`;
}
