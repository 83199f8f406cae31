import { SlipwayError } from "../account.ts";

/** What has to be known about the repository's commits. */
export interface Commits {
  /**
   * Those of `candidates` that `commit` contains, itself included.
   *
   * @throws SlipwayError `no-commit` when the repository does not have `commit`.
   */
  findAncestors(commit: string, candidates: readonly string[]): Promise<string[]>;
  /** A file as it is on a branch; `undefined` when there is no such branch or file. */
  readFile(branch: string, path: string): Promise<string | undefined>;
}

/**
 * Prints those of the commits $2 … that $1 contains. Ends with 3 when the repository does not have $1, and with 4 when
 * it has not all of what came before it, so that "not contained" would mean nothing.
 */
export const ANCESTORS_SCRIPT = `
set -eu
mkdir -p .git/objects .git/refs
commit=$1
shift
git cat-file -e "$commit^{commit}" 2>/dev/null || exit 3
missing=
for other; do
  if git cat-file -e "$other^{commit}" 2>/dev/null && git merge-base --is-ancestor "$other" "$commit"; then
    echo "$other"
  else
    missing=yes
  fi
done
if [ -n "$missing" ] && [ "$(git rev-parse --is-shallow-repository)" = true ]; then exit 4; fi
`;

/** Prints the file $2 of the branch $1: of the remote where there is one, because the local one is anybody's. */
export const FILE_SCRIPT = `
set -eu
mkdir -p .git/objects .git/refs
for ref in "refs/remotes/origin/$1" "refs/heads/$1"; do
  if git cat-file -e "$ref^{commit}" 2>/dev/null; then
    git cat-file -e "$ref:$2" 2>/dev/null || exit 3
    exec git cat-file blob "$ref:$2"
  fi
done
exit 3
`;

/** The error for exit code 3 or 4 of `ANCESTORS_SCRIPT`. */
export function refuseHistory(exitCode: number, commit: string): SlipwayError {
  return new SlipwayError("no-commit", {
    what:
      exitCode === 3
        ? `the repository has no commit ${commit}, which the release was made from`
        : `the repository does not reach back far enough to tell whether commit ${commit} is newer than what runs`,
    where: ".git at the top of the checkout",
    todo: "fetch all commits (git fetch --unshallow; in GitHub Actions fetch-depth: 0)",
  });
}
