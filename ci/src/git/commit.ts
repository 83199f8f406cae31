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

/** What `readCommit` runs: prints the commit, then one line for each file that is not as in the commit. */
export const commitScript = `
set -eu
mkdir -p .git/objects .git/refs
git log -1 --format='%H%n%ct%n%ae'
git read-tree HEAD
git add --all .
# Of the files that are not there only those of the services: the rest of the repository was not handed in.
git diff --cached --name-status --no-renames --diff-filter=d HEAD
git diff --cached --name-status --no-renames --diff-filter=D HEAD -- services \
  ':(exclude,glob)**/dist/**' ':(exclude,glob)**/node_modules/**'
`;

/**
 * Reads what `commitScript` printed.
 *
 * @throws Error when it is something else.
 */
export function parseCommit(output: string): Commit {
  const [hash = "", seconds = "", author = "", ...changes] = output.trimEnd().split("\n");
  if (!/^[0-9a-f]{40,64}$/.test(hash) || !/^\d+$/.test(seconds)) throw new Error(`this is not a commit: ${output}`);
  return {
    hash,
    time: new Date(Number(seconds) * 1000).toISOString().replace(".000Z", "Z"),
    author,
    changes: changes.map((line) => line.replace("\t", " ")),
  };
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
